//! The attributes of an item of the table, and what they hold as a record.
//!
//! | attribute | type | holds |
//! |---|---|---|
//! | `pk`, `sk` | S | the key |
//! | `body` | S or B | the record, JSON; deflated where it is long |
//! | `rev` | N | its revision, from 1 |
//! | `seq` | N | the number of the last event that was written with it |
//! | `write_id` | S | the id of the last write, by which a repeated request is known |
//! | `epoch` | N | of a run's control record: its epoch |
//! | `out`, `outbox` | S or B, N | the events of the last write, JSON, deflated where it is long, and how many; absent when none |
//! | `due_pk`, `due_at` | S, S | `DUE` and when the sweep must look at it; absent when never |

use crate::packed;
use engine::Out;
use ports::{PortError, Record, Stored};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
pub(crate) const BODY: &str = "body";
pub(crate) const REV: &str = "rev";
pub(crate) const SEQ: &str = "seq";
pub(crate) const OUT: &str = "out";
#[cfg(feature = "dynamodb")]
pub(crate) const WRITE_ID: &str = "write_id";
/// The value of every `due_pk`: what is due is few enough for one partition of the index.
#[cfg(feature = "dynamodb")]
pub(crate) const DUE: &str = "DUE";
/// The index over `due_pk` and `due_at`.
#[cfg(feature = "dynamodb")]
pub(crate) const DUE_INDEX: &str = "due";

/// `due_at` of a time: RFC 3339 in UTC to the nanosecond, so that texts sort as times do.
#[cfg(feature = "dynamodb")]
pub(crate) fn due_at(at: jiff::Timestamp) -> String {
    format!("{at:.9}")
}

/// What a write unit holds, in bytes.
#[cfg(feature = "s3")]
const UNIT: usize = 1024;

/// Bytes of an item beside its key and its body: the attributes' names, the counters and the id of the write.
#[cfg(feature = "s3")]
const FRAME: usize = 64;

/// Whether a step's record takes one write unit.
#[cfg(feature = "s3")]
pub(crate) fn record_is_short(record: &engine::StepRecord) -> bool {
    let key = ports::Key::Step(record.run_id.clone(), record.step_id.clone());
    let room = UNIT.saturating_sub(FRAME + key.pk().len() + key.sk().len());
    serde_json::to_string(record)
        .is_ok_and(|text| text.len() <= packed::PLAIN || packed::pack(&text).len() <= room)
}

/// An item's attributes, in whichever form they came.
pub(crate) trait Attributes {
    /// A text.
    fn text(&self, name: &str) -> Option<&str>;
    /// A number, as it is on the wire.
    fn number(&self, name: &str) -> Option<&str>;
    /// Bytes.
    fn bytes(&self, name: &str) -> Option<Cow<'_, [u8]>>;

    /// A counter.
    fn counter(&self, name: &str) -> Option<u64> {
        self.number(name)?.parse().ok()
    }

    /// The record of an item.
    fn stored(&self) -> Result<Stored, PortError> {
        let record: Option<Record> = self.json(BODY)?;
        let parts = || Some(Stored { record: record?, rev: self.counter(REV)?, seq: self.counter(SEQ)? });
        parts().ok_or_else(|| self.unreadable())
    }

    /// The events of the last write.
    fn out(&self) -> Result<Vec<Out>, PortError> {
        Ok(self.json(OUT)?.unwrap_or_default())
    }

    /// What an attribute says in JSON, as text or packed; nothing where it is absent.
    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, PortError> {
        let text = match (self.text(name), self.bytes(name)) {
            (Some(text), _) => Some(Cow::Borrowed(text)),
            (None, Some(packed)) => packed::unpack(&packed).map(Cow::Owned),
            (None, None) => return Ok(None),
        };
        text.and_then(|text| serde_json::from_str(&text).ok()).map(Some).ok_or_else(|| self.unreadable())
    }

    /// An error that names the item and nothing that is in it.
    fn unreadable(&self) -> PortError {
        let part = |name| self.text(name).unwrap_or("?");
        PortError::Unreadable { key: format!("{} {}", part(PK), part(SK)) }
    }
}
