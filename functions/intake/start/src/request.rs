//! What comes in: an event of the bus, or a caller's request.

use crate::failed::Failed;
use events::{UserId, WorkflowSelected};
use serde::Deserialize;
use serde_json::Value;
use shell::bus::{Newer, Received, is_bus_event, receive};

/// The longest idempotency key.
const LONGEST_KEY: usize = 128;

/// A user's selection, as a caller sends it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who selects.
    pub user_id: UserId,
    /// What.
    pub selection: WorkflowSelected,
}

impl Request {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`Failed::Malformed`] names the field that is missing, unknown or of another shape; [`Failed::Key`] a key that is none.
    pub(crate) fn read(payload: Value) -> Result<Result<Self, Newer>, Failed> {
        let request = if is_bus_event(&payload) {
            match receive::<WorkflowSelected>(payload)? {
                Received::Known(it) => Self { user_id: it.user_id, selection: it.data },
                Received::Newer(newer) => return Ok(Err(newer)),
            }
        } else {
            shell::parse::<Self>(payload)?
        };
        let key = &request.selection.idempotency_key;
        if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(Failed::Key);
        }
        Ok(Ok(request))
    }
}
