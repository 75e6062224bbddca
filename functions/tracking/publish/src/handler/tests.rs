//! The handler over a table in memory whose stream it is fed, and a bus that refuses as told.

use super::testing::*;
use super::*;
use engine::{Completion, LiveImpact, RunEvent, StepEntry};
use events::{EventType, WorkflowSuggested};
use ports::memory::Memory;
use ports::{Key, List, Listing, Record};
use serde_json::json;
use std::sync::Mutex;

async fn deliver(memory: &Memory, bus: &Bus, batch: Value) -> Vec<String> {
    let answer = handle(memory, bus, memory, decode, batch).await.unwrap();
    answer.batch_item_failures.into_iter().map(|it| it.item_identifier).collect()
}

async fn events(memory: &Memory, run: &str) -> Vec<Stored> {
    memory.list(Listing::Events(run.parse().unwrap()), None, 100).await.unwrap()
}

#[tokio::test]
async fn an_end_tells_what_it_took() {
    let memory = memory();
    let mut ended = run("r");
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    for (step, attempt, helped, fees) in
        [("a", 2, 1, json!(null)), ("b", 1, 0, usd(1_500)), ("c", 0, 0, usd(500))]
    {
        let fees = serde_json::from_value(fees).unwrap();
        ended
            .steps
            .insert(step.parse().unwrap(), StepEntry { attempt, helped, fees, ..StepEntry::default() });
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
    let charged = stored.iter().map(|it| match &it.record {
        Record::Event(event) => event.metrics.cost_incurred.map_or(0, |it| it.minor),
        _ => panic!("no event"),
    });
    assert_eq!(charged.collect::<Vec<_>>(), [0, 0, 1_500, 2_000]);
    assert_eq!(took, ["", "2 attempt, 1 help", "1 attempt", "3 attempt, 1 help, 146 cloud_microdollars"]);
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
        (spoil(|it| it["NewImage"]["seq"]["N"] = json!("0")), "the record has fewer numbers than events"),
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
async fn the_numbers_of_poison_are_told_to_be_lost() {
    let memory = memory();
    write(&memory, Record::Run(run("r")), vec![told("a")]).await;
    write(&memory, Record::Run(run("r")), vec![told("b"), told("c")]).await;
    write(&memory, Record::Run(run("r")), vec![told("d")]).await;
    let mut all = batch(&memory, 0);
    all["Records"][1]["dynamodb"]["NewImage"]["record"] = json!("spoilt");
    let bus = Bus::default();
    for _ in 0..2 {
        assert!(deliver(&memory, &bus, all.clone()).await.is_empty());
    }
    assert_eq!(bus.ids()[..4], ["r-1", "r-2", "r-3", "r-4"]);
    assert_eq!(bus.entries()[..4], bus.entries()[4..], "a batch delivered again gives other bytes");
    let seen = events(&memory, "r").await.into_iter().map(|it| match it.record {
        Record::Event(event) => {
            (event.seq, event.data.details["lost"] == true, event.data.details["to"].clone())
        }
        _ => panic!("no event"),
    });
    let state = || json!("Executing");
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [(1, false, Value::Null), (2, true, state()), (3, true, state()), (4, false, Value::Null)]
    );
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
