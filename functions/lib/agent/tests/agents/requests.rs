//! Requests that are wrong, late or lack something, and the agents' cards.

use crate::bench::{Bench, item_of, kind, outside};
use agent::{Agent, NoEffect};
use automation_builder::AutomationBuilder;
use bill_negotiator::BillNegotiator;
use events::{ErrorClass, Operation, Outcome};
use income_coach::IncomeCoach;
use jiff::Timestamp;
use quick_saver::QuickSaver;
use serde_json::{Value, json};
use shell::Classified;
use spending_analyzer::SpendingAnalyzer;

async fn refuses_wrong_inputs(bench: &Bench, agent: &impl Agent, inputs: Value, expect: &str) {
    let request = bench.request(Operation::Propose, inputs.clone());
    let error = bench.ask(agent, request).await.expect_err(&inputs.to_string());
    assert_eq!(error.class(), ErrorClass::Validation, "{inputs}");
    assert!(error.message().contains(expect), "{inputs}: {}", error.message());
}

#[tokio::test]
async fn wrong_inputs_are_refused_by_name_and_never_repeated() {
    let bench = Bench::start().await;
    refuses_wrong_inputs(&bench, &SpendingAnalyzer, json!({"windowDays": 30}), "inputs.windowDays").await;
    refuses_wrong_inputs(&bench, &SpendingAnalyzer, json!({"days": 90}), "inputs.days").await;
    refuses_wrong_inputs(&bench, &QuickSaver, json!({"candidates": "all"}), "inputs.candidates").await;
    refuses_wrong_inputs(&bench, &QuickSaver, json!({"candidates": [{"id": 7}]}), "inputs.candidates[0].id")
        .await;
    refuses_wrong_inputs(&bench, &BillNegotiator, json!({"top": "many"}), "inputs.top").await;
    refuses_wrong_inputs(&bench, &AutomationBuilder, json!({"floor": {"minor": "x"}}), "inputs.floor.minor")
        .await;
    refuses_wrong_inputs(&bench, &IncomeCoach, json!({"liquid": 12.5}), "inputs.liquid").await;
}

#[tokio::test]
async fn a_missing_link_is_a_missing_permission() {
    let bench = Bench::start().await;
    for op in [Operation::Propose, Operation::Execute, Operation::Compensate, Operation::Probe] {
        let mut request = bench.request(op, json!({}));
        request.credentials.remove("subscriptions");
        let error = bench.ask(&QuickSaver, request).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Permission, "{op:?}");
        assert!(error.message().contains("the subscription service"), "{}", error.message());
    }
}

#[tokio::test]
async fn begins_nothing_after_the_deadline() {
    let bench = Bench::start().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let item = item_of(&answer, "sub_streamly");
    for op in [Operation::Execute, Operation::Compensate] {
        let late = |it: &mut events::AgentRequest| it.deadline = Timestamp::now();
        let response = bench.items_with(&QuickSaver, op, std::slice::from_ref(&item), late).await;
        let outcome = &response.results[0].outcome;
        assert!(matches!(outcome, Outcome::Failed { class: ErrorClass::Timeout, .. }), "{op:?} {outcome:?}");
    }
    assert_eq!(bench.effects().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_item_that_is_in_doubt_stays_so_while_nobody_can_be_asked() {
    let bench = Bench::start().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let item = item_of(&answer, "sub_streamly");
    bench.fault("GET", "/subscriptions/operations", 1, json!({"kind": "status", "status": 503})).await;
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Probe, &item).await), "unknown");
}

async fn describes_itself(bench: &Bench, agent: &impl Agent) {
    let mut request = bench.request(Operation::Describe, json!({}));
    request.credentials.clear();
    let card = bench.ask(agent, request.clone()).await.unwrap().card.expect("a card");
    assert_eq!(card.agent.as_str(), agent.card().agent);
    assert!(!card.capabilities.is_empty() && !card.scopes.is_empty());
    assert_eq!(card.providers.len(), agent.card().providers.len());
    assert!(card.providers.values().all(|answers| *answers), "{card:?}");
    // Nothing listens on the discard port.
    let nobody = outside("http://127.0.0.1:9", agent.card().providers);
    let card = agent::answer(agent, &nobody, request).await.unwrap().card.expect("a card");
    assert!(card.providers.values().all(|answers| !answers), "{card:?}");
}

#[tokio::test]
async fn every_agent_says_who_it_is_and_whether_its_providers_answer() {
    let bench = Bench::start().await;
    describes_itself(&bench, &SpendingAnalyzer).await;
    describes_itself(&bench, &QuickSaver).await;
    describes_itself(&bench, &BillNegotiator).await;
    describes_itself(&bench, &AutomationBuilder).await;
    describes_itself(&bench, &IncomeCoach).await;
}

#[test]
fn an_agent_without_effects_takes_none() {
    assert!(serde_json::from_value::<NoEffect>(json!({})).is_err());
    assert!(serde_json::from_value::<NoEffect>(Value::Null).is_err());
}
