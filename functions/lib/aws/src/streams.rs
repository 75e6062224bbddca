//! Reading the table's stream again: two calls of the streams' API, as JSON.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::unavailable;
use crate::signed::{Call, Service, Tries, address};
use ports::{PortError, ReadStream, StreamPart};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Calls for one part; each gives a megabyte, which a batch does not have.
const PAGES: usize = 10;

/// The streams of the account's tables.
pub struct Streams {
    aws: Aws,
    service: OnceLock<Service>,
}

impl Streams {
    /// Every stream.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        Self { aws: aws.clone(), service: OnceLock::new() }
    }

    async fn ask(&self, target: &'static str, question: Value) -> Result<Value, PortError> {
        let operation = "read_stream";
        let there = address(&self.aws, "streams.dynamodb");
        let service =
            self.service.get_or_init(|| Service::new(&self.aws, "dynamodb", &there, Tries::Several));
        let url = format!("{there}/");
        let headers = vec![("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        let payload = question.to_string().into_bytes();
        let asking = service.call(Call { method: "POST", url, headers, payload });
        let answer = call(asking).await.map_err(|error| unavailable(operation, &error))?;
        serde_json::from_slice(&answer.payload).map_err(|_| PortError::Unavailable {
            operation,
            reason: "an answer that cannot be read".to_owned(),
        })
    }
}

impl ReadStream for Streams {
    async fn read_stream(&self, part: &StreamPart) -> Result<Vec<Value>, PortError> {
        let from = json!({
            "StreamArn": part.stream_arn, "ShardId": part.shard_id,
            "ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": part.start_sequence_number,
        });
        let mut page = self.ask("DynamoDBStreams_20120810.GetShardIterator", from).await?;
        let mut records = Vec::new();
        for _ in 0..PAGES {
            let Some(iterator) =
                page["NextShardIterator"].as_str().or_else(|| page["ShardIterator"].as_str())
            else {
                break;
            };
            page =
                self.ask("DynamoDBStreams_20120810.GetRecords", json!({ "ShardIterator": iterator })).await?;
            for record in page["Records"].as_array_mut().into_iter().flatten() {
                let last = record["dynamodb"]["SequenceNumber"] == part.end_sequence_number.as_str();
                records.push(record.take());
                if last {
                    return Ok(records);
                }
            }
        }
        let reason = "the stream ends before its part does".to_owned();
        Err(PortError::Unavailable { operation: "read_stream", reason })
    }
}
