//! The sandbox behind its doors: one state, changed under one lock and saved before anybody hears of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use crate::hash::digest_of;
use crate::household::{self, Household, HouseholdError, Source};
use crate::store::{State, Store, StoreError};
use crate::world::{Code, Refusal, World};

/// Why a sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The household cannot be read.
    #[error(transparent)]
    Household(#[from] HouseholdError),
    /// The state cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state belongs to another household.
    #[error(
        "state file {file}: belongs to {kept}, not to {asked}, or that file has changed (start with --reset to begin anew)",
        kept = kept.display(),
        asked = asked.display()
    )]
    OtherHousehold {
        /// The state file.
        file: String,
        /// The household it was made for.
        kept: std::path::PathBuf,
        /// The household that was asked for.
        asked: std::path::PathBuf,
    },
}

/// One sandbox.
#[derive(Debug)]
pub struct Service {
    store: Store,
    source: Source,
    left_out: Vec<String>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    /// Households as they were read, by source.
    households: Households,
}

type Households = BTreeMap<Source, Read>;

/// A household as it was read.
#[derive(Clone, Debug)]
struct Read {
    household: Arc<Household>,
    fingerprint: String,
}

impl Read {
    fn load(source: &Source) -> Result<Self, HouseholdError> {
        let household = Arc::new(household::load(source)?);
        let fingerprint = fingerprint(&household);
        Ok(Self { household, fingerprint })
    }
}

impl Service {
    /// Starts from the state that was kept, or from the household when there is none or `reset` asks for it. Of the users that were
    /// added later, those whose household is gone or has changed are left out.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(store: Store, source: Source, reset: bool) -> Result<Self, StartError> {
        let own = Read::load(&source)?;
        let kept = if reset { None } else { store.load()? };
        let mut households = Households::from([(source.clone(), own.clone())]);
        let mut left_out = Vec::new();
        let state = match kept {
            Some(state) => {
                for world in state.users.values() {
                    let is_own = world.user_id == state.default_user;
                    match read_again(&households, world) {
                        Ok(read) if !is_own || world.source == source => {
                            households.insert(world.source.clone(), read);
                        }
                        Err(reason) if !is_own => left_out.push(format!("{}: {reason}", world.user_id)),
                        _ => {
                            return Err(StartError::OtherHousehold {
                                file: store.file().display().to_string(),
                                kept: world.source.file.clone(),
                                asked: source.file,
                            });
                        }
                    }
                }
                state
            }
            None => State::new(new_world(&own.household.user_id, &source, &own)),
        };
        store.save(&state)?;
        Ok(Self { store, source, left_out, inner: Mutex::new(Inner { state, households }) })
    }

    /// The users that are kept and not served, each with the reason.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Looks at the state.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().state)
    }

    /// Looks at a user's world and household.
    ///
    /// # Errors
    /// `not_found` for an unknown user, else what `look` refuses.
    pub fn look<T>(
        &self,
        user: &str,
        look: impl FnOnce(&World, &Household) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let inner = self.lock();
        let world = inner.state.users.get(user).ok_or_else(|| Refusal::missing("user", user))?;
        look(world, &*household_of(&inner.households, world)?)
    }

    /// Changes the state: all of it or, when `change` refuses or the file cannot be written, nothing.
    ///
    /// # Errors
    /// What `change` refuses; `unavailable` when the state cannot be saved.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut inner = self.lock();
        let mut draft = inner.state.clone();
        let result = change(&mut draft)?;
        self.save(&mut inner, draft)?;
        Ok(result)
    }

    /// Changes a user's world: all of it or nothing.
    ///
    /// # Errors
    /// As [`Service::change`]; `not_found` for an unknown user.
    pub fn act<T>(
        &self,
        user: &str,
        act: impl FnOnce(&mut World, &Household) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut inner = self.lock();
        let world = inner.state.users.get(user).ok_or_else(|| Refusal::missing("user", user))?;
        let household = household_of(&inner.households, world)?;
        let mut draft = inner.state.clone();
        let world = draft.users.get_mut(user).ok_or_else(|| Refusal::missing("user", user))?;
        let result = act(&mut *Arc::make_mut(world), &household)?;
        self.save(&mut inner, draft)?;
        Ok(result)
    }

    /// Adds a user with a world of their own. Answers whether it is new.
    ///
    /// # Errors
    /// `bad_request` for a household that cannot be read.
    pub fn add_user(
        &self,
        user: &str,
        file: Option<std::path::PathBuf>,
        person: Option<String>,
        as_of: Option<Date>,
    ) -> Result<bool, Refusal> {
        if self.read(|state| state.users.contains_key(user)) {
            return Ok(false);
        }
        let file = file.map(|file| file.canonicalize().unwrap_or(file));
        let source = Source {
            person: person.or_else(|| self.source.person.clone().filter(|_| file.is_none())),
            as_of: as_of.or(self.source.as_of.filter(|_| file.is_none())),
            file: file.unwrap_or_else(|| self.source.file.clone()),
            broadband: self.source.broadband.clone(),
        };
        let kept = self.lock().households.get(&source).cloned();
        let read = match kept {
            Some(kept) => kept,
            None => Read::load(&source).map_err(|error| Refusal::bad("household", error.to_string()))?,
        };
        let mut inner = self.lock();
        let mut draft = inner.state.clone();
        draft.users.insert(user.to_owned(), Arc::new(new_world(user, &source, &read).into()));
        inner.households.insert(source, read);
        self.save(&mut inner, draft)?;
        Ok(true)
    }

    fn save(&self, inner: &mut MutexGuard<'_, Inner>, draft: State) -> Result<(), Refusal> {
        if draft == inner.state {
            return Ok(());
        }
        self.store.save(&draft).map_err(|error| Refusal::new(Code::Unavailable, error.to_string()))?;
        inner.state = draft;
        Ok(())
    }

    /// A panic elsewhere cannot leave the state half changed, as changes are made on a copy.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A user's household, if it was read as it was when the user was added.
fn household_of(households: &Households, world: &World) -> Result<Arc<Household>, Refusal> {
    let found = households.get(&world.source).filter(|read| read.fingerprint == world.fingerprint);
    found.map(|read| Arc::clone(&read.household)).ok_or_else(|| {
        let file = world.source.file.display();
        Refusal::new(
            Code::Unavailable,
            format!("the household {file} was not as it is kept when the sandbox began"),
        )
    })
}

/// A user's household as it was when the user was added, or why it is not to be had.
fn read_again(households: &Households, world: &World) -> Result<Read, String> {
    let read = match households.get(&world.source) {
        Some(read) => read.clone(),
        None => Read::load(&world.source).map_err(|error| error.to_string())?,
    };
    if read.fingerprint == world.fingerprint {
        Ok(read)
    } else {
        Err(format!("{} has changed", world.source.file.display()))
    }
}

fn new_world(user: &str, source: &Source, read: &Read) -> World {
    World::new(user, source.clone(), read.fingerprint.clone(), &read.household)
}

/// Changes whenever the household file comes to mean something else.
fn fingerprint(household: &Household) -> String {
    digest_of(&[&format!("{household:?}")])
}
