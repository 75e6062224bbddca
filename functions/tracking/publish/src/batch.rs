//! A batch of the table's stream, as an event source mapping hands it over, and its answer.

use events::RunId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ops::RangeInclusive;

/// Records of the stream, oldest first.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The records.
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Value>,
}

/// Which records were not handled; the platform delivers those from the first of them on again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// The first record that failed, or none.
    pub batch_item_failures: Vec<Failure>,
}

/// A record that was not handled.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its sequence number in the stream.
    pub item_identifier: String,
}

impl BatchAnswer {
    /// Everything was handled up to this record.
    pub(crate) fn failing_from(record: &Value) -> Self {
        Self { batch_item_failures: vec![Failure { item_identifier: sequence_number(record).to_owned() }] }
    }
}

/// A record's sequence number; empty where it has none, which fails the whole batch.
pub(crate) fn sequence_number(record: &Value) -> &str {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
}

/// The numbers of what a record tells, where it is a run's, and which run; also of a record that cannot be read otherwise.
pub(crate) fn numbers(record: &Value) -> Option<(RunId, RangeInclusive<u64>)> {
    let image = record.pointer("/dynamodb/NewImage")?;
    let number = |name: &str| image.get(name)?.get("N")?.as_str()?.parse::<u64>().ok();
    let (last, many) = (number("seq")?, number("outbox")?);
    let keys = record.pointer("/dynamodb/Keys")?;
    let run = keys.pointer("/pk/S")?.as_str()?.strip_prefix("RUN#")?;
    let of_run = keys.pointer("/sk/S")?.as_str()? == "META";
    let first = (last + 1).checked_sub(many)?;
    Some((RunId::parse(run).ok().filter(|_| of_run && first > 0)?, first..=last))
}

/// When the stream says the record was changed, to the second (of the whole record, and the same at every delivery).
pub(crate) fn changed_at(record: &Value) -> Option<Timestamp> {
    let seconds = record.pointer("/dynamodb/ApproximateCreationDateTime")?.as_f64()?;
    Timestamp::from_duration(SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
}
