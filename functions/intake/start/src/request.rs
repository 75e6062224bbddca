//! What comes in: an event of the bus, or a caller's request to select or to resume.

use crate::failed::Failed;
use crate::resume::Resumption;
use events::{UserId, WorkflowSelected};
use serde::Deserialize;
use serde_json::Value;
use shell::bus::{Received, Unread, is_bus_event, receive};

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

/// A user's resumption, as a caller sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resume {
    user_id: UserId,
    resume: Resumption,
}

/// What is to be done.
pub(crate) enum Wanted {
    /// A selection becomes a run.
    Select(Request),
    /// A user's stopped run is queued again.
    Resume(UserId, Resumption),
    /// The event is of a kind or a version that is not known.
    Keep(Unread),
}

impl Wanted {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`Failed::Malformed`] names the field that is missing, unknown or of another shape; [`Failed::Key`] a key that is none.
    pub(crate) fn read(payload: Value) -> Result<Self, Failed> {
        let request = if is_bus_event(&payload) {
            match receive::<WorkflowSelected>(payload)? {
                Received::Known(it) => Request { user_id: it.user_id, selection: it.data },
                Received::Unread(unread) => return Ok(Self::Keep(unread)),
            }
        } else if payload.get("resume").is_some() {
            let Resume { user_id, resume } = shell::parse(payload)?;
            return Ok(Self::Resume(user_id, resume));
        } else {
            shell::parse::<Request>(payload)?
        };
        let key = &request.selection.idempotency_key;
        if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(Failed::Key);
        }
        Ok(Self::Select(request))
    }
}
