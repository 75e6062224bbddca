//! What the tests share: a table in memory whose stream is fed to the handler, and a bus that refuses as told.

use engine::{Out, Run, RunEvent, RunStatus};
use events::{EventType, Severity};
use indexmap::IndexMap;
use ports::memory::Memory;
use ports::{BusEntry, Commit, Guard, PortError, Publish, Record, Stored, Write};
use serde_json::{Map, Value, json};
use std::sync::Mutex;

/// A bus that remembers what it took.
#[derive(Default)]
pub(crate) struct Bus {
    pub(crate) taken: Mutex<Vec<BusEntry>>,
    pub(crate) refuse: Mutex<Vec<usize>>,
    pub(crate) down: Mutex<bool>,
}

impl Publish for Bus {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<usize>, PortError> {
        if *self.down.lock().unwrap() {
            return Err(PortError::Unavailable { operation: "publish", reason: "as told".to_owned() });
        }
        let refused = std::mem::take(&mut *self.refuse.lock().unwrap());
        let mut taken = self.taken.lock().unwrap();
        taken.extend(
            entries.iter().enumerate().filter(|(at, _)| !refused.contains(at)).map(|(_, it)| it.clone()),
        );
        Ok(refused)
    }
}

impl Bus {
    pub(crate) fn set_down(&self, down: bool) {
        *self.down.lock().unwrap() = down;
    }

    pub(crate) fn entries(&self) -> Vec<BusEntry> {
        self.taken.lock().unwrap().clone()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|it| it.detail["id"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn run(id: &str) -> Run {
    let now = "2026-06-30T12:00:00Z".parse().unwrap();
    Run {
        run_id: id.parse().unwrap(),
        user_id: "u".parse().unwrap(),
        workflow_id: "w".parse().unwrap(),
        version: 1,
        as_of: "2026-06-30".parse().unwrap(),
        status: RunStatus::Executing,
        ending: None,
        epoch: 1,
        steps: IndexMap::new(),
        queued_at: now,
        started_at: None,
        ended_at: None,
        reason: None,
        progress: 0,
        expires: now,
        check_at: None,
        recovering: false,
        failed_groups: IndexMap::new(),
        look_at: None,
    }
}

pub(crate) fn told(message: &str) -> Out {
    Out::Run(RunEvent {
        kind: EventType::StepProgress,
        step: None,
        severity: Severity::Info,
        progress: 10,
        message: message.to_owned(),
        details: Map::new(),
        user_action: None,
        lasted: 0,
    })
}

pub(crate) async fn write(memory: &Memory, record: Record, out: Vec<Out>) {
    memory.commit(vec![Write { record, guard: Guard::Any, out }]).await.unwrap();
}

/// The table's stream as a batch: what the test decoder takes, with the stream's own fields around it.
pub(crate) fn batch(memory: &Memory, from: usize) -> Value {
    let records = memory.stream().into_iter().enumerate().skip(from).map(|(index, it)| {
        json!({"eventName": "MODIFY", "dynamodb": {
            "SequenceNumber": format!("{:03}", index + 1),
            "ApproximateCreationDateTime": 1_782_820_800 + index,
            "Keys": {"pk": {"S": it.stored.record.key().pk()}, "sk": {"S": it.stored.record.key().sk()}},
            "NewImage": {
                "record": serde_json::to_string(&it.stored.record).unwrap(), "rev": it.stored.rev, "out": it.out,
                "seq": {"N": it.stored.seq.to_string()}, "outbox": {"N": it.out.len().to_string()},
            },
        }})
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

pub(crate) fn decode(record: &Value) -> Result<Option<(Stored, Vec<Out>)>, PortError> {
    let Some(image) = record.pointer("/dynamodb/NewImage") else { return Ok(None) };
    let unreadable = |_| PortError::Unreadable { key: "?".to_owned() };
    let stored = Stored {
        record: serde_json::from_str(image["record"].as_str().unwrap_or_default()).map_err(unreadable)?,
        rev: image["rev"].as_u64().unwrap_or(1),
        seq: image["seq"]["N"].as_str().and_then(|it| it.parse().ok()).unwrap_or(0),
    };
    Ok(Some((stored, serde_json::from_value(image["out"].clone()).map_err(unreadable)?)))
}

pub(crate) fn memory() -> Memory {
    Memory::at("2026-06-30T12:00:00Z".parse().unwrap())
}
