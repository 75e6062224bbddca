//! The sandbox's state and the file it is kept in: read once, written whole after every change, by rename, so that a
//! killed server finds either the old state or the new.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::faults::FaultRule;
use crate::world::World;

/// Version of the file's format.
const FORMAT: u32 = 1;

/// The state of the whole sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    format: u32,
    /// The user of the household the server was started with.
    pub default_user: String,
    /// Worlds by user; a changed copy of the state shares those that are as they were.
    pub users: BTreeMap<String, Arc<Kept>>,
    /// Public tokens that were created.
    pub public_tokens: BTreeMap<String, PublicToken>,
    /// Items by access token.
    pub access_tokens: BTreeMap<String, Item>,
    /// Fault rules in order of creation.
    pub faults: Vec<FaultRule>,
    /// Counts everything that needs a number.
    pub counter: u64,
}

/// A world and, once it was written, how: what a change leaves alone is not written out anew.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "World")]
pub struct Kept {
    world: World,
    written: OnceLock<Box<RawValue>>,
}

impl From<World> for Kept {
    fn from(world: World) -> Self {
        Self { world, written: OnceLock::new() }
    }
}

impl Deref for Kept {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Kept {
    fn deref_mut(&mut self) -> &mut World {
        self.written.take();
        &mut self.world
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.world == other.world
    }
}

/// Two that are shared are equal without being looked at.
impl Eq for Kept {}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.written.get().is_none() {
            let written = serde_json::value::to_raw_value(&self.world).map_err(S::Error::custom)?;
            let _ = self.written.set(written);
        }
        self.written.get().serialize(serializer)
    }
}

/// A public token of Plaid's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicToken {
    /// The user.
    pub user: String,
    /// The institution that was asked for.
    pub institution_id: String,
    /// Whether it was exchanged.
    pub used: bool,
}

/// An item of Plaid's: one login at one institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The user.
    pub user: String,
    /// Its id.
    pub item_id: String,
    /// The institution.
    pub institution_id: String,
}

impl State {
    /// The state of a sandbox with one user.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self {
            format: FORMAT,
            default_user: world.user_id.clone(),
            users: BTreeMap::from([(world.user_id.clone(), Arc::new(world.into()))]),
            public_tokens: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            faults: Vec::new(),
            counter: 0,
        }
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}

/// A state file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be read.
    #[error("state file {file}: cannot be read", file = file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is not a state of this version.
    #[error("state file {file}: is not a state of this sandbox (start with --reset to begin anew)", file = file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// It cannot be written.
    #[error("state file {file}: cannot be written", file = file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// The file.
#[derive(Debug, Clone)]
pub struct Store {
    file: PathBuf,
}

impl Store {
    /// A store in `file`; its folder must exist.
    #[must_use]
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The state that was kept; none when there is no file yet.
    ///
    /// # Errors
    /// [`StoreError::Read`] and [`StoreError::Format`].
    pub fn load(&self) -> Result<Option<State>, StoreError> {
        let text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Read { file: self.file.clone(), source }),
        };
        let state = serde_json::from_str(&text);
        state.map(Some).map_err(|source| StoreError::Format { file: self.file.clone(), source })
    }

    /// Replaces what is kept.
    ///
    /// # Errors
    /// [`StoreError::Write`]; the old state is still there then.
    pub fn save(&self, state: &State) -> Result<(), StoreError> {
        self.write(state).map_err(|source| StoreError::Write { file: self.file.clone(), source })
    }

    fn write(&self, state: &State) -> std::io::Result<()> {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut draft = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        draft.write_all(&serde_json::to_vec(state)?)?;
        draft.persist(&self.file).map_err(|error| error.error)?;
        Ok(())
    }
}
