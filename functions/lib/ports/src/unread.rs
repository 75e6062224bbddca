//! Keeping what could not be read.

use crate::{Commit, CommitError, PortError, Record, Write};
use engine::Unread;
use jiff::Timestamp;
use serde_json::Value;

/// Keeps something that could not be read, once; doing it again changes nothing.
///
/// # Errors
/// [`PortError`] when it could not be written.
pub async fn keep_unread(table: &impl Commit, unread: Unread) -> Result<(), PortError> {
    match table.commit(vec![Write::create(Record::Unread(unread))]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => Ok(()),
        Err(CommitError::Port(error)) => Err(error),
    }
}

/// Keeps an event of a later version of the contract than this `reader` knows.
///
/// # Errors
/// As [`keep_unread`].
pub async fn keep_newer(
    table: &impl Commit,
    reader: &str,
    (id, version, event): (String, u64, Value),
    now: Timestamp,
) -> Result<(), PortError> {
    tracing::warn!(event.id = id, event.version = version, "kept an event of a later version");
    keep_unread(table, Unread::newer(reader, id, version, event, now)).await
}
