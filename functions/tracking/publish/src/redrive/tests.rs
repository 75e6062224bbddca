//! What was given up on, over the stream of the table in memory.

use super::*;
use crate::handler::testing::{Bus, batch, decode, memory, run, told, write};
use ports::Record;
use std::sync::Mutex;

/// A stream that has these records, or forgot them.
struct Stream(Mutex<Option<Vec<Value>>>);

impl ReadStream for Stream {
    async fn read_stream(&self, part: &StreamPart) -> Result<Vec<Value>, PortError> {
        let trimmed = || PortError::Unavailable { operation: "read_stream", reason: "trimmed".to_owned() };
        let all = self.0.lock().unwrap().clone().ok_or_else(trimmed)?;
        let number = |it: &Value| sequence_number(it).to_owned();
        let inside =
            |it: &Value| (&part.start_sequence_number..=&part.end_sequence_number).contains(&&number(it));
        Ok(all.into_iter().filter(inside).collect())
    }
}

fn message(start: &str, end: &str) -> Value {
    let info = json!({"DDBStreamBatchInfo": {
        "streamArn": "arn", "shardId": "shard", "startSequenceNumber": start, "endSequenceNumber": end, "batchSize": 2,
        "approximateArrivalOfFirstRecord": "2026-06-30T12:00:00Z",
    }, "requestContext": {"condition": "RetryAttemptsExhausted"}});
    json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": info.to_string(), "receiptHandle": "h"}]})
}

#[tokio::test]
async fn what_was_given_up_on_is_published_when_the_bus_is_back() {
    let memory = memory();
    for id in ["r", "s", "t"] {
        write(&memory, Record::Run(run(id)), vec![told("a"), told("b")]).await;
    }
    let mut records = batch(&memory, 0)["Records"].take();
    // The stream has more than the mapping's filter lets through.
    records[2]["dynamodb"]["NewImage"].as_object_mut().unwrap().remove("outbox");
    let stream = Stream(Mutex::new(Some(records.as_array().unwrap().clone())));
    let bus = Bus::default();
    let asked = message("001", "003");
    assert!(is_redrive(&asked) && !is_redrive(&json!({"Records": [{"eventSource": "aws:dynamodb"}]})));
    bus.set_down(true);
    let again = redrive(&memory, &bus, &memory, &stream, decode, asked.clone()).await.unwrap();
    assert_eq!(again.batch_item_failures, [Undone { item_identifier: "m".to_owned() }]);
    bus.set_down(false);
    let done = redrive(&memory, &bus, &memory, &stream, decode, asked.clone()).await.unwrap();
    assert_eq!(done, RedriveAnswer::default());
    assert_eq!(bus.ids(), ["r-1", "r-2", "s-1", "s-2"]);
    // What the stream has forgotten, and what names nothing, is left to the failure queue.
    *stream.0.lock().unwrap() = None;
    for message in [asked, json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": "{}"}]})] {
        let left = redrive(&memory, &bus, &memory, &stream, decode, message).await.unwrap();
        assert_eq!(left.batch_item_failures.len(), 1);
    }
}
