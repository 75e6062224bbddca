//! The handler over a table in memory.

use super::*;
use engine::{Goals, Item, ItemState, Queue, Queued, RunContext, RunStatus};
use events::{ErrorClass, Impact, Proposal};
use ports::memory::Memory;
use serde_json::json;
use shell::Classified;
use std::collections::BTreeMap;

fn catalog() -> Catalog {
    Catalog::embedded().unwrap()
}

fn event(event_type: &str) -> Value {
    json!({"detail-type": event_type, "detail": {
        "version": 1, "id": "r-9", "time": "2026-06-30T12:00:00Z", "user_id": "u",
        "data": {
            "workflowId": "emergency-fund-builder", "runId": "r", "seq": 9, "timestamp": 0, "type": event_type,
            "severity": "success", "data": {"progress": 100, "message": ""}, "metrics": {"duration": 0},
        },
    }})
}

fn item(step: &str, cents: i64, kind: ImpactKind, state: ItemState) -> Item {
    let proposal = Proposal {
        item_id: format!("{step}-{cents}").parse().unwrap(),
        title: String::new(),
        reasons: Vec::new(),
        effect: Value::Null,
        monthly: None,
        kind,
        evidence: Vec::new(),
        modifications: BTreeMap::new(),
        undo_until: None,
    };
    let mut item = Item::proposed(&"r".parse().unwrap(), &step.parse().unwrap(), proposal);
    item.state = state;
    item.impact = vec![Impact {
        kind,
        stage: ImpactStage::Confirmed,
        monthly: Money::usd(cents),
        label: "Cancelled".to_owned(),
        evidence: vec!["t1".to_owned()],
    }];
    item
}

/// A completed run with a saving of $20 (and one of $5 that was undone), $30 put aside, and a goal of $6,000.
async fn memory() -> Memory {
    let memory = Memory::at("2026-06-30T12:00:00Z".parse().unwrap());
    let catalog = catalog();
    let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    let (run_id, user_id): (RunId, UserId) = ("r".parse().unwrap(), "u".parse().unwrap());
    let as_of = "2026-06-30".parse().unwrap();
    let mut run = Run::queued(run_id.clone(), user_id.clone(), workflow, as_of, memory.now());
    run.status = RunStatus::Completed;
    let step = |id: &str, items| {
        let mut step = StepRecord::new(run_id.clone(), id.parse().unwrap());
        step.items = items;
        Record::Step(step)
    };
    let goal = Goal {
        name: "Three months".to_owned(),
        kind: "emergency-fund".to_owned(),
        target: Money::usd(600_000),
        saved: Money::usd(0),
    };
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    let simulation = json!({
        "simulation_id": "sim-1", "as_of": "2026-06-30", "runway_months": 2.1, "runway_months_lean": 2.8,
        "liquid": usd(840_000), "monthly_essential_outflow": usd(400_000), "monthly_outflow": usd(520_000),
        "monthly_income": usd(550_000), "unrealised_losses": usd(0), "accounts_linked": 2,
        "debts": [{"name": "Card", "apr": 22.9, "balance": usd(500_000), "minimum": usd(10_000)}],
    });
    let entry = |run: &str, workflow: &str| Queued {
        run_id: run.parse().unwrap(),
        workflow_id: workflow.parse().unwrap(),
        providers: BTreeSet::new(),
    };
    let queue = Queue {
        user_id: user_id.clone(),
        waiting: Vec::new(),
        running: vec![entry("r", "emergency-fund-builder")],
    };
    let saved = [
        item("quick-wins", 2_000, ImpactKind::Savings, ItemState::Done),
        item("quick-wins", 500, ImpactKind::Savings, ItemState::Undone),
    ];
    let aside = [item("automation-setup", 3_000, ImpactKind::SetAside, ItemState::Done)];
    for record in [
        Record::Run(run),
        Record::Context(RunContext { run_id: run_id.clone(), simulation }),
        step("automation-setup", aside.to_vec()),
        step("quick-wins", saved.to_vec()),
        Record::Goals(Goals { user_id, goals: vec![goal] }),
        Record::Queue(queue),
    ] {
        memory.commit(vec![Write::create(record)]).await.unwrap();
    }
    memory
}

async fn ask(memory: &Memory, event: Value) -> Result<Answer, Failed> {
    handle(memory, memory, &catalog(), event).await
}

fn completion(memory: &Memory) -> Option<Completion> {
    memory.get(&Key::Completion("r".parse().unwrap())).map(|it| match it.record {
        Record::Completion(it) => it,
        _ => panic!("no completion"),
    })
}

fn told(memory: &Memory) -> Vec<Out> {
    memory.stream().into_iter().flat_map(|it| it.out).collect()
}

#[tokio::test]
async fn a_completed_run_has_its_impact_its_goal_and_a_suggestion() {
    let memory = memory().await;
    assert_eq!(ask(&memory, event("workflow.completed")).await.unwrap(), Answer::Calculated);
    let it = completion(&memory).unwrap();
    assert_eq!(it.impact.confirmed, Some(Money::usd(2_000)));
    assert_eq!((it.impact.annual, it.impact.set_aside), (Some(Money::usd(24_000)), Some(Money::usd(3_000))));
    let labels: Vec<_> = it.impact.items.iter().map(|it| it.step_id.as_ref().unwrap().as_str()).collect();
    assert_eq!(
        labels,
        ["quick-wins", "automation-setup"],
        "in the order of the definition, without what was undone"
    );
    // (20 + 30) x 12 of 6,000 is 10.0 %.
    assert_eq!(it.impact.goal.unwrap().tenths_of_percent, 100);
    let next = it.suggestion.unwrap();
    assert_eq!((next.workflow_id.as_str(), next.available), ("debt-avalanche-accelerator", false));
    assert_eq!(next.reasons[1], "Emergency Fund Builder freed $20.00 a month");
    let told = told(&memory);
    assert!(matches!(&told[0], Out::Suggested(it) if *it == next));
    let Out::Run(goal) = &told[1] else { panic!("{told:?}") };
    assert_eq!(goal.kind, EventType::GoalProgressed);
    assert_eq!(goal.message, "Three months: a year of this adds 10.0 % of the target");
}

#[tokio::test]
async fn the_same_event_again_changes_nothing() {
    let memory = memory().await;
    ask(&memory, event("workflow.completed")).await.unwrap();
    let written = memory.stream().len();
    assert_eq!(ask(&memory, event("workflow.completed")).await.unwrap(), Answer::CalculatedBefore);
    assert_eq!(memory.stream().len(), written);
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_half_done() {
    let memory = memory().await;
    memory.fail_write(0);
    let failed = ask(&memory, event("workflow.completed")).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Interrupted);
    assert!(completion(&memory).is_none() && told(&memory).is_empty());
    assert_eq!(ask(&memory, event("workflow.completed")).await.unwrap(), Answer::Calculated);
    assert_eq!(told(&memory).len(), 2);
}

#[tokio::test]
async fn without_goal_or_figures_there_is_neither_progress_nor_suggestion() {
    let memory = memory().await;
    for record in [
        Record::Goals(Goals { user_id: "u".parse().unwrap(), goals: Vec::new() }),
        Record::Context(RunContext { run_id: "r".parse().unwrap(), simulation: Value::Null }),
    ] {
        memory.commit(vec![Write::put(record)]).await.unwrap();
    }
    assert_eq!(ask(&memory, event("workflow.completed")).await.unwrap(), Answer::Calculated);
    let it = completion(&memory).unwrap();
    assert_eq!((it.impact.goal, it.suggestion), (None, None));
    assert!(told(&memory).is_empty());
}

#[tokio::test]
async fn a_run_that_saved_nothing_confirms_zero() {
    let memory = memory().await;
    let skipped = StepRecord::new("r".parse().unwrap(), "quick-wins".parse().unwrap());
    memory.commit(vec![Write::put(Record::Step(skipped))]).await.unwrap();
    ask(&memory, event("workflow.completed")).await.unwrap();
    let impact = completion(&memory).unwrap().impact;
    assert_eq!((impact.confirmed, impact.annual), (Some(Money::usd(0)), Some(Money::usd(0))));
    assert_eq!(impact.set_aside, Some(Money::usd(3_000)));
}

#[tokio::test]
async fn other_events_and_other_versions_calculate_nothing() {
    let memory = memory().await;
    assert_eq!(ask(&memory, event("workflow.failed")).await.unwrap(), Answer::Nothing);
    let mut newer = event("workflow.completed");
    newer["detail"]["version"] = json!(2);
    assert_eq!(ask(&memory, newer).await.unwrap(), Answer::Kept);
    assert!(completion(&memory).is_none());
    let mut stranger = event("workflow.completed");
    stranger["detail"]["data"]["runId"] = json!("other");
    assert!(matches!(ask(&memory, stranger).await.unwrap_err(), Failed::UnknownRun(_)));
}
