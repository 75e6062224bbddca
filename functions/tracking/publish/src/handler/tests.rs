//! The handler over a table in memory whose stream it is fed, and a bus that refuses as told.

use super::*;
use engine::{Completion, LiveImpact, Run, RunEvent, RunStatus, StepEntry};
use events::{EventType, Severity, WorkflowSuggested};
use indexmap::IndexMap;
use ports::memory::Memory;
use ports::{Guard, Key, List, Listing, Record};
use serde_json::{Map, json};
use std::sync::Mutex;

/// A bus that remembers what it took.
#[derive(Default)]
struct Bus {
    taken: Mutex<Vec<BusEntry>>,
    refuse: Mutex<Vec<usize>>,
    down: Mutex<bool>,
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
    fn ids(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|it| it.detail["id"].as_str().unwrap().to_owned()).collect()
    }
}

fn run(id: &str) -> Run {
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
        failed_groups: IndexMap::new(),
        look_at: None,
    }
}

fn told(message: &str) -> Out {
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

async fn write(memory: &Memory, record: Record, out: Vec<Out>) {
    memory.commit(vec![Write { record, guard: Guard::Any, out }]).await.unwrap();
}

/// The table's stream as a batch: what the test decoder takes, with the stream's own fields around it.
fn batch(memory: &Memory, from: usize) -> Value {
    let records = memory.stream().into_iter().enumerate().skip(from).map(|(index, it)| {
        json!({"eventName": "MODIFY", "dynamodb": {
            "SequenceNumber": format!("{:03}", index + 1),
            "ApproximateCreationDateTime": 1_782_820_800 + index,
            "Keys": {"pk": {"S": it.stored.record.key().pk()}},
            "NewImage": {"record": serde_json::to_string(&it.stored.record).unwrap(), "rev": it.stored.rev, "seq": it.stored.seq, "out": it.out},
        }})
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

fn decode(record: &Value) -> Result<Option<(Stored, Vec<Out>)>, PortError> {
    let Some(image) = record.pointer("/dynamodb/NewImage") else { return Ok(None) };
    let unreadable = |_| PortError::Unreadable { key: "?".to_owned() };
    let stored = Stored {
        record: serde_json::from_str(image["record"].as_str().unwrap_or_default()).map_err(unreadable)?,
        rev: image["rev"].as_u64().unwrap_or(1),
        seq: image["seq"].as_u64().unwrap_or(0),
    };
    Ok(Some((stored, serde_json::from_value(image["out"].clone()).map_err(unreadable)?)))
}

async fn deliver(memory: &Memory, bus: &Bus, batch: Value) -> Vec<String> {
    let answer = handle(memory, bus, memory, decode, batch).await.unwrap();
    answer.batch_item_failures.into_iter().map(|it| it.item_identifier).collect()
}

fn memory() -> Memory {
    Memory::at("2026-06-30T12:00:00Z".parse().unwrap())
}

async fn events(memory: &Memory, run: &str) -> Vec<Stored> {
    memory.list(Listing::Events(run.parse().unwrap()), None, 100).await.unwrap()
}

#[tokio::test]
async fn an_end_tells_what_it_took() {
    let memory = memory();
    let mut ended = run("r");
    for (step, attempt, helped) in [("a", 2, 1), ("b", 1, 0)] {
        ended.steps.insert(step.parse().unwrap(), StepEntry { attempt, helped, ..StepEntry::default() });
    }
    let event = |kind, step: Option<&str>| match told("ended") {
        Out::Run(event) => Out::Run(RunEvent { kind, step: step.map(|it| it.parse().unwrap()), ..event }),
        other => other,
    };
    let out = vec![
        event(EventType::StepStarted, Some("a")),
        event(EventType::StepCompleted, Some("a")),
        event(EventType::StepFailed, Some("b")),
        event(EventType::WorkflowCompleted, None),
    ];
    write(&memory, Record::Run(ended), out).await;
    deliver(&memory, &Bus::default(), batch(&memory, 0)).await;
    let stored = events(&memory, "r").await;
    let took = stored.iter().map(|it| match &it.record {
        Record::Event(event) => {
            let used = event.metrics.resources_used.iter();
            used.map(|it| format!("{} {}", it.calls, it.name)).collect::<Vec<_>>().join(", ")
        }
        _ => panic!("no event"),
    });
    let took: Vec<_> = took.collect();
    assert_eq!(took, ["", "2 attempt, 1 help", "1 attempt", "3 attempt, 1 help"]);
}

#[tokio::test]
async fn events_are_numbered_stored_and_published_in_order() {
    let memory = memory();
    write(&memory, Record::Run(run("r")), vec![told("a"), told("b")]).await;
    write(&memory, Record::Run(run("r")), vec![told("c")]).await;
    let bus = Bus::default();
    assert!(deliver(&memory, &bus, batch(&memory, 0)).await.is_empty());
    assert_eq!(bus.ids(), ["r-1", "r-2", "r-3"]);
    let stored = events(&memory, "r").await;
    let seen: Vec<_> = stored
        .iter()
        .map(|it| match &it.record {
            Record::Event(event) => (event.seq, event.data.message.as_str(), event.timestamp),
            _ => panic!("no event"),
        })
        .collect();
    let start = 1_782_820_800_000;
    assert_eq!(seen, [(1, "a", start), (2, "b", start), (3, "c", start + 1000)]);
    assert_eq!(bus.taken.lock().unwrap()[2].detail_type, "step.progress");
}

#[tokio::test]
async fn a_batch_delivered_again_gives_the_same_bytes() {
    let memory = memory();
    write(&memory, Record::Run(run("r")), vec![told("a"), told("b")]).await;
    let again = batch(&memory, 0);
    let bus = Bus::default();
    deliver(&memory, &bus, again.clone()).await;
    memory.set_now("2026-07-01T00:00:00Z".parse().unwrap());
    assert!(deliver(&memory, &bus, again).await.is_empty());
    let taken = bus.taken.lock().unwrap().clone();
    assert_eq!(taken[..2], taken[2..]);
    assert_eq!(events(&memory, "r").await.len(), 2);
}

#[tokio::test]
async fn what_the_bus_refuses_is_delivered_again_from_its_record_on() {
    let memory = memory();
    for id in ["r", "s", "t"] {
        write(&memory, Record::Run(run(id)), vec![told("a"), told("b")]).await;
    }
    let all = batch(&memory, 0);
    let bus = Bus { refuse: Mutex::new(vec![3, 5]), ..Bus::default() };
    assert_eq!(deliver(&memory, &bus, all.clone()).await, ["002"]);
    let rest = json!({"Records": all["Records"].as_array().unwrap()[1..]});
    assert!(deliver(&memory, &bus, rest).await.is_empty());
    for id in ["r-1", "r-2", "s-1", "s-2", "t-1", "t-2"] {
        assert!(bus.ids().iter().any(|it| it == id), "{id}");
    }
}

#[tokio::test]
async fn a_bus_that_is_down_fails_the_batch_and_a_later_delivery_makes_it() {
    let memory = memory();
    write(&memory, Record::Run(run("r")), vec![told("a")]).await;
    let all = batch(&memory, 0);
    let bus = Bus { down: Mutex::new(true), ..Bus::default() };
    assert_eq!(deliver(&memory, &bus, all.clone()).await, ["001"]);
    *bus.down.lock().unwrap() = false;
    assert!(deliver(&memory, &bus, all).await.is_empty());
    assert_eq!(bus.ids(), ["r-1"]);
}

#[tokio::test]
async fn an_event_is_never_published_before_it_is_stored() {
    let memory = memory();
    write(&memory, Record::Run(run("r")), vec![told("a")]).await;
    write(&memory, Record::Run(run("r")), vec![told("b")]).await;
    let all = batch(&memory, 0);
    memory.fail_write(1);
    let bus = Bus::default();
    assert_eq!(deliver(&memory, &bus, all).await, ["002"]);
    assert_eq!(bus.ids(), ["r-1"]);
    assert_eq!(events(&memory, "r").await.len(), 1);
}

#[tokio::test]
async fn poison_is_kept_and_holds_nothing_up() {
    let memory = memory();
    write(&memory, Record::Run(run("r")), vec![told("a")]).await;
    write(&memory, Record::Run(run("s")), vec![told("a")]).await;
    let good = batch(&memory, 0);
    let spoil = |edit: fn(&mut Value)| {
        let mut all = good.clone();
        edit(&mut all["Records"][0]["dynamodb"]);
        all
    };
    for (all, reason) in [
        (
            spoil(|it| it["NewImage"]["record"] = json!("{\"record\": \"unheard-of\"}")),
            "the image cannot be read",
        ),
        (spoil(|it| it["ApproximateCreationDateTime"] = json!("noon")), "the image cannot be read"),
        (spoil(|it| it["NewImage"]["seq"] = json!(0)), "the record has fewer numbers than events"),
        (
            spoil(|it| it["NewImage"]["out"][0]["m"] = json!("x".repeat(300_000))),
            "an event is too large for the bus",
        ),
        (
            spoil(|it| {
                it["NewImage"]["out"] = json!([{
                    "out": "suggested", "run_id": "r", "workflow_id": "w", "name": "", "available": true, "reasons": [],
                }]);
            }),
            "the record is not of the kind that tells this",
        ),
    ] {
        let memory = self::memory();
        let bus = Bus::default();
        assert!(deliver(&memory, &bus, all).await.is_empty(), "{reason}");
        assert_eq!(bus.ids(), ["s-1"], "{reason}");
        let Record::Unread(kept) = memory.get(&Key::Unread("publish#001".to_owned())).unwrap().record else {
            panic!("not kept")
        };
        assert_eq!(kept.reason, reason);
    }
}

#[tokio::test]
async fn what_is_told_of_other_records_has_an_id_of_its_own() {
    let memory = memory();
    let suggestion = WorkflowSuggested {
        run_id: "r".parse().unwrap(),
        workflow_id: "next".parse().unwrap(),
        name: "Next".to_owned(),
        available: false,
        reasons: Vec::new(),
    };
    let completion = Completion {
        run_id: "r".parse().unwrap(),
        user_id: "u".parse().unwrap(),
        impact: LiveImpact::default(),
        suggestion: Some(suggestion.clone()),
    };
    write(&memory, Record::Completion(completion), vec![Out::Suggested(suggestion)]).await;
    let bus = Bus::default();
    assert!(deliver(&memory, &bus, batch(&memory, 0)).await.is_empty());
    assert_eq!(bus.ids(), ["r-suggestion"]);
    assert_eq!(bus.taken.lock().unwrap()[0].detail_type, "workflow.suggested");
}

#[tokio::test]
async fn removals_and_empty_batches_are_nothing() {
    let memory = memory();
    let bus = Bus::default();
    let removal = json!({"Records": [{"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "1"}}]});
    assert!(deliver(&memory, &bus, removal).await.is_empty());
    assert!(deliver(&memory, &bus, json!({"Records": []})).await.is_empty());
    assert!(handle(&memory, &bus, &memory, decode, json!({})).await.is_err());
}
