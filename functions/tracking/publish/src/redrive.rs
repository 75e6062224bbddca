//! What the platform gave up on: read from the stream again and published. So that no event is lost while the bus, or the table, is
//! away for longer than the platform tries.
//!
//! A message of the queue names a part of the stream and has nothing of it. The stream keeps it for a day; a message that is not dealt
//! with by then goes to the failure queue. Published twice is no harm: the same record gives the same events.

use crate::batch::sequence_number;
use crate::failed::Failed;
use crate::handler::{Decode, handle};
use ports::{Clock, Commit, PortError, Publish, Read, ReadStream, StreamPart};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Messages of the queue.
#[derive(Deserialize)]
struct Messages {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    body: String,
}

/// What a message says.
#[derive(Deserialize)]
struct GivenUp {
    #[serde(rename = "DDBStreamBatchInfo")]
    part: StreamPart,
}

/// Which messages were not dealt with; the queue delivers them again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedriveAnswer {
    /// Them.
    pub batch_item_failures: Vec<Undone>,
}

/// A message that was not dealt with.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Undone {
    /// Its id.
    pub item_identifier: String,
}

/// Whether a payload is messages of a queue, and not a batch of the stream.
#[must_use]
pub fn is_redrive(payload: &Value) -> bool {
    payload.pointer("/Records/0/eventSource").and_then(Value::as_str) == Some("aws:sqs")
}

/// Publishes what the messages name.
///
/// # Errors
/// [`Failed`] when the payload is no messages of a queue.
pub async fn redrive(
    table: &(impl Read + Commit),
    bus: &impl Publish,
    clock: &impl Clock,
    streams: &impl ReadStream,
    decode: Decode,
    payload: Value,
) -> Result<RedriveAnswer, Failed> {
    let Messages { records } = shell::parse(payload)?;
    let mut answer = RedriveAnswer::default();
    for Message { message_id, body } in records {
        if let Err(error) = publish_again(table, bus, clock, streams, decode, &body).await {
            tracing::warn!(error.chain = %error, "a part of the stream is not published yet");
            answer.batch_item_failures.push(Undone { item_identifier: message_id });
        }
    }
    Ok(answer)
}

/// A message that is not dealt with.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("the message names no part of the stream")]
    NoPart,
    #[error("the stream cannot be read")]
    Stream(#[from] PortError),
    #[error(transparent)]
    Batch(#[from] Failed),
    #[error("the record {0} is refused again")]
    Refused(String),
}

async fn publish_again(
    table: &(impl Read + Commit),
    bus: &impl Publish,
    clock: &impl Clock,
    streams: &impl ReadStream,
    decode: Decode,
    body: &str,
) -> Result<(), NotYet> {
    let GivenUp { part } = serde_json::from_str(body).map_err(|_| NotYet::NoPart)?;
    let records = streams.read_stream(&part).await?;
    // The mapping's filter is for what the platform delivers; here it is applied again.
    let telling: Vec<_> =
        records.into_iter().filter(|it| it.pointer("/dynamodb/NewImage/outbox").is_some()).collect();
    let first = telling.first().map(sequence_number).unwrap_or_default().to_owned();
    let answer = handle(table, bus, clock, decode, json!({ "Records": telling })).await?;
    match answer.batch_item_failures.into_iter().next() {
        None => {
            tracing::info!(stream.record = first, "published what had been given up on");
            Ok(())
        }
        Some(refused) => Err(NotYet::Refused(refused.item_identifier)),
    }
}

#[cfg(test)]
mod tests;
