//! Stopped runs that are taken up again, over a table in memory.

use super::*;
use crate::handle;
use engine::{Ending, Item, ItemState};
use events::ErrorClass;
use jiff::Timestamp;
use ports::Stored;
use ports::memory::Memory;
use serde_json::{Value, json};
use shell::Classified;

fn now() -> Timestamp {
    "2026-06-30T12:00:00Z".parse().unwrap()
}

fn fund() -> Workflow {
    Catalog::embedded().unwrap().latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone()
}

fn step(name: &str) -> StepId {
    name.parse().unwrap()
}

/// The run `r` of user `u`, brought here by these changes.
fn run_after(changes: &[Change]) -> Run {
    let workflow = fund();
    let as_of = "2026-06-30".parse().unwrap();
    let run = Run::queued("r".parse().unwrap(), "u".parse().unwrap(), &workflow, as_of, now());
    changes.iter().fold(run, |run, change| apply(&run, &workflow, change, now()).unwrap().0)
}

fn settle(name: &str, unfinished: bool) -> [Change; 2] {
    let settlement = engine::Settlement {
        skipped: false,
        message: "done".to_owned(),
        left: Vec::new(),
        impact: Vec::new(),
        open_effects: false,
        undo_until: None,
        diverted: false,
        unfinished,
    };
    [Change::Start { step: step(name), agent_until: now() }, Change::Settle { step: step(name), settlement }]
}

/// A run that was stopped in the middle of its quick wins.
fn stopped() -> Run {
    let mut changes = vec![Change::Validate, Change::Pass, Change::Begin];
    changes.extend(settle("expense-audit", false));
    changes.push(Change::Start { step: step("quick-wins"), agent_until: now() });
    changes.push(Change::End { ending: Ending::Stop, reason: "stopped by you".to_owned() });
    changes.extend(settle("quick-wins", true).into_iter().skip(1));
    changes.push(Change::Finish);
    run_after(&changes)
}

/// Its records: of each step one item that is in force and one that was left out.
fn record(name: &str) -> StepRecord {
    let mut record = StepRecord::new("r".parse().unwrap(), step(name));
    record.proposed = true;
    for (id, state) in [("a", ItemState::Done), ("b", ItemState::Skipped)] {
        let proposal = json!({ "item_id": id, "title": id, "effect": {}, "kind": "savings", "evidence": [] });
        let proposal = serde_json::from_value(proposal).unwrap();
        let mut item = Item::proposed(&record, proposal);
        item.state = state;
        record.items.push(item);
    }
    record
}

async fn memory(run: Run) -> Memory {
    let memory = Memory::at(now());
    let records = ["expense-audit", "quick-wins"].map(|name| Write::create(Record::Step(record(name))));
    let writes = [Write::create(Record::Run(run))].into_iter().chain(records).collect();
    memory.commit(writes).await.unwrap();
    memory
}

fn catalog() -> Catalog {
    let mut second = fund();
    second.version = 2;
    second.steps[0].agent = "income-coach".parse().unwrap();
    let mut third = fund();
    third.version = 3;
    third.steps[4].name = "More Income".to_owned();
    Catalog::embedded().unwrap().with(vec![second, third])
}

fn wish(more: Value) -> Value {
    let mut wish = json!({ "run_id": "r" });
    wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "user_id": "u", "resume": wish })
}

async fn resume(memory: &Memory, more: Value) -> Result<Started, Failed> {
    handle(memory, memory, &catalog(), wish(more)).await
}

fn run(memory: &Memory) -> Run {
    match memory.get(&Key::Run("r".parse().unwrap())).unwrap().record {
        Record::Run(run) => run,
        other => panic!("{other:?}"),
    }
}

fn items(memory: &Memory, name: &str) -> (bool, String) {
    match memory.get(&Key::Step("r".parse().unwrap(), step(name))).unwrap().record {
        Record::Step(it) => {
            (it.proposed, it.items.iter().map(|it| it.proposal.item_id.to_string()).collect())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stopped_run_is_queued_again_once() {
    let memory = memory(stopped()).await;
    assert!(resume(&memory, json!({})).await.unwrap().created);
    let queued = run(&memory);
    assert_eq!((queued.status, queued.epoch, queued.ending), (RunStatus::Queued, 2, None));
    assert_eq!(queued.entry(&step("expense-audit")).status, StepStatus::Complete);
    assert_eq!(queued.entry(&step("quick-wins")).status, StepStatus::Pending);
    assert_eq!(items(&memory, "expense-audit"), (true, "ab".to_owned()), "it stays as it is");
    assert_eq!(items(&memory, "quick-wins"), (false, "a".to_owned()), "what is in force stays");
    match memory.get(&Key::Queue("u".parse().unwrap())).unwrap().record {
        Record::Queue(queue) => assert_eq!(queue.waiting[0].run_id.as_str(), "r"),
        other => panic!("{other:?}"),
    }
    let told: Vec<Out> = memory.stream().into_iter().flat_map(|it| it.out).collect();
    let [Out::Run(event)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (&event.details["to"], &event.details["reopened"][0]),
        (&json!("Queued"), &json!("quick-wins"))
    );

    let again = resume(&memory, json!({})).await.unwrap();
    assert_eq!((again.run_id.unwrap().as_str(), again.created), ("r", false));
    assert_eq!(run(&memory), queued, "nothing has changed");
    let other = resume(&memory, json!({ "checkpoint": "expense-audit" })).await.unwrap_err();
    assert_eq!(other.message(), "a run that is Queued cannot be resumed", "another wish is not forgotten");
}

#[tokio::test]
async fn what_was_undone_is_proposed_anew_under_keys_of_its_own() {
    let mut undone = stopped();
    let entry = undone.steps.get_mut("quick-wins").unwrap();
    (entry.status, entry.unfinished) = (StepStatus::Undone, false);
    let memory = memory(undone).await;
    let key = Key::Step("r".parse().unwrap(), step("quick-wins"));
    let read = || match memory.get(&key).unwrap() {
        Stored { record: Record::Step(it), rev, .. } => (it, rev),
        other => panic!("{other:?}"),
    };
    let (mut record, rev) = read();
    record.items[0].state = ItemState::Undone;
    let before = record.items[0].clone();
    memory.commit(vec![Write::update(Record::Step(record), rev)]).await.unwrap();
    resume(&memory, json!({})).await.unwrap();
    let (record, _) = read();
    assert_eq!((record.proposed, record.items.len()), (false, 0));
    let again = Item::proposed(&record, before.proposal);
    assert_eq!((before.key.as_str(), again.key.as_str()), ("r:quick-wins:a", "r:quick-wins.1:a"));
}

#[tokio::test]
async fn from_an_earlier_checkpoint_nothing_is_done_that_was_proposed_before() {
    let mut failed = stopped();
    let entry = failed.steps.get_mut("quick-wins").unwrap();
    (entry.status, entry.unfinished) = (StepStatus::Failed, false);
    for (checkpoint, proposed) in [(json!({}), true), (json!({ "checkpoint": "expense-audit" }), false)] {
        let memory = memory(failed.clone()).await;
        resume(&memory, checkpoint).await.unwrap();
        assert_eq!(items(&memory, "quick-wins").0, proposed);
    }
}

#[tokio::test]
async fn a_compatible_version_is_taken() {
    let memory = memory(stopped()).await;
    resume(&memory, json!({ "version": 3 })).await.unwrap();
    assert_eq!((run(&memory).version, run(&memory).status), (3, RunStatus::Queued));
}

#[tokio::test]
async fn what_cannot_be_resumed_is_refused_with_the_reason_and_stays() {
    let completed = RunStatus::Completed;
    for (of, more, class, message) in [
        (
            None,
            json!({"version": 2}),
            ErrorClass::Declined,
            "the run cannot go on with version 2: its step expense-audit has begun and has another agent",
        ),
        (
            None,
            json!({"version": 9}),
            ErrorClass::Declined,
            "there is no version 9 of emergency-fund-builder; there are: 1, 2, 3",
        ),
        (
            None,
            json!({"checkpoint": "payday"}),
            ErrorClass::Declined,
            "there is no checkpoint payday; there are: expense-audit, quick-wins, bill-negotiation, side-income",
        ),
        (
            None,
            json!({"checkpoint": "side-income"}),
            ErrorClass::Declined,
            "the run had not come to checkpoint side-income when it was stopped",
        ),
        (Some(completed), json!({}), ErrorClass::Declined, "a run that is Completed cannot be resumed"),
        (None, json!({"run_id": "other"}), ErrorClass::Validation, "there is no run other"),
    ] {
        let mut before = stopped();
        before.status = of.unwrap_or(before.status);
        let memory = memory(before).await;
        let all = memory.all();
        let failed = resume(&memory, more.clone()).await.unwrap_err();
        assert_eq!((failed.class(), failed.message().as_str()), (class, message), "{more}");
        assert_eq!(memory.all(), all, "{more}");
    }
    let memory = memory(stopped()).await;
    let stranger = json!({"user_id": "stranger", "resume": {"run_id": "r"}});
    let failed = handle(&memory, &memory, &catalog(), stranger).await.unwrap_err();
    assert_eq!(failed.message(), "there is no run r");
}

#[tokio::test]
async fn another_run_of_the_same_workflow_has_its_turn_first() {
    let memory = memory(stopped()).await;
    let mut other = run_after(&[]);
    other.run_id = "later".parse().unwrap();
    let queue = Queue {
        user_id: "u".parse().unwrap(),
        waiting: vec![queue::place(&other, &fund())],
        running: Vec::new(),
    };
    memory
        .commit(vec![Write::create(Record::Run(other)), Write::create(Record::Queue(queue))])
        .await
        .unwrap();
    let failed = resume(&memory, json!({})).await.unwrap_err();
    assert_eq!(failed.message(), "Emergency Fund Builder is under way already in run later");
    assert_eq!(run(&memory).status, RunStatus::Stopped);
}
