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

/// Keeps an event that this `reader` does not know: its kind, or its version of the contract.
///
/// # Errors
/// As [`keep_unread`].
pub async fn keep_event(
    table: &impl Commit,
    reader: &str,
    (id, reason, event): (String, String, Value),
    now: Timestamp,
) -> Result<(), PortError> {
    tracing::warn!(event.id = id, event.unread = reason, "kept an event that is not known");
    keep_unread(table, Unread::event(reader, id, reason, event, now)).await
}
