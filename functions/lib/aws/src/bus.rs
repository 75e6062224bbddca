//! Putting events on the bus.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::reason;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use events::SOURCE;
use ports::{BusEntry, PortError, Publish};
use shell::env::{EnvError, required};
use std::sync::OnceLock;

/// The most entries of one PutEvents (its API reference).
const BATCH_ENTRIES: usize = 10;

/// The most bytes of one PutEvents, counted as its user guide does: source, detail type and detail of each entry.
const BATCH_BYTES: usize = 256 * 1024;

/// The event bus of this system.
pub struct Bus {
    aws: Aws,
    name: String,
    client: OnceLock<Client>,
}

impl Bus {
    /// The bus named by `BUS_NAME`.
    ///
    /// # Errors
    /// When `BUS_NAME` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self::new(aws, required("BUS_NAME")?))
    }

    /// The bus of this name.
    #[must_use]
    pub fn new(aws: &Aws, name: impl Into<String>) -> Self {
        Self { aws: aws.clone(), name: name.into(), client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk()))
    }

    /// The places in a batch of the entries that were refused.
    async fn put(&self, batch: &[Sending<'_>]) -> Result<Vec<usize>, String> {
        let entries = batch.iter().map(|it| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(it.detail_type)
                .detail(&it.detail)
                .build()
        });
        let request = self.client().put_events().set_entries(Some(entries.collect()));
        let answer = call(request.send()).await.map_err(|error| reason(&error))?;
        let refused = answer.entries().iter().enumerate();
        Ok(refused.filter(|(_, entry)| entry.error_code().is_some()).map(|(place, _)| place).collect())
    }
}

/// An entry as it is sent.
struct Sending<'a> {
    index: usize,
    detail_type: &'a str,
    detail: String,
}

impl Sending<'_> {
    fn bytes(&self) -> usize {
        SOURCE.len() + self.detail_type.len() + self.detail.len()
    }
}

impl Publish for Bus {
    /// In batches; when a whole batch does not go through, its entries are among the refused. An error means that none did.
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<usize>, PortError> {
        let mut refused = Vec::new();
        let mut last_error = None;
        let mut sent = false;
        for batch in batches(entries) {
            match self.put(&batch).await {
                Ok(places) => {
                    sent = true;
                    refused.extend(places.into_iter().filter_map(|place| Some(batch.get(place)?.index)));
                }
                Err(reason) => {
                    refused.extend(batch.iter().map(|it| it.index));
                    last_error = Some(reason);
                }
            }
        }
        match last_error {
            Some(reason) if !sent => Err(PortError::Unavailable { operation: "publish", reason }),
            _ => Ok(refused),
        }
    }
}

/// The entries in order, cut where the next would break a limit. One that is too large by itself is sent by itself, and refused.
fn batches(entries: &[BusEntry]) -> Vec<Vec<Sending<'_>>> {
    let mut batches: Vec<Vec<Sending<'_>>> = Vec::new();
    let mut bytes = 0;
    for (index, entry) in entries.iter().enumerate() {
        let entry = Sending { index, detail_type: &entry.detail_type, detail: entry.detail.to_string() };
        bytes += entry.bytes();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_ENTRIES && bytes <= BATCH_BYTES => batch.push(entry),
            _ => {
                bytes = entry.bytes();
                batches.push(vec![entry]);
            }
        }
    }
    batches
}
