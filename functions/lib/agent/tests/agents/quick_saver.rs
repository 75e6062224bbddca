//! Quick Saver.

use crate::bench::{Bench, approved, done, item_of, kind, proposal_of};
use events::{AgentRequest, ErrorClass, ItemId, Operation, Outcome};
use quick_saver::QuickSaver;
use serde_json::{Value, json};
use shell::Classified;
use std::collections::BTreeMap;

#[tokio::test]
async fn proposes_what_is_not_used_and_keeps_what_is() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let shown: BTreeMap<&str, (&str, i64)> = answer
        .proposals
        .iter()
        .map(|one| {
            let action = one.effect["action"]["kind"].as_str().unwrap();
            (one.item_id.as_str(), (action, one.monthly.unwrap().minor))
        })
        .collect();
    assert_eq!(shown["sub_fitpulse"], ("cancel", 1499), "a trial about to convert");
    assert_eq!(shown["sub_pagewise"], ("cancel", 1395), "a trial begun with a dollar");
    assert_eq!(shown["sub_streamly"], ("cancel", 2299), "hardly used");
    assert_eq!(shown["sub_soundloft"], ("cancel", 1699), "the second music service");
    assert_eq!(shown["sub_ironhouse"], ("cancel", 4400), "not used since February");
    assert!(!shown.contains_key("sub_tunewave"), "used every day");
    assert!(!shown.contains_key("sub_photoforge"), "used, and nothing cheaper");
    let streamly = proposal_of(&answer, "sub_streamly");
    assert!(streamly.evidence.len() > 3, "its charges: {:?}", streamly.evidence);
    assert!(!streamly.reasons.is_empty());
    assert_eq!(streamly.modifications["plan"], [json!("standard"), json!("basic")]);
    assert_eq!(answer.outputs["confirmedMonthly"]["minor"], 0);
    assert_eq!(bench.state().await, before, "a proposal changes nothing");
    assert_eq!(bench.propose(&QuickSaver, json!({})).await, answer, "and says the same again");
}

#[tokio::test]
async fn a_changed_proposal_is_what_the_user_asked_for() {
    let bench = Bench::start().await;
    for (changes, expect) in [
        (json!({"action": "downgrade"}), Some(("downgrade", 1400))),
        (json!({"action": "downgrade", "plan": "standard"}), Some(("downgrade", 750))),
        (json!({"plan": "standard"}), Some(("downgrade", 750))),
        (json!({"action": "cancel"}), Some(("cancel", 2299))),
        (json!({"plan": "gone"}), None),
    ] {
        let mut request = bench.request(Operation::Propose, json!({}));
        let id = ItemId::parse("sub_streamly").unwrap();
        request.modifications.insert(id.clone(), serde_json::from_value(changes.clone()).unwrap());
        let answer = bench.ask(&QuickSaver, request).await.unwrap();
        let found = answer.proposals.iter().find(|one| one.item_id == id);
        let found =
            found.map(|one| (one.effect["action"]["kind"].as_str().unwrap(), one.monthly.unwrap().minor));
        assert_eq!(found, expect, "{changes}");
    }
    for (changes, path) in [
        (json!({"action": "burn"}), "modifications.sub_streamly.action"),
        (json!({"action": 7}), "modifications.sub_streamly.action"),
        (json!({"colour": "red"}), "modifications.sub_streamly.colour"),
    ] {
        let mut request = bench.request(Operation::Propose, json!({}));
        let id = ItemId::parse("sub_streamly").unwrap();
        request.modifications.insert(id, serde_json::from_value(changes).unwrap());
        let error = bench.ask(&QuickSaver, request).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Validation);
        assert!(error.message().contains(path), "{}", error.message());
    }
}

#[tokio::test]
async fn does_once_what_was_approved_and_undoes_it_without_a_trace() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let mut request = bench.request(Operation::Propose, json!({}));
    let id = ItemId::parse("sub_soundloft").unwrap();
    request.modifications.insert(id, BTreeMap::from([("action".to_owned(), json!("downgrade"))]));
    let answer = bench.ask(&QuickSaver, request).await.unwrap();
    let items = [
        item_of(&answer, "sub_fitpulse"),
        item_of(&answer, "sub_soundloft"),
        item_of(&answer, "sub_streamly"),
    ];
    for attempt in 1..=2 {
        let response =
            bench.items_with(&QuickSaver, Operation::Execute, &items, |it| it.attempt = attempt).await;
        let monthly: Vec<i64> = response.results.iter().map(|one| done(&one.outcome)).collect();
        assert_eq!(monthly, [1499, 600, 2299]);
        assert_eq!(response.outputs["confirmedMonthly"]["minor"], 4398);
        assert_eq!(response.outputs["freedMonthly"]["minor"], 2899, "the trial of 14.99 was not paid before");
        assert_eq!(response.outputs["changed"].as_array().map(Vec::len), Some(3));
    }
    let effects = bench.effects().await;
    assert_eq!(
        effects,
        [
            "subscription.cancel sub_fitpulse",
            "subscription.downgrade sub_soundloft",
            "subscription.cancel sub_streamly"
        ]
    );
    let changed = bench.state().await;
    assert_ne!(changed, before);
    for _ in 1..=2 {
        for outcome in bench.items(&QuickSaver, Operation::Compensate, &items).await {
            assert_eq!(done(&outcome), 0);
        }
        assert_eq!(bench.state().await, before);
    }
    assert_eq!(bench.effects().await.len(), 6, "three done, three undone, nothing twice");
    for outcome in bench.items(&QuickSaver, Operation::Probe, &items).await {
        assert_eq!(kind(&outcome), "no-effect");
    }
}

#[tokio::test]
async fn finds_out_what_became_of_a_lost_answer() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let item = item_of(&answer, "sub_streamly");
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Probe, &item).await), "no-effect");
    let cancel = "/subscriptions/sub_streamly/cancel";
    bench.fault("POST", cancel, 1, json!({"kind": "drop_answer_after_effect"})).await;
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Execute, &item).await), "unknown");
    assert_eq!(done(&bench.item(&QuickSaver, Operation::Probe, &item).await), 2299);
    // Later steps count on what it came to: told by whoever finds it, as by whoever does it.
    let about = |op| AgentRequest { items: vec![item.clone()], ..bench.request(op, json!({})) };
    let found = bench.ask(&QuickSaver, about(Operation::Probe)).await.unwrap();
    let did = bench.ask(&QuickSaver, about(Operation::Execute)).await.unwrap();
    assert_eq!(found.outputs["freedMonthly"]["minor"], 2299);
    assert_eq!(found.outputs, did.outputs);
    assert_eq!(done(&bench.item(&QuickSaver, Operation::Execute, &item).await), 2299);
    assert_eq!(bench.effects().await, ["subscription.cancel sub_streamly"]);
    let restore = "/subscriptions/sub_streamly/restore";
    bench.fault("POST", restore, 1, json!({"kind": "drop_answer_after_effect"})).await;
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Compensate, &item).await), "unknown");
    assert_eq!(done(&bench.item(&QuickSaver, Operation::Compensate, &item).await), 0);
    assert_eq!(bench.state().await, before);
}

#[tokio::test]
async fn an_effect_in_doubt_is_undone_by_its_key() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let (lost, never) = (item_of(&answer, "sub_streamly"), item_of(&answer, "sub_ironhouse"));
    let cancel = "/subscriptions/sub_streamly/cancel";
    bench.fault("POST", cancel, 1, json!({"kind": "drop_answer_after_effect"})).await;
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Execute, &lost).await), "unknown");
    assert_eq!(done(&bench.item(&QuickSaver, Operation::Compensate, &lost).await), 0);
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Compensate, &never).await), "no-effect");
    assert_eq!(bench.state().await, before);
}

#[tokio::test]
async fn every_failure_has_its_outcome() {
    let bench = Bench::start().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let item = item_of(&answer, "sub_streamly");
    let cancel = "/subscriptions/sub_streamly/cancel";
    let status = |status: u16| json!({"kind": "status", "status": status, "retry_after_s": 1});
    for (path, method, fault, attempt, expect) in [
        // Before the effect nothing has happened …
        ("/subscriptions/operations", "GET", status(503), 1, "failed ProviderUnavailable"),
        ("/subscriptions/sub_streamly", "GET", status(503), 1, "failed ProviderUnavailable"),
        // … unless an earlier attempt may have done it.
        ("/subscriptions/operations", "GET", status(503), 2, "unknown"),
        (cancel, "POST", status(429), 1, "failed RateLimited"),
        (cancel, "POST", status(503), 1, "unknown"),
        (cancel, "POST", json!({"kind": "needs_verification"}), 1, "failed Permission"),
    ] {
        bench.fault(method, path, 1, fault.clone()).await;
        let response = bench
            .items_with(&QuickSaver, Operation::Execute, std::slice::from_ref(&item), |it| {
                it.attempt = attempt;
            })
            .await;
        let outcome = &response.results[0].outcome;
        let found = match outcome {
            Outcome::Failed { class, .. } => format!("failed {class}"),
            other => kind(other).to_owned(),
        };
        assert_eq!(found, expect, "{method} {path} {fault}");
        bench.no_faults().await;
    }
    assert_eq!(bench.effects().await, Vec::<String>::new());
    assert_eq!(done(&bench.item(&QuickSaver, Operation::Execute, &item).await), 2299);
}

#[tokio::test]
async fn asks_again_when_the_world_has_changed() {
    let bench = Bench::start().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let item = item_of(&answer, "sub_streamly");
    bench.call("POST", "/subscriptions/sub_streamly/downgrade", Some(json!({"tier": "standard"}))).await;
    let outcome = bench.item(&QuickSaver, Operation::Execute, &item).await;
    let Outcome::Ask { proposal } = outcome else { panic!("{outcome:?}") };
    assert_eq!(proposal.monthly.unwrap().minor, 1549);
    assert_eq!(done(&bench.item(&QuickSaver, Operation::Execute, &approved(&proposal)).await), 1549);
    // What somebody else has done already is not ours to undo.
    let other = item_of(&answer, "sub_fitpulse");
    bench.call("POST", "/subscriptions/sub_fitpulse/cancel", Some(json!({}))).await;
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Execute, &other).await), "no-effect");
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Compensate, &other).await), "no-effect");
}

#[tokio::test]
async fn what_cannot_be_restored_any_more_is_said_so() {
    let bench = Bench::start().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let item = item_of(&answer, "sub_fitpulse");
    done(&bench.item(&QuickSaver, Operation::Execute, &item).await);
    bench.call("PUT", "/admin/clock", Some(json!({"as_of": "2027-06-30"}))).await;
    assert_eq!(kind(&bench.item(&QuickSaver, Operation::Compensate, &item).await), "declined");
}

#[tokio::test]
async fn an_effect_that_is_none_is_refused_with_its_field() {
    let bench = Bench::start().await;
    let answer = bench.propose(&QuickSaver, json!({})).await;
    let mut item = item_of(&answer, "sub_fitpulse");
    item.effect["from_price"] = Value::Null;
    for op in [Operation::Execute, Operation::Compensate] {
        let outcome = bench.item(&QuickSaver, op, &item).await;
        let Outcome::Failed { class: ErrorClass::Validation, message } = outcome else {
            panic!("{outcome:?}")
        };
        assert!(message.contains("effect.from_price"), "{message}");
    }
}
