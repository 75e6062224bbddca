//! Changing what a user allows.

use crate::problem::Problem;
use engine::{Access, Consent};
use events::UserId;
use jiff::{SignedDuration, Timestamp};
use ports::{Commit, CommitError, Key, Read, Record, Write};
use statemachines::{Catalog, Prerequisite};
use std::collections::BTreeSet;

/// The longest that a consent holds: nobody remembers longer what they allowed.
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Times that a change is tried again because something else was written at the same time.
const TRIES: u32 = 5;

/// What a user allows; nothing where nothing is recorded.
pub(crate) async fn read(ports: &impl Read, user: &UserId) -> Result<Access, Problem> {
    Ok(stored(ports, user).await?.0)
}

async fn stored(ports: &impl Read, user: &UserId) -> Result<(Access, Option<u64>), Problem> {
    for stored in ports.read(&[Key::Access(user.clone())]).await? {
        if let Record::Access(access) = stored.record {
            return Ok((access, Some(stored.rev)));
        }
    }
    Ok((Access::none(user.clone()), None))
}

/// Changes what a user allows, over whatever it is by then; what `change` refuses is not written.
pub(crate) async fn change<T>(
    ports: &(impl Read + Commit),
    user: &UserId,
    change: impl Fn(&mut Access) -> Result<T, Problem>,
) -> Result<T, Problem> {
    for _ in 0..TRIES {
        let (mut access, rev) = stored(ports, user).await?;
        let result = change(&mut access)?;
        match ports.commit(vec![write(access, rev)]).await {
            Ok(()) => return Ok(result),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Problem::contended())
}

/// A write that grants these consents for as long as any holds.
pub(crate) async fn granting(
    ports: &impl Read,
    user: &UserId,
    scopes: &[String],
    now: Timestamp,
) -> Result<Write, Problem> {
    let (mut access, rev) = stored(ports, user).await?;
    for scope in scopes {
        let consent = Consent { granted_at: now, expires_at: latest(now), revoked_at: None };
        access.consents.insert(scope.clone(), consent);
    }
    Ok(write(access, rev))
}

/// The longest that a consent given now holds.
pub(crate) fn latest(now: Timestamp) -> Timestamp {
    now.checked_add(YEAR).unwrap_or(Timestamp::MAX)
}

fn write(access: Access, rev: Option<u64>) -> Write {
    let record = Record::Access(access);
    match rev {
        Some(rev) => Write::update(record, rev),
        None => Write::create(record),
    }
}

/// Every consent that some workflow needs.
pub(crate) fn scopes(catalog: &Catalog) -> BTreeSet<&str> {
    let of_steps = catalog.iter().flat_map(|it| &it.steps).flat_map(|it| &it.consents).map(String::as_str);
    let of_starts = prerequisites(catalog).filter_map(|it| match it {
        Prerequisite::Consent { consent } => Some(consent.as_str()),
        _ => None,
    });
    of_steps.chain(of_starts).collect()
}

/// Every provider that some workflow works with.
pub(crate) fn providers(catalog: &Catalog) -> BTreeSet<&str> {
    let outside = catalog.iter().flat_map(|it| &it.external_dependencies).map(String::as_str);
    let of_starts = prerequisites(catalog).filter_map(|it| match it {
        Prerequisite::Link { link } => Some(link.as_str()),
        _ => None,
    });
    let of_scopes = scopes(catalog).into_iter().flat_map(|scope| engine::providers_of(scope).iter().copied());
    outside.chain(of_starts).chain(of_scopes).collect()
}

fn prerequisites(catalog: &Catalog) -> impl Iterator<Item = &Prerequisite> {
    catalog.iter().flat_map(|it| &it.prerequisites)
}

/// Refuses a name that no workflow knows.
pub(crate) fn known(what: &str, name: &str, names: &BTreeSet<&str>) -> Result<(), Problem> {
    if names.contains(name) {
        return Ok(());
    }
    let names: Vec<_> = names.iter().copied().collect();
    let detail = format!("No workflow needs this {what}; there are {}.", names.join(", "));
    Err(Problem::unprocessable(detail, Vec::new()))
}
