//! What came in and could not be read: kept and marked, never lost and never in the way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that came in and could not be read: an event of a kind or a version that is not known, or a broken record of the table's stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unread {
    /// Who could not read it, such as `recommend`.
    pub reader: String,
    /// Its own id: the event's, or the stream's sequence number.
    pub id: String,
    /// Why not.
    pub reason: String,
    /// The event itself; nothing for a record of the table, which is where it was.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub event: Value,
    /// When it came.
    pub at: Timestamp,
    /// When it was last handed to its reader again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<Timestamp>,
}

impl Unread {
    /// An event that its reader does not know.
    pub fn event(reader: &str, id: String, reason: String, event: Value, at: Timestamp) -> Self {
        Self { reader: reader.to_owned(), id, reason, event, at, replayed_at: None }
    }
}
