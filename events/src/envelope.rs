//! The versioned envelope around every event on the bus.

use crate::ids::UserId;
use crate::workflow::EventType;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The contract's version. A consumer keeps and marks an event of a higher version; it never fails on it.
pub const VERSION: u16 = 1;

/// The `source` of every event this system puts on the bus.
pub const SOURCE: &str = "household.workflows";

/// Every kind of event but those of a run.
const OTHERS: [&str; 8] = [
    "achievement.unlocked",
    "actions.recommended",
    "agent.message",
    "simulation.completed",
    "user_task.answered",
    "user_task.requested",
    "workflow.selected",
    "workflow.suggested",
];

/// Whether this version of the contract knows this kind of event: a `detail-type`. A consumer keeps and marks one that it does not know,
/// as it does one of a later version.
pub fn is_known(kind: &str) -> bool {
    OTHERS.contains(&kind) || EventType::ALL.iter().any(|it| it.as_str() == kind)
}

/// The `detail` of a bus event. `T` is told by the bus event's `detail-type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope<T> {
    /// Contract version, [`VERSION`] when written.
    pub version: u16,
    /// Unique and deterministic: the same fact published twice has the same id, so that consumers can drop the second.
    pub id: String,
    /// When the fact happened, RFC 3339 in UTC.
    pub time: Timestamp,
    /// Whose household.
    pub user_id: UserId,
    /// The fact.
    pub data: T,
}

/// Something that travels in an [`Envelope`] under a fixed `detail-type`.
pub trait Event: Serialize {
    /// The `detail-type` under which this value travels.
    fn detail_type(&self) -> &'static str;
}

impl<T: Event> Envelope<T> {
    /// Wraps a fact in the current version of the envelope.
    pub fn new(id: impl Into<String>, time: Timestamp, user_id: UserId, data: T) -> Self {
        Self { version: VERSION, id: id.into(), time, user_id, data }
    }
}
