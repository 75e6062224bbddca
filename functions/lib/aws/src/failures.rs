//! The failure queue: looked through without being emptied, three calls of SQS's JSON API.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::unavailable;
use crate::signed::{Call, Service, Tries, address};
use jiff::Timestamp;
use ports::{DeadLetter, LookThroughFailures, PortError};
use serde_json::{Value, json};
use shell::env::{EnvError, required};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Messages that one call answers at most.
const PAGE: usize = 10;

/// How long what is looked at is hidden: the next page has others, and whoever holds a message is the only one to take it out.
const HIDDEN_SECONDS: u32 = 20;

/// A queue of what no retry could handle.
pub struct Failures {
    aws: Aws,
    queue: String,
    service: OnceLock<Service>,
}

impl Failures {
    /// The queue `FAILURES_URL`.
    ///
    /// # Errors
    /// When `FAILURES_URL` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self { aws: aws.clone(), queue: required("FAILURES_URL")?, service: OnceLock::new() })
    }

    async fn ask(&self, target: &'static str, mut question: Value) -> Result<Value, PortError> {
        let operation = "look through failures";
        let there = address(&self.aws, "sqs");
        let service = self.service.get_or_init(|| Service::new(&self.aws, "sqs", &there, Tries::Several));
        question["QueueUrl"] = json!(self.queue);
        let headers = vec![("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        let (url, payload) = (format!("{there}/"), question.to_string().into_bytes());
        let asking = service.call(Call { method: "POST", url, headers, payload });
        let answer = call(asking).await.map_err(|error| unavailable(operation, &error))?;
        match answer.payload.as_slice() {
            b"" => Ok(Value::Null),
            payload => serde_json::from_slice(payload).map_err(|_| PortError::Unavailable {
                operation,
                reason: "an answer that cannot be read".to_owned(),
            }),
        }
    }

    /// The first so many, or those up to one that is wanted; hidden from others.
    async fn hide(&self, most: usize, wanted: Option<&str>) -> Result<Vec<DeadLetter>, PortError> {
        let mut letters: Vec<DeadLetter> = Vec::new();
        let mut seen = BTreeSet::new();
        while letters.len() < most && !wanted.is_some_and(|it| seen.contains(it)) {
            // Waiting a second asks every server of the queue, and not only some.
            let mut page = self
                .ask(
                    "AmazonSQS.ReceiveMessage",
                    json!({
                        "MaxNumberOfMessages": PAGE, "VisibilityTimeout": HIDDEN_SECONDS, "WaitTimeSeconds": 1,
                        "MessageSystemAttributeNames": ["SentTimestamp"], "MessageAttributeNames": ["All"],
                    }),
                )
                .await?;
            let messages = page["Messages"].as_array_mut().map(std::mem::take).unwrap_or_default();
            let before = letters.len();
            letters.extend(messages.iter().filter_map(letter).filter(|it| seen.insert(it.id.clone())));
            if letters.len() == before {
                break;
            }
        }
        Ok(letters)
    }

    /// Shows messages to others again.
    async fn show(&self, letters: &[DeadLetter]) -> Result<(), PortError> {
        for page in letters.chunks(PAGE) {
            let entries: Vec<_> = (0..)
                .zip(page)
                .map(|(at, it): (u32, _)| {
                    json!({ "Id": at.to_string(), "ReceiptHandle": it.receipt, "VisibilityTimeout": 0 })
                })
                .collect();
            self.ask("AmazonSQS.ChangeMessageVisibilityBatch", json!({ "Entries": entries })).await?;
        }
        Ok(())
    }
}

impl LookThroughFailures for Failures {
    async fn failures(&self, most: usize) -> Result<Vec<DeadLetter>, PortError> {
        let mut letters = self.hide(most, None).await?;
        self.show(&letters).await?;
        letters.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
        letters.truncate(most);
        Ok(letters)
    }

    async fn hold_failure(&self, id: &str, most: usize) -> Result<Option<DeadLetter>, PortError> {
        let mut letters = self.hide(most, Some(id)).await?;
        let held = letters.iter().position(|it| it.id == id).map(|at| letters.swap_remove(at));
        self.show(&letters).await?;
        Ok(held)
    }

    async fn remove_failure(&self, receipt: &str) -> Result<(), PortError> {
        self.ask("AmazonSQS.DeleteMessage", json!({ "ReceiptHandle": receipt })).await.map(drop)
    }
}

fn letter(message: &Value) -> Option<DeadLetter> {
    let text = |name: &str| message[name].as_str().map(str::to_owned);
    let sent = message["Attributes"]["SentTimestamp"].as_str().and_then(|it| it.parse().ok());
    let attributes = message["MessageAttributes"].as_object().into_iter().flatten();
    Some(DeadLetter {
        id: text("MessageId")?,
        receipt: text("ReceiptHandle")?,
        at: sent.and_then(|it| Timestamp::from_millisecond(it).ok()).unwrap_or_default(),
        body: text("Body")?,
        attributes: attributes
            .filter_map(|(name, value)| Some((name.clone(), value["StringValue"].as_str()?.to_owned())))
            .collect::<BTreeMap<_, _>>(),
    })
}
