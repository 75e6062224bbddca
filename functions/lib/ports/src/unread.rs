//! Keeping what could not be read.

use crate::{Commit, CommitError, PortError, Record, Write};
use engine::Unread;

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
