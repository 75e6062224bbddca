//! The handler over a table in memory.

mod kept;

use super::*;
use engine::{Goals, Item, ItemState, Queue, Queued, RunContext, RunStatus, StepRecord};
use events::{ErrorClass, Impact, Proposal, UserId};
use ports::Key;
use ports::memory::Memory;
use serde_json::json;
use shell::Classified;
use std::collections::{BTreeMap, BTreeSet};

/// The three workflows that these tests are about, whatever else the catalog has.
fn catalog() -> Catalog {
    let embedded = Catalog::embedded().unwrap();
    let known = |id: &str| embedded.latest(&id.parse().unwrap()).unwrap().clone();
    let ids = ["emergency-fund-builder", "debt-avalanche-accelerator", "investment-tax-harvester"];
    Catalog::default().with(ids.map(known).to_vec())
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
    let record = StepRecord::new("r".parse().unwrap(), step.parse().unwrap());
    let mut item = Item::proposed(&record, proposal);
    item.state = state;
    item.impact = vec![Impact {
        kind,
        stage: ImpactStage::Confirmed,
        monthly: Money::usd(cents),
        months: None,
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
        "liquid": usd(838_000), "monthly_essential_outflow": usd(400_000), "monthly_outflow": usd(520_000),
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
    // 20 x 12 of 6,000 is 4.0 %: the 30 put aside were there before.
    assert_eq!(it.impact.goal.unwrap().tenths_of_percent, 40);
    let next = it.suggestion.unwrap();
    assert_eq!((next.workflow_id.as_str(), next.available), ("debt-avalanche-accelerator", false));
    assert_eq!(next.reasons[1], "Emergency Fund Builder freed $20.00 a month");
    let told = told(&memory);
    assert!(matches!(&told[0], Out::Suggested(it) if *it == next));
    let Out::Run(goal) = &told[1] else { panic!("{told:?}") };
    assert_eq!(goal.kind, EventType::GoalProgressed);
    assert_eq!(goal.message, "Three months: a year of this adds 4.0 % of the target");
    let Out::Run(risk) = &told[2] else { panic!("{told:?}") };
    assert_eq!(risk.kind, EventType::RiskReduced);
    // 8,380, and with 20 x 12, over 4,000 of essentials a month; the 30 put aside lengthen nothing.
    assert_eq!(risk.message, "In a year of this the runway grows from 2.0 to 2.1 months");
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
    assert_eq!(told(&memory).len(), 5);
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
    assert!(told(&memory).iter().all(|it| matches!(it, Out::Unlocked(_))));
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

fn impacts(memory: &Memory) -> Vec<RunImpact> {
    let of = |it: Stored| match it.record {
        Record::Impact(it) => Some(it),
        _ => None,
    };
    memory.all().into_iter().filter_map(of).collect()
}

/// A later simulation that lists what is paid again and again; each with its last charge.
fn simulated(as_of: &str, charges: &[(&str, &str, i64)]) -> Value {
    let usd = |cents: i64| json!({"minor": cents, "currency": "USD"});
    let charge = |(id, date, cents): &(&str, &str, i64)| json!({"name": "Stream", "charges": [{"transaction": id, "date": date, "amount": usd(*cents)}]});
    json!({"detail-type": "simulation.completed", "detail": {
        "version": 1, "id": "s-2", "time": "2026-09-01T12:00:00Z", "user_id": "u",
        "data": {
            "simulation_id": "sim-2", "as_of": as_of, "runway_months": 2.1, "runway_months_lean": 2.8, "liquid": usd(1),
            "monthly_essential_outflow": usd(1), "monthly_outflow": usd(1), "monthly_income": usd(1),
            "unrealised_losses": usd(0), "accounts_linked": 2,
            "recurring": charges.iter().map(charge).collect::<Vec<_>>(),
        },
    }})
}

#[tokio::test]
async fn a_later_simulation_shows_what_was_saved_and_unlocks_what_that_makes_true() {
    let memory = memory().await;
    ask(&memory, event("workflow.completed")).await.unwrap();
    let confirmed = &impacts(&memory)[0];
    assert_eq!((confirmed.lines.len(), confirmed.amount(Currency::USD)), (2, 5_000));
    assert!(confirmed.lines.iter().all(|it| it.confirmed_at.is_some() && it.realised.is_none()));

    let before = told(&memory).len();
    assert_eq!(ask(&memory, simulated("2026-07-10", &[])).await.unwrap(), Answer::Nothing, "too early");
    let later = simulated("2026-09-01", &[("t1", "2026-06-10", 2_000)]);
    assert_eq!(ask(&memory, later.clone()).await.unwrap(), Answer::Seen(1));
    let realised = impacts(&memory)[0].lines[0].realised.clone().unwrap();
    assert_eq!(realised.monthly, Money::usd(2_000));
    assert_eq!(realised.evidence, ["simulation:sim-2", "t1"]);
    let told = told(&memory).split_off(before);
    let [Out::Run(saved), Out::Unlocked(seen)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (saved.kind, &saved.details["impact"]["stage"]),
        (EventType::SavingsAchieved, &json!("realised"))
    );
    assert_eq!(seen.achievement_id, "seen-on-the-statement");

    let written = memory.stream().len();
    assert_eq!(ask(&memory, later).await.unwrap(), Answer::Nothing, "once");
    assert_eq!(memory.stream().len(), written);
}

#[tokio::test]
async fn an_achievement_is_unlocked_once() {
    let memory = memory().await;
    ask(&memory, event("workflow.completed")).await.unwrap();
    let unlocked = |memory: &Memory| told(memory).iter().filter(|it| matches!(it, Out::Unlocked(_))).count();
    assert_eq!(unlocked(&memory), 2, "a first step, and money put aside");
    // The completion is forgotten, the achievements are not.
    let mut again = event("workflow.completed");
    again["detail"]["data"]["runId"] = json!("r-2");
    let Some(Record::Run(run)) = memory.get(&Key::Run("r".parse().unwrap())).map(|it| it.record) else {
        panic!()
    };
    let second = Run { run_id: "r-2".parse().unwrap(), ..run };
    memory.commit(vec![Write::create(Record::Run(second))]).await.unwrap();
    assert_eq!(ask(&memory, again).await.unwrap(), Answer::Calculated);
    assert_eq!(unlocked(&memory), 2);
}

#[tokio::test]
async fn a_run_that_ended_is_accounted_for_with_the_class_of_its_failure() {
    let memory = memory().await;
    let mut failed = StepRecord::new("r".parse().unwrap(), "expense-audit".parse().unwrap());
    failed.failure = Some(engine::Failure::new(ErrorClass::Critical, "frozen"));
    memory.commit(vec![Write::create(Record::Step(failed))]).await.unwrap();
    let mut changed = event("run.state_changed");
    changed["detail"]["data"]["data"]["details"] = json!({"from": "RollingBack", "to": "RolledBack"});
    for _ in 0..2 {
        assert_eq!(ask(&memory, changed.clone()).await.unwrap(), Answer::Accounted);
    }
    let day = "1970-01-01".parse().unwrap();
    let listed = memory.list(Listing::Ended(day), None, 10).await.unwrap();
    let [Stored { record: Record::Ended(ended), .. }] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((ended.status, ended.class), (RunStatus::RolledBack, Some(ErrorClass::Critical)));
    changed["detail"]["data"]["data"]["details"] = json!({"from": "Ready", "to": "Executing"});
    assert_eq!(ask(&memory, changed).await.unwrap(), Answer::Nothing);
}

#[tokio::test]
async fn what_a_completed_run_teaches_is_kept_by_workflow() {
    let memory = memory().await;
    ask(&memory, event("workflow.completed")).await.unwrap();
    let key = Key::Learned("emergency-fund-builder".parse().unwrap());
    let Some(Record::Learned(learned)) = memory.get(&key).map(|it| it.record) else { panic!() };
    assert_eq!((learned.runs, learned.usually_confirms(Currency::USD)), (1, Some((Money::usd(5_000), 1))));
}

#[tokio::test]
async fn a_malformed_simulation_is_left_to_who_reports_it() {
    let memory = Memory::at("2026-07-01T12:00:00Z".parse().unwrap());
    let event = json!({"detail-type": "simulation.completed", "detail": {"version": 1, "data": {"runway_months": "not a number"}}});
    let answer = handle(&memory, &memory, &Catalog::default(), event).await.unwrap();
    assert_eq!((answer, memory.all().len()), (Answer::Nothing, 0));
}
