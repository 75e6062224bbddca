//! Automation Builder.

use crate::bench::{Bench, approved, done, kind};
use automation_builder::AutomationBuilder;
use events::{AgentItem, AgentRequest, ErrorClass, ImpactKind, Operation, Outcome};
use serde_json::{Value, json};
use shell::Classified;

fn usd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

fn inputs() -> Value {
    json!({
        "floor": usd(30_000),
        "monthlyEssentialOutflow": usd(200_000),
        "monthlySaved": [usd(90_000), null, usd(30_000)],
    })
}

#[tokio::test]
async fn proposes_rules_with_what_they_would_have_set_aside() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&AutomationBuilder, inputs()).await;
    assert!(!answer.proposals.is_empty(), "{answer:?}");
    for proposal in &answer.proposals {
        assert_eq!(proposal.kind, ImpactKind::SetAside);
        assert_eq!(proposal.effect["rule"]["floor"]["minor"], 30_000);
        assert!(proposal.monthly.unwrap().is_positive());
        assert!(!proposal.evidence.is_empty());
    }
    let ids: Vec<&str> = answer.proposals.iter().map(|one| one.item_id.as_str()).collect();
    assert!(ids.contains(&"round-up:acc_checking"), "{ids:?}");
    assert_eq!(bench.state().await, before);
}

#[tokio::test]
async fn what_earlier_steps_freed_raises_what_is_set_aside_and_is_not_found_again() {
    let bench = Bench::start().await;
    let mut set_aside = Vec::new();
    for freed in [json!([]), json!([null, usd(200_000)])] {
        let given = json!({
            "monthlyEssentialOutflow": usd(200_000), "monthlySaved": freed, "reducibleMonthly": usd(250_000),
        });
        let answer = bench.propose(&AutomationBuilder, given).await;
        set_aside.push((
            answer.proposals.iter().map(|one| one.monthly.unwrap().minor).sum::<i64>(),
            answer.headline,
        ));
    }
    let [(without, all), (with, rest)] = &set_aside[..] else { panic!() };
    assert!(with > without, "{set_aside:?}");
    assert!(all.contains("up to $2500.00 more") && rest.contains("up to $500.00 more"), "{set_aside:?}");
}

/// A tenth of a month's essentials in whole tens, up; what is whole already stays.
#[tokio::test]
async fn the_floor_is_three_days_of_essentials() {
    let bench = Bench::start().await;
    for (essentials, floor) in [(200_000, 20_000), (200_001, 21_000), (209_999, 21_000)] {
        let mut given = inputs();
        given["floor"] = Value::Null;
        given["monthlyEssentialOutflow"] = usd(essentials);
        let answer = bench.propose(&AutomationBuilder, given).await;
        assert_eq!(answer.proposals[0].effect["rule"]["floor"]["minor"], floor, "{essentials}");
    }
}

#[tokio::test]
async fn proposes_nothing_that_would_touch_the_floor() {
    let bench = Bench::start().await;
    let mut given = inputs();
    given["floor"] = usd(900_000);
    let answer = bench.propose(&AutomationBuilder, given).await;
    let kinds: Vec<&Value> = answer.proposals.iter().map(|one| &one.effect["rule"]["rule"]["kind"]).collect();
    assert!(kinds.iter().all(|kind| *kind == "percent_of_paycheck"), "{kinds:?}");
}

#[tokio::test]
async fn creates_each_rule_once_and_deletes_it_without_a_trace() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&AutomationBuilder, inputs()).await;
    let items: Vec<AgentItem> = answer.proposals.iter().map(approved).collect();
    let projected: i64 = answer.proposals.iter().map(|one| one.monthly.unwrap().minor).sum();
    for _ in 1..=2 {
        let response = bench.items_with(&AutomationBuilder, Operation::Execute, &items, |_| {}).await;
        let created: i64 = response.results.iter().map(|one| done(&one.outcome)).sum();
        assert_eq!(created, projected);
        assert_eq!(response.outputs["projectedMonthlyIncrease"]["minor"], projected);
    }
    assert_eq!(bench.effects().await.len(), items.len());
    let repeated = bench.propose(&AutomationBuilder, inputs()).await;
    assert!(repeated.proposals.is_empty(), "what is set up is not proposed again");
    for _ in 1..=2 {
        for outcome in bench.items(&AutomationBuilder, Operation::Compensate, &items).await {
            assert_eq!(done(&outcome), 0);
        }
        assert_eq!(bench.state().await, before);
    }
    assert_eq!(bench.effects().await.len(), 2 * items.len());
}

#[tokio::test]
async fn finds_out_what_became_of_a_lost_answer() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&AutomationBuilder, inputs()).await;
    let item = approved(&answer.proposals[0]);
    assert_eq!(kind(&bench.item(&AutomationBuilder, Operation::Probe, &item).await), "no-effect");
    bench.fault("POST", "/savings/rules", 1, json!({"kind": "drop_answer_after_effect"})).await;
    assert_eq!(kind(&bench.item(&AutomationBuilder, Operation::Execute, &item).await), "unknown");
    assert!(done(&bench.item(&AutomationBuilder, Operation::Probe, &item).await) > 0);
    done(&bench.item(&AutomationBuilder, Operation::Execute, &item).await);
    assert_eq!(bench.effects().await.len(), 1);
    bench.fault("POST", "/savings/rules/undo", 1, json!({"kind": "drop_answer_after_effect"})).await;
    assert_eq!(kind(&bench.item(&AutomationBuilder, Operation::Compensate, &item).await), "unknown");
    assert_eq!(done(&bench.item(&AutomationBuilder, Operation::Compensate, &item).await), 0);
    assert_eq!(bench.state().await, before);
}

#[tokio::test]
async fn the_floor_is_checked_again_right_before() {
    let bench = Bench::start().await;
    let answer = bench.propose(&AutomationBuilder, inputs()).await;
    let round_up = answer.proposals.iter().find(|one| one.item_id.as_str().starts_with("round-up")).unwrap();
    let mut item = approved(round_up);
    // As if the balance had fallen: the same rule with a floor that today's balance cannot hold.
    item.effect["rule"]["floor"]["minor"] = json!(900_000);
    let outcome = bench.item(&AutomationBuilder, Operation::Execute, &item).await;
    assert!(matches!(outcome, Outcome::NoEffect { .. }), "{outcome:?}");
    assert_eq!(bench.effects().await, Vec::<String>::new());
}

/// A question about what is, or is to be, at one of the providers that can stand in for each other: it comes with its credentials alone.
fn at(provider: &str) -> impl Fn(&mut AgentRequest) {
    move |request| {
        request.provider = Some(provider.to_owned());
        request.credentials.retain(|name, _| name == "plaid" || name == provider);
    }
}

#[tokio::test]
async fn at_the_partner_bank_a_rule_is_created_found_and_deleted_there_alone() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let items = [approved(&bench.propose(&AutomationBuilder, inputs()).await.proposals[0])];
    let ask = async |op, provider| {
        let mut response = bench.items_with(&AutomationBuilder, op, &items, at(provider)).await;
        response.results.remove(0).outcome
    };
    for method in ["GET", "POST"] {
        bench.fault(method, "/savings/", 1_000, json!({"kind": "status", "status": 503})).await;
    }
    let away = ask(Operation::Execute, "savings").await;
    assert!(matches!(away, Outcome::Failed { class: ErrorClass::ProviderUnavailable, .. }), "{away:?}");

    let outcome = ask(Operation::Execute, "savings-partner").await;
    assert!(done(&outcome) > 0);
    let Outcome::Done { summary, .. } = &outcome else { unreachable!() };
    assert!(summary.starts_with("In force at the partner bank: "), "{summary}");
    done(&ask(Operation::Execute, "savings-partner").await);
    assert_eq!(bench.effects().await.len(), 1, "the key is done once there too");

    // What is at one bank is not at the other, whose keys are others.
    bench.no_faults().await;
    assert_eq!(kind(&ask(Operation::Probe, "savings").await), "no-effect");
    assert_eq!(kind(&ask(Operation::Compensate, "savings").await), "no-effect");
    assert!(done(&ask(Operation::Probe, "savings-partner").await) > 0);
    assert_eq!(done(&ask(Operation::Compensate, "savings-partner").await), 0);
    assert_eq!(bench.state().await, before);
}

#[tokio::test]
async fn the_partner_bank_is_asked_with_a_link_of_its_own() {
    let bench = Bench::start().await;
    let mut request = bench.request(Operation::Propose, inputs());
    request.provider = Some("savings-partner".to_owned());
    request.credentials.remove("savings-partner");
    let error = bench.ask(&AutomationBuilder, request).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permission);
    assert!(error.message().contains("the partner bank"), "{}", error.message());
}
