//! What comes in: a change of a run on the bus, or the sweep's request for a user.

use engine::RunStatus;
use events::{UserId, WorkflowEvent};
use serde::Deserialize;
use serde_json::Value;
use shell::InvalidPayload;
use shell::bus::{Received, Unread, is_bus_event, receive};

/// A user whose queue is looked at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    user_id: UserId,
}

/// What is to be done.
pub(crate) enum Wanted {
    /// Look at this user's queue.
    Look(UserId),
    /// The change frees no place and brings no new run.
    Nothing,
    /// The event is of a kind or a version that is not known.
    Keep(Unread),
}

/// Reads a payload.
///
/// # Errors
/// [`InvalidPayload`] names the field that is missing, unknown or of another shape.
pub(crate) fn read(payload: Value) -> Result<Wanted, InvalidPayload> {
    if !is_bus_event(&payload) {
        return Ok(Wanted::Look(shell::parse::<Request>(payload)?.user_id));
    }
    Ok(match receive::<WorkflowEvent>(payload)? {
        Received::Unread(unread) => Wanted::Keep(unread),
        Received::Known(it) if matters(&it.data) => Wanted::Look(it.user_id),
        Received::Known(_) => Wanted::Nothing,
    })
}

/// A run that came into the queue, or one that ended. A state that cannot be read may be either.
fn matters(event: &WorkflowEvent) -> bool {
    let to = serde_json::from_value::<RunStatus>(event.data.details["to"].clone());
    to.map_or(true, |to| to == RunStatus::Queued || to.is_terminal())
}
