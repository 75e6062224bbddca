//! Every agent on households made by others, where they are at hand: what it proposes it can do, and undo without a trace.

use crate::bench::{Bench, approved, kind};
use agent::Agent;
use automation_builder::AutomationBuilder;
use bill_negotiator::BillNegotiator;
use events::{AgentItem, AgentResponse, Operation, Outcome};
use income_coach::IncomeCoach;
use quick_saver::QuickSaver;
use sandbox::household::Source;
use serde_json::{Value, json};
use spending_analyzer::SpendingAnalyzer;
use std::path::Path;

async fn bench(file: &str, person: Option<&str>) -> Option<Bench> {
    let source =
        Source { file: others::path(file)?, person: person.map(str::to_owned), as_of: None, broadband: None };
    Some(Bench::start_from(source).await)
}

/// Does everything that an agent proposes, questions approved.
async fn do_everything(bench: &Bench, agent: &impl Agent, inputs: Value) -> (AgentResponse, Vec<AgentItem>) {
    let answer = bench.propose(agent, inputs).await;
    let mut items: Vec<AgentItem> = answer.proposals.iter().map(approved).collect();
    let outcomes = bench.items(agent, Operation::Execute, &items).await;
    for (item, outcome) in items.iter_mut().zip(outcomes) {
        let outcome = match outcome {
            Outcome::Ask { proposal } => {
                *item = approved(&proposal);
                bench.item(agent, Operation::Execute, item).await
            }
            other => other,
        };
        let ended = kind(&outcome);
        assert!(matches!(ended, "done" | "no-effect" | "declined"), "{}: {outcome:?}", item.item_id);
        let probed = kind(&bench.item(agent, Operation::Probe, item).await);
        assert_eq!(probed, if ended == "done" { "done" } else { "no-effect" }, "{}", item.item_id);
    }
    (answer, items)
}

async fn undo_everything(bench: &Bench, agent: &impl Agent, items: &[AgentItem]) {
    for outcome in bench.items(agent, Operation::Compensate, items).await {
        assert!(matches!(kind(&outcome), "done" | "no-effect"), "{outcome:?}");
    }
}

/// Answers how many items each agent had, in the workflow's order.
async fn run(bench: &Bench) -> [usize; 3] {
    let before = bench.state().await;
    let (audit, _) = do_everything(bench, &SpendingAnalyzer, json!({"windowDays": 90})).await;
    let candidates = json!({"candidates": audit.outputs["reducible"]});
    let (_, saved) = do_everything(bench, &QuickSaver, candidates).await;
    let bills = json!({"bills": audit.outputs["bills"], "top": 5});
    let (_, negotiated) = do_everything(bench, &BillNegotiator, bills).await;
    let known = json!({
        "monthlyEssentialOutflow": {"minor": 200_000, "currency": "USD"},
        "reducibleMonthly": audit.outputs["reducibleMonthly"],
    });
    let (_, automated) = do_everything(bench, &AutomationBuilder, known).await;
    let coached = bench.propose(&IncomeCoach, json!({})).await;
    assert!(coached.guide.is_some_and(|guide| !guide.instructions.is_empty()));
    undo_everything(bench, &AutomationBuilder, &automated).await;
    undo_everything(bench, &BillNegotiator, &negotiated).await;
    undo_everything(bench, &QuickSaver, &saved).await;
    assert_eq!(bench.state().await, before);
    [saved.len(), negotiated.len(), automated.len()]
}

#[tokio::test]
async fn the_projects_own_has_something_for_every_agent() {
    let items = run(&Bench::start().await).await;
    assert_eq!(items[..2], [7, 5]);
    assert!(items[2] > 0, "{items:?}");
}

/// The same household as a ledger and as a table: what is found is the same.
#[tokio::test]
async fn a_ledger_and_a_table_of_the_projects_own() {
    let mut items = Vec::new();
    for name in ["okafor.beancount", "okafor.csv"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/sandbox/households").join(name);
        let source = Source { file, person: None, as_of: None, broadband: None };
        items.push(run(&Bench::start_from(source).await).await);
    }
    assert_eq!(items[0], items[1]);
    assert!(items[0].iter().all(|found| *found > 0), "{items:?}");
}

#[tokio::test]
async fn a_ledger() {
    if let Some(bench) = bench("households/bean-example-seed42.beancount", None).await {
        run(&bench).await;
    }
}

#[tokio::test]
async fn people_of_a_table() {
    let Some(file) = others::path("households/finforge-seed42-20users.csv") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let column = text.lines().next().unwrap().split(',').position(|name| name.contains("user")).unwrap();
    let mut people: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(column)).collect();
    people.sort_unstable();
    people.dedup();
    for person in people.iter().step_by(5) {
        let bench = bench("households/finforge-seed42-20users.csv", Some(person)).await.unwrap();
        run(&bench).await;
    }
}

#[tokio::test]
async fn custom_sandbox_users() {
    for name in ["transactions_transactions_checking+savings_custom_user", "assets_assets_custom_user"] {
        if let Some(bench) = bench(&format!("plaid-sandbox-users/{name}.json"), None).await {
            run(&bench).await;
        }
    }
}
