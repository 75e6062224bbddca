//! Batch in; events stored, then on the bus.

use crate::batch::{Batch, BatchAnswer, changed_at, numbers, sequence_number};
use crate::failed::Failed;
use crate::prepared::{Poison, Prepared, lost, prepare};
use engine::{Out, Unread};
use jiff::Timestamp;
use ports::{
    BusEntry, Clock, Commit, CommitError, Key, PortError, Publish, Read, Record, Stored, Write, keep_unread,
};
use serde_json::Value;

/// How a record of the stream is read: the record after the change and what it tells; nothing of a removal.
pub type Decode = fn(&Value) -> Result<Option<(Stored, Vec<Out>)>, PortError>;

/// Stores and publishes what the records of a batch have to tell.
///
/// A record that can never be told of is kept as unread and left behind, so that it does not hold up those after it; its numbers are
/// told to be lost. Anything else
/// that fails is answered as a failure of its record, from which on the batch is delivered again.
///
/// # Errors
/// [`Failed`] when the payload is no batch.
pub async fn handle(
    table: &(impl Read + Commit),
    bus: &impl Publish,
    clock: &impl Clock,
    decode: Decode,
    payload: Value,
) -> Result<BatchAnswer, Failed> {
    let Batch { records } = shell::parse(payload)?;
    let (mut entries, mut owners) = (Vec::new(), Vec::new());
    let mut failed = None;
    for (index, record) in records.iter().enumerate() {
        match store(table, clock, decode, record).await {
            Ok(told) => {
                owners.extend(std::iter::repeat_n(index, told.len()));
                entries.extend(told);
            }
            Err(error) => {
                tracing::warn!(error.chain = %error, "record not stored, to be delivered again");
                failed = Some(index);
                break;
            }
        }
    }
    let refused = publish(bus, &entries).await;
    let unpublished = refused.into_iter().filter_map(|entry| owners.get(entry).copied());
    let first = unpublished.chain(failed).min().and_then(|index| records.get(index));
    Ok(first.map_or_else(BatchAnswer::default, BatchAnswer::failing_from))
}

/// Stores what a record tells, and answers what is to be published of it.
async fn store(
    table: &(impl Read + Commit),
    clock: &impl Clock,
    decode: Decode,
    record: &Value,
) -> Result<Vec<BusEntry>, PortError> {
    match read(decode, record) {
        Ok(Some(Prepared { writes, entries })) => {
            write_once(table, writes).await?;
            Ok(entries)
        }
        Ok(None) => Ok(Vec::new()),
        Err(poison) => keep(table, clock.now(), record, poison).await,
    }
}

/// Keeps a record that can never be told of, for an operator to see. Its numbers are not left out: each is told to be lost.
async fn keep(
    table: &(impl Read + Commit),
    now: Timestamp,
    record: &Value,
    poison: Poison,
) -> Result<Vec<BusEntry>, PortError> {
    let id = sequence_number(record).to_owned();
    tracing::error!(stream.record = id, error.chain = %poison, "record {id} can never be told of");
    let unread = Unread {
        reader: "publish".to_owned(),
        id,
        reason: poison.to_string(),
        event: record.pointer("/dynamodb/Keys").cloned().unwrap_or_default(),
        at: now,
        replayed_at: None,
    };
    keep_unread(table, unread).await?;
    let Some((run, numbers)) = numbers(record) else { return Ok(Vec::new()) };
    let found = match table.read(&[Key::Run(run)]).await {
        Ok(found) => found.into_iter().next(),
        // Then nothing is known of the run that could be told.
        Err(PortError::Unreadable { .. }) => None,
        Err(error) => return Err(error),
    };
    let Some(Record::Run(run)) = found.map(|it| it.record) else { return Ok(Vec::new()) };
    let Ok(Prepared { writes, entries }) = lost(&run, numbers, changed_at(record).unwrap_or(now)) else {
        return Ok(Vec::new());
    };
    write_once(table, writes).await?;
    Ok(entries)
}

fn read(decode: Decode, record: &Value) -> Result<Option<Prepared>, Poison> {
    let Some((stored, out)) = decode(record).map_err(|_| Poison::Unreadable)? else {
        return Ok(None);
    };
    let at: Timestamp = changed_at(record).ok_or(Poison::Unreadable)?;
    prepare(&stored, out, at).map(Some)
}

/// Writes all; those that are there already were written by an earlier delivery of the same record.
async fn write_once(table: &impl Commit, writes: Vec<Write>) -> Result<(), PortError> {
    if writes.is_empty() {
        return Ok(());
    }
    match table.commit(writes.clone()).await {
        Ok(()) => return Ok(()),
        Err(CommitError::Port(error)) => return Err(error),
        Err(CommitError::Conflict { .. }) if writes.len() == 1 => return Ok(()),
        Err(CommitError::Conflict { .. }) => {}
    }
    for write in writes {
        match table.commit(vec![write]).await {
            Ok(()) | Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Puts all entries on the bus; which were refused.
async fn publish(bus: &impl Publish, entries: &[BusEntry]) -> Vec<usize> {
    if entries.is_empty() {
        return Vec::new();
    }
    let refused = match bus.publish(entries).await {
        Ok(refused) => refused,
        Err(error) => {
            tracing::warn!(error.chain = %error, "batch not published, to be delivered again");
            return (0..entries.len()).collect();
        }
    };
    if !refused.is_empty() {
        tracing::warn!(entries.refused = refused.len(), "entries refused by the bus, to be delivered again");
    }
    refused
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
