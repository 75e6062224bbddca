//! The table: reading records of it. Writing is in `commit`.

use crate::call::call;
use crate::connection::Aws;
use crate::item::{Attributes, DUE, DUE_INDEX, PK, REV, SEQ, SK, due_at};
use crate::reason::unavailable;
use crate::retry;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use jiff::Timestamp;
use ports::{FindDue, Key, List, Listing, PortError, Read, Record, Stored};
use shell::env::{EnvError, required};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

/// An item as the SDK gives and takes it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The most keys of one BatchGetItem (its API reference).
const KEYS_PER_READ: usize = 100;

/// The table that all records are in.
pub struct Table {
    aws: Aws,
    pub(crate) name: String,
    client: OnceLock<Client>,
}

impl Table {
    /// The table named by `TABLE_NAME`.
    ///
    /// # Errors
    /// When `TABLE_NAME` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self::new(aws, required("TABLE_NAME")?))
    }

    /// The table of this name.
    #[must_use]
    pub fn new(aws: &Aws, name: impl Into<String>) -> Self {
        Self { aws: aws.clone(), name: name.into(), client: OnceLock::new() }
    }

    pub(crate) fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk()))
    }

    /// The items of at most [`KEYS_PER_READ`] keys.
    async fn items(&self, keys: Vec<Item>) -> Result<Vec<Item>, PortError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut left = keys;
        for attempt in 0..retry::ATTEMPTS {
            if attempt > 0 {
                retry::pause(attempt).await;
            }
            let wanted =
                KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build().map_err(
                    |error| PortError::Unavailable { operation: "read", reason: error.to_string() },
                )?;
            let request = self.client().batch_get_item().request_items(&self.name, wanted);
            let answer = call(request.send()).await.map_err(|error| unavailable("read", &error))?;
            found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            left = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, keys)| keys.keys).collect();
            if left.is_empty() {
                return Ok(found);
            }
        }
        Err(PortError::Unavailable { operation: "read", reason: "the table is throttled".to_owned() })
    }

    /// The records of these keys, each once.
    async fn records(&self, keys: BTreeSet<(String, String)>) -> Result<Vec<Stored>, PortError> {
        let keys: Vec<Item> = keys.into_iter().map(|(pk, sk)| key(pk, sk)).collect();
        let mut records = Vec::with_capacity(keys.len());
        for some in keys.chunks(KEYS_PER_READ) {
            for item in self.items(some.to_vec()).await? {
                records.push(item.stored()?);
            }
        }
        Ok(records)
    }
}

impl Read for Table {
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        self.records(keys.iter().map(|key| (key.pk(), key.sk())).collect()).await
    }
}

impl List for Table {
    async fn list(
        &self,
        list: Listing,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Stored>, PortError> {
        let (pk, prefix) = list.partition();
        // A start outside the prefix would be refused; on one side of it is all of the list and on the other nothing.
        let mut start = match after {
            Some(after) if after.starts_with(prefix) => Some(key(pk.clone(), after)),
            Some(after) if (after.as_str() > prefix) != list.is_descending() => return Ok(Vec::new()),
            _ => None,
        };
        let condition = if prefix.is_empty() { "pk = :pk" } else { "pk = :pk AND begins_with(sk, :prefix)" };
        let mut records = Vec::new();
        while records.len() < limit {
            let request = self
                .client()
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .key_condition_expression(condition)
                .expression_attribute_values(":pk", text(&pk))
                .scan_index_forward(!list.is_descending())
                .set_exclusive_start_key(start)
                .limit(page_size(limit - records.len()));
            let request = if prefix.is_empty() {
                request
            } else {
                request.expression_attribute_values(":prefix", text(prefix))
            };
            let page = call(request.send()).await.map_err(|error| unavailable("list", &error))?;
            for item in page.items() {
                records.push(item.stored().or_else(|error| unread(&list, item).ok_or(error))?);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(records)
    }
}

impl FindDue for Table {
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError> {
        let mut keys = BTreeSet::new();
        let mut start = None;
        while keys.len() < limit {
            let request = self
                .client()
                .query()
                .table_name(&self.name)
                .index_name(DUE_INDEX)
                .key_condition_expression("due_pk = :due AND due_at <= :now")
                .expression_attribute_values(":due", text(DUE))
                .expression_attribute_values(":now", text(due_at(now)))
                .set_exclusive_start_key(start)
                .limit(page_size(limit - keys.len()));
            let page = call(request.send()).await.map_err(|error| unavailable("find_due", &error))?;
            keys.extend(
                page.items()
                    .iter()
                    .filter_map(|item| Some((item.text(PK)?.to_owned(), item.text(SK)?.to_owned()))),
            );
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        // An index lags behind: the records themselves say whether they are still due.
        let records = self.records(keys).await?;
        let mut due: Vec<_> = records
            .into_iter()
            .filter_map(|stored| Some((stored.record.due()?, stored)))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort_by_key(|(at, _)| *at);
        Ok(due.into_iter().map(|(_, stored)| stored).collect())
    }
}

impl Attributes for Item {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_s().ok().map(String::as_str)
    }

    fn number(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_n().ok().map(String::as_str)
    }

    fn bytes(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.get(name)?.as_b().ok().map(|blob| Cow::Borrowed(blob.as_ref()))
    }
}

/// What stands for an event of a run that cannot be read, such as one of a kind that this version does not know: it must not be in the
/// way of the others.
fn unread(list: &Listing, item: &Item) -> Option<Stored> {
    let Listing::Events(run_id) = list else { return None };
    let seq = item.text(SK)?.parse().ok()?;
    let record = Record::UnreadEvent { run_id: run_id.clone(), seq };
    Some(Stored { record, rev: item.counter(REV)?, seq: item.counter(SEQ)? })
}

/// The key attributes of an item.
pub(crate) fn key(pk: String, sk: String) -> Item {
    HashMap::from([(PK.to_owned(), AttributeValue::S(pk)), (SK.to_owned(), AttributeValue::S(sk))])
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn page_size(limit: usize) -> i32 {
    i32::try_from(limit).unwrap_or(i32::MAX)
}
