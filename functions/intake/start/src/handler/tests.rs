//! The handler over a table in memory.

use super::*;
use engine::RunStatus;
use engine::recommend::recommend;
use events::{ErrorClass, SimulationCompleted};
use ports::memory::Memory;
use serde_json::json;
use shell::Classified;

const FUND: &str = "emergency-fund-builder";
const AVALANCHE: &str = "debt-avalanche-accelerator";

fn simulation() -> SimulationCompleted {
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    let json = json!({
        "simulation_id": "sim-1", "as_of": "2026-06-30", "runway_months": 2.1, "runway_months_lean": 2.8,
        "liquid": usd(840_000), "monthly_essential_outflow": usd(400_000), "monthly_outflow": usd(520_000),
        "monthly_income": usd(550_000), "unrealised_losses": usd(0), "accounts_linked": 2,
        "debts": [{"name": "Card", "apr": 22.9, "balance": usd(500_000), "minimum": usd(10_000)}],
    });
    serde_json::from_value(json).unwrap()
}

/// A table in which user `u` has a recommendation `r` of both workflows, and so has `other`.
async fn memory() -> Memory {
    let memory = Memory::at("2026-06-30T12:00:00Z".parse().unwrap());
    for user in ["u", "other"] {
        let recommended = recommend(&catalog(), "r".parse().unwrap(), &simulation());
        let record = Recommendation {
            recommendation_id: "r".parse().unwrap(),
            user_id: user.parse().unwrap(),
            simulation: simulation(),
            actions: recommended.actions,
            made_at: memory.now(),
        };
        memory.commit(vec![Write::create(Record::Recommendation(record))]).await.unwrap();
    }
    memory
}

fn catalog() -> Catalog {
    Catalog::embedded().unwrap()
}

fn select(workflow: &str, key: &str) -> Value {
    json!({"user_id": "u", "selection": {
        "recommendation_id": "r", "workflow_id": workflow, "idempotency_key": key,
    }})
}

async fn start(memory: &Memory, payload: Value) -> Result<Started, Failed> {
    handle(memory, memory, &catalog(), payload).await
}

fn run(memory: &Memory, id: &RunId) -> (Run, u64) {
    let stored = memory.get(&Key::Run(id.clone())).expect("a run");
    match stored.record {
        Record::Run(run) => (run, stored.rev),
        _ => panic!("no run"),
    }
}

fn user_queue(memory: &Memory) -> Queue {
    match memory.get(&Key::Queue("u".parse().unwrap())).expect("a queue").record {
        Record::Queue(queue) => queue,
        _ => panic!("no queue"),
    }
}

/// Ends a run as the engine would.
async fn end(memory: &Memory, id: &RunId) {
    let (mut ended, rev) = run(memory, id);
    ended.status = RunStatus::Completed;
    memory.commit(vec![Write::update(Record::Run(ended), rev)]).await.unwrap();
}

#[tokio::test]
async fn a_selection_becomes_a_queued_run_with_all_that_belongs_to_it() {
    let memory = memory().await;
    let started = start(&memory, select(FUND, "k1")).await.unwrap();
    assert!(started.created);
    let id = started.run_id.unwrap();
    let (run, _) = run(&memory, &id);
    assert_eq!((run.status, run.version, run.as_of), (RunStatus::Queued, 1, simulation().as_of));
    assert_eq!(user_queue(&memory).waiting[0].run_id, id);
    assert!(user_queue(&memory).waiting[0].providers.contains("plaid"));
    for key in [Key::Context(id.clone()), Key::UserRun("u".parse().unwrap(), run.queued_at, id.clone())] {
        assert!(memory.get(&key).is_some(), "{key:?}");
    }
    let told: Vec<Out> = memory.stream().into_iter().flat_map(|it| it.out).collect();
    let [Out::Run(event)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(serde_json::to_value(&event.details).unwrap(), json!({"from": null, "to": "Queued"}));
}

#[tokio::test]
async fn the_same_key_again_is_the_same_run() {
    let memory = memory().await;
    let first = start(&memory, select(FUND, "k1")).await.unwrap();
    let records = memory.all().len();
    let event = json!({"detail-type": "workflow.selected", "detail": {
        "version": 1, "id": "e", "time": "2026-06-30T12:00:00Z", "user_id": "u",
        "data": select(FUND, "k1")["selection"],
    }});
    let second = start(&memory, event).await.unwrap();
    assert_eq!((second.run_id, second.created), (first.run_id, false));
    assert_eq!(memory.all().len(), records);
}

#[tokio::test]
async fn a_crash_before_the_write_leaves_nothing_and_after_it_changes_nothing() {
    let memory = memory().await;
    let records = memory.all().len();
    memory.fail_write(0);
    let failed = start(&memory, select(FUND, "k1")).await.unwrap_err();
    assert_eq!((failed.class(), memory.all().len()), (ErrorClass::Interrupted, records));
    let again = start(&memory, select(FUND, "k1")).await.unwrap();
    assert_eq!(again.run_id.unwrap(), queue::run_id(&"u".parse().unwrap(), "k1").unwrap());
}

#[tokio::test]
async fn what_cannot_be_selected_is_refused_and_leaves_nothing() {
    let unknown = json!({"user_id": "stranger", "selection": select(FUND, "k")["selection"]});
    let mut typo = select(FUND, "k");
    typo["selection"]["workflow"] = json!("x");
    for (payload, class, message) in [
        (select(AVALANCHE, "k"), ErrorClass::Declined, "Debt Avalanche Accelerator is not yet available"),
        (
            select("investment-tax-harvester", "k"),
            ErrorClass::Validation,
            "workflow investment-tax-harvester is not in recommendation r",
        ),
        (unknown, ErrorClass::Validation, "there is no recommendation r"),
        (
            select(FUND, "a b"),
            ErrorClass::Validation,
            "selection.idempotency_key: expected 1 to 128 visible ASCII characters",
        ),
        (
            typo,
            ErrorClass::Validation,
            "selection.workflow: unknown field `workflow`, expected one of `recommendation_id`, `workflow_id`, `idempotency_key`",
        ),
    ] {
        let memory = memory().await;
        let records = memory.all().len();
        let failed = start(&memory, payload).await.unwrap_err();
        assert_eq!((failed.class(), failed.message().as_str()), (class, message));
        assert_eq!(memory.all().len(), records);
    }
}

#[tokio::test]
async fn a_key_selects_one_thing() {
    let memory = memory().await;
    start(&memory, select(FUND, "k1")).await.unwrap();
    let failed = start(&memory, select(AVALANCHE, "k1")).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Validation);
    assert!(matches!(failed, Failed::KeyTaken { .. }));
}

#[tokio::test]
async fn one_active_run_of_a_workflow_and_the_next_when_it_has_ended() {
    let memory = memory().await;
    let first = start(&memory, select(FUND, "k1")).await.unwrap().run_id.unwrap();
    let failed = start(&memory, select(FUND, "k2")).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Declined);
    assert_eq!(failed.message(), format!("Emergency Fund Builder is under way already in run {first}"));
    let mut other = select(FUND, "k1");
    other["user_id"] = json!("other");
    assert!(start(&memory, other).await.unwrap().created, "another user's key and run");

    let mut taken = user_queue(&memory);
    queue::take(&mut taken, &first);
    memory.commit(vec![Write::put(Record::Queue(taken))]).await.unwrap();
    assert!(start(&memory, select(FUND, "k2")).await.is_err());
    end(&memory, &first).await;
    let second = start(&memory, select(FUND, "k2")).await.unwrap().run_id.unwrap();
    let queue = user_queue(&memory);
    assert!(queue.running.is_empty());
    assert_eq!(queue.waiting.iter().map(|it| &it.run_id).collect::<Vec<_>>(), [&second]);
}

#[tokio::test]
async fn an_event_of_a_later_version_is_kept() {
    let memory = memory().await;
    let event = json!({"detail-type": "workflow.selected", "detail": {"version": 2, "id": "e9"}});
    let answer = start(&memory, event).await.unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), json!({"created": false}));
    assert!(memory.get(&Key::Unread("start#e9".to_owned())).is_some());
}
