//! The table in memory, with the table's own semantics: conditional writes, all or none, revisions, numbered events.

mod outreach;

pub use outreach::{Outreach, Said};

use crate::{
    Clock, Commit, CommitError, FetchApart, FindDue, Guard, KeepApart, Key, List, Listing, PortError, Read,
    Record, Report, Stored, Write,
};
use engine::{Apart, Out, StepRecord};
use events::RunId;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A change as the table's stream shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamRecord {
    /// The record after the change.
    pub stored: Stored,
    /// What goes out because of it; `stored.seq` is the number of the last.
    pub out: Vec<Out>,
}

type Name = (String, String);

#[derive(Clone, Default)]
struct State {
    /// The last change of every record.
    records: BTreeMap<Name, Arc<StreamRecord>>,
    /// What the sweep must look at, soonest first.
    due: BTreeSet<(Timestamp, Name)>,
    stream: Vec<Arc<StreamRecord>>,
    /// What is kept apart, by its key.
    apart: BTreeMap<String, String>,
    calls: u64,
    fail_next: Option<u64>,
    largest: Option<usize>,
}

/// The table in memory. Clones share it.
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    now: Arc<Mutex<Timestamp>>,
}

impl Memory {
    /// An empty table; its clock stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { state: Arc::default(), now: Arc::new(Mutex::new(now)) }
    }

    /// Another table that holds the same.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { state: Arc::new(Mutex::new(self.state().clone())), now: Arc::new(Mutex::new(self.now())) }
    }

    /// Moves the clock.
    pub fn set_now(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Everything that went through the stream so far.
    pub fn stream(&self) -> Vec<StreamRecord> {
        self.state().stream.iter().map(|change| StreamRecord::clone(change)).collect()
    }

    /// What went through the stream after the first `seen` changes.
    pub fn stream_after(&self, seen: usize) -> Vec<Arc<StreamRecord>> {
        self.state().stream.get(seen..).unwrap_or_default().to_vec()
    }

    /// How many changes went through the stream so far.
    pub fn changes(&self) -> usize {
        self.state().stream.len()
    }

    /// When the sweep must next look at something.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.state().due.first().map(|(at, _)| *at)
    }

    /// Calls made so far, reads and writes.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Lets the `n`-th write from now (0 is the next) fail before it happens, once.
    pub fn fail_write(&self, n: u64) {
        self.state().fail_next = Some(n);
    }

    /// From now on refuses every record of more bytes of JSON.
    pub fn refuse_larger(&self, bytes: usize) {
        self.state().largest = Some(bytes);
    }

    /// How much is kept apart.
    pub fn apart(&self) -> usize {
        self.state().apart.len()
    }

    /// What is kept apart there.
    pub fn kept(&self, apart: &Apart) -> Option<String> {
        self.state().apart.get(&apart.key).cloned()
    }

    /// Loses everything that is kept apart.
    pub fn drop_apart(&self) {
        self.state().apart.clear();
    }

    /// The record of a key.
    pub fn get(&self, key: &Key) -> Option<Stored> {
        self.state().records.get(&(key.pk(), key.sk())).map(|change| change.stored.clone())
    }

    /// Every record.
    pub fn all(&self) -> Vec<Stored> {
        self.state().records.values().map(|change| change.stored.clone()).collect()
    }

    /// The last change of every record, as the stream showed it.
    pub fn latest(&self) -> Vec<Arc<StreamRecord>> {
        self.state().records.values().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Read for Memory {
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        let mut state = self.state();
        state.calls += 1;
        let keys: BTreeSet<_> = keys.iter().map(|key| (key.pk(), key.sk())).collect();
        Ok(keys.iter().filter_map(|key| state.records.get(key)).map(|it| it.stored.clone()).collect())
    }
}

impl Commit for Memory {
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let mut state = self.state();
        state.calls += 1;
        match state.fail_next {
            Some(0) => {
                state.fail_next = None;
                let reason = "failed as told".to_owned();
                return Err(PortError::Unavailable { operation: "commit", reason }.into());
            }
            Some(n) => state.fail_next = Some(n - 1),
            None => {}
        }
        for (index, write) in writes.iter().enumerate() {
            let key = write.record.key();
            if state.largest.is_some_and(|largest| length(&write.record) > largest) {
                return Err(PortError::TooLarge { key: format!("{} {}", key.pk(), key.sk()) }.into());
            }
            let rev = state.records.get(&(key.pk(), key.sk())).map(|it| it.stored.rev);
            let holds = match write.guard {
                Guard::Absent => rev.is_none(),
                Guard::Rev(expected) => rev == Some(expected),
                Guard::Any => true,
            };
            if !holds {
                return Err(CommitError::Conflict { index });
            }
        }
        for write in writes {
            state.write(write.record, write.out);
        }
        Ok(())
    }
}

impl State {
    fn write(&mut self, record: Record, out: Vec<Out>) {
        let key = record.key();
        let name = (key.pk(), key.sk());
        let (rev, seq) = self.records.get(&name).map_or((0, 0), |it| (it.stored.rev, it.stored.seq));
        let stored = Stored { record, rev: rev + 1, seq: seq + out.len() as u64 };
        self.change(name, StreamRecord { stored, out });
    }

    fn change(&mut self, name: Name, change: StreamRecord) {
        let due = change.stored.record.due();
        let change = Arc::new(change);
        self.stream.push(Arc::clone(&change));
        let before = self.records.insert(name.clone(), change).and_then(|it| it.stored.record.due());
        if before != due {
            if let Some(before) = before {
                self.due.remove(&(before, name.clone()));
            }
            if let Some(due) = due {
                self.due.insert((due, name));
            }
        }
    }
}

/// Bytes of JSON.
fn length(value: &impl serde::Serialize) -> usize {
    serde_json::to_string(value).map_or(0, |text| text.len())
}

/// Up to how many bytes of JSON a record is short enough with all its outputs.
const SHORT: usize = 1024;

impl KeepApart for Memory {
    async fn keep_apart(&self, record: &StepRecord, apart: &Apart, text: String) -> Result<bool, PortError> {
        let long = length(record) > SHORT;
        if long {
            self.state().apart.insert(apart.key.clone(), text);
        }
        Ok(long)
    }
}

impl FetchApart for Memory {
    async fn fetch_apart(&self, apart: &Apart) -> Result<String, PortError> {
        self.kept(apart).ok_or_else(|| PortError::Unreadable { key: apart.key.clone() })
    }
}

impl Report for Memory {
    async fn report(&self, run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError> {
        let mut state = self.state();
        state.calls += 1;
        let key = Key::Run(run.clone());
        let name = (key.pk(), key.sk());
        let Some(mut stored) = state.records.get(&name).map(|change| change.stored.clone()) else {
            return Ok(false);
        };
        if !matches!(&stored.record, Record::Run(run) if run.epoch == epoch) {
            return Ok(false);
        }
        stored.seq += 1;
        state.change(name, StreamRecord { stored, out: vec![out] });
        Ok(true)
    }
}

impl List for Memory {
    async fn list(
        &self,
        list: Listing,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Stored>, PortError> {
        let mut state = self.state();
        state.calls += 1;
        let (pk, prefix) = list.partition();
        let first = (pk.clone(), prefix.to_owned());
        let mut all: Vec<_> = state
            .records
            .range(first..)
            .take_while(|((it, sk), _)| *it == pk && sk.starts_with(prefix))
            .map(|((_, sk), change)| (sk, &change.stored))
            .collect();
        let past = if list.is_descending() { Ordering::Less } else { Ordering::Greater };
        if list.is_descending() {
            all.reverse();
        }
        let rest =
            all.into_iter().filter(|(sk, _)| after.as_ref().is_none_or(|after| sk.cmp(&after) == past));
        Ok(rest.take(limit).map(|(_, stored)| stored.clone()).collect())
    }
}

impl FindDue for Memory {
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError> {
        let mut state = self.state();
        state.calls += 1;
        let due = state.due.iter().take_while(|(at, _)| *at <= now).take(limit);
        Ok(due.filter_map(|(_, name)| state.records.get(name)).map(|it| it.stored.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Access;
    use events::UserId;

    fn access() -> Record {
        Record::Access(Access::none(UserId::parse("u").unwrap()))
    }

    #[tokio::test]
    async fn a_write_happens_whole_or_not_at_all() {
        let memory = Memory::at(Timestamp::UNIX_EPOCH);
        memory.commit(vec![Write::create(access())]).await.unwrap();
        let both = vec![Write::put(access()), Write::update(access(), 7)];
        assert_eq!(memory.commit(both).await, Err(CommitError::Conflict { index: 1 }));
        assert_eq!(memory.get(&access().key()).unwrap().rev, 1);
        memory.commit(vec![Write::update(access(), 1)]).await.unwrap();
        assert_eq!(memory.get(&access().key()).unwrap().rev, 2);
        assert_eq!(
            memory.commit(vec![Write::create(access())]).await,
            Err(CommitError::Conflict { index: 0 })
        );
    }
}
