//! Bill Negotiator.

use crate::bench::{Bench, approved, done, item_of, kind, proposal_of};
use bill_negotiator::BillNegotiator;
use events::{AgentItem, ErrorClass, ImpactKind, Operation, Outcome};
use serde_json::json;

#[tokio::test]
async fn proposes_the_bills_with_the_most_to_gain() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&BillNegotiator, json!({"bills": [], "top": 3})).await;
    assert_eq!(answer.proposals.len(), 3);
    assert!(answer.proposals.is_sorted_by(|a, b| a.monthly.unwrap().minor >= b.monthly.unwrap().minor));
    let internet = proposal_of(&answer, "bill_internet");
    assert!(internet.reasons.iter().any(|reason| reason.contains("Brightwave")), "{:?}", internet.reasons);
    assert!(!internet.evidence.is_empty());
    assert_eq!(bench.state().await, before);
}

/// Every bill's end in the household, in order of the bills.
#[tokio::test]
async fn accepts_lower_prices_asks_about_the_rest_and_takes_a_no() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let items = ["bill_internet", "bill_cable", "bill_phone", "bill_auto", "bill_renters"].map(|id| {
        let mut item = item_of(&answer, id);
        item.approved = false;
        item
    });
    let response = bench.items_with(&BillNegotiator, Operation::Execute, &items, |_| {}).await;
    let kinds: Vec<&str> = response.results.iter().map(|one| kind(&one.outcome)).collect();
    assert_eq!(kinds, ["done", "ask", "ask", "done", "declined"]);
    assert_eq!(done(&response.results[0].outcome), 2000, "89.99 to 69.99, nothing to sign");
    assert_eq!(done(&response.results[3].outcome), 1050, "148.00 to 137.50, for loyalty");
    let Outcome::Done { impact, .. } = &response.results[3].outcome else { panic!() };
    assert_eq!(impact[0].months, Some(12), "as long as the price holds");
    assert_eq!(response.outputs["promisedMonthly"]["minor"], 3050);
    assert_eq!(bench.effects().await.iter().filter(|one| one.contains("accept")).count(), 2);
    // The same again: nothing is accepted twice, and the same is asked.
    let again = bench.items_with(&BillNegotiator, Operation::Execute, &items, |_| {}).await;
    assert_eq!(again.results, response.results);
    for (index, saving) in [(1, 3650), (2, 1700)] {
        let Outcome::Ask { proposal } = &response.results[index].outcome else { panic!() };
        assert_eq!(proposal.item_id, items[index].item_id);
        assert_eq!(proposal.monthly.unwrap().minor, saving);
        let outcome = bench.item(&BillNegotiator, Operation::Execute, &approved(proposal)).await;
        assert_eq!(done(&outcome), saving);
        assert_eq!(bench.item(&BillNegotiator, Operation::Execute, &approved(proposal)).await, outcome);
    }
    assert_eq!(bench.effects().await.iter().filter(|one| one.contains("accept")).count(), 4);
    for item in items.iter().take(4) {
        assert_eq!(done(&bench.item(&BillNegotiator, Operation::Compensate, item).await), 0);
    }
    assert_eq!(kind(&bench.item(&BillNegotiator, Operation::Compensate, &items[4]).await), "no-effect");
    assert_eq!(bench.state().await, before);
}

/// A lower price that costs more afterwards, or something at once, is not taken without the user.
#[tokio::test]
async fn asks_about_a_later_price_and_about_a_fee() {
    for (terms, why, what) in [
        (
            "price_after_promo: \"155.00\", ",
            "Later it costs more than you pay now",
            "The price holds for 12 months, then it is $155.00",
        ),
        ("fee: \"15.00\", ", "It costs something once", "$15.00 is paid once"),
    ] {
        let bench = Bench::start_with("id: ret_auto_loyalty, ", terms).await;
        let answer = bench.propose(&BillNegotiator, json!({})).await;
        let outcome = bench.item(&BillNegotiator, Operation::Execute, &item_of(&answer, "bill_auto")).await;
        let Outcome::Ask { proposal } = outcome else { panic!("{terms}: {outcome:?}") };
        for reason in [why, what] {
            assert!(proposal.reasons.iter().any(|it| it == reason), "{terms}: {:?}", proposal.reasons);
        }
        assert!(!bench.effects().await.iter().any(|one| one.contains("accept")), "{terms}");
        let response =
            bench.items_with(&BillNegotiator, Operation::Execute, &[approved(&proposal)], |_| {}).await;
        assert_eq!(
            response.outputs["promisedMonthly"]["minor"], 1050,
            "what is paid once is no lesser saving"
        );
        let Outcome::Done { impact, .. } = &response.results[0].outcome else { panic!("{response:?}") };
        let seen: Vec<_> = impact.iter().map(|it| (it.kind, it.monthly.minor, it.months)).collect();
        let fee = (ImpactKind::Fee, -1500, Some(1));
        let saving = (ImpactKind::Savings, 1050, Some(12));
        assert_eq!(seen, if terms.starts_with("fee") { vec![saving, fee] } else { vec![saving] });
    }
}

async fn question(bench: &Bench, bill: &str) -> AgentItem {
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let outcome = bench.item(&BillNegotiator, Operation::Execute, &item_of(&answer, bill)).await;
    let Outcome::Ask { proposal } = outcome else { panic!("{outcome:?}") };
    approved(&proposal)
}

#[tokio::test]
async fn asks_again_when_the_approved_offer_is_gone() {
    let bench = Bench::start().await;
    let item = question(&bench, "bill_phone").await;
    bench.call("PUT", "/admin/clock", Some(json!({"as_of": "2026-09-30"}))).await;
    let later = |it: &mut events::AgentRequest| it.as_of = "2026-09-30".parse().unwrap();
    let response =
        bench.items_with(&BillNegotiator, Operation::Execute, std::slice::from_ref(&item), later).await;
    let Outcome::Ask { proposal } = &response.results[0].outcome else { panic!("{response:?}") };
    assert_ne!(proposal.effect, item.effect, "another offer, of another chat");
    let next = approved(proposal);
    let response =
        bench.items_with(&BillNegotiator, Operation::Execute, std::slice::from_ref(&next), later).await;
    assert_eq!(done(&response.results[0].outcome), 1700);
}

#[tokio::test]
async fn takes_no_offer_that_differs_from_the_approved_one() {
    let bench = Bench::start().await;
    let mut item = question(&bench, "bill_phone").await;
    item.effect["may"]["offer"]["price"]["minor"] = json!(100);
    assert_eq!(kind(&bench.item(&BillNegotiator, Operation::Execute, &item).await), "ask");
    let mut item = question(&bench, "bill_cable").await;
    item.approved = false;
    assert_eq!(kind(&bench.item(&BillNegotiator, Operation::Execute, &item).await), "ask");
    assert!(!bench.effects().await.iter().any(|one| one.contains("accept")));
}

/// How many calls to a bill's chat come before the acceptance: learnt in a world of its own.
async fn calls_before_acceptance(bill: &str) -> usize {
    let bench = Bench::start().await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let item = item_of(&answer, bill);
    done(&bench.item(&BillNegotiator, Operation::Execute, &item).await);
    let key = format!("{}:chat:1", item.key).replace('/', "%2F").replace(':', "%3A");
    let opened = bench.call("GET", &format!("/billers/operations/{key}"), None).await;
    let session = opened["answer"]["body"]["session_id"].as_str().unwrap();
    let chat = bench.call("GET", &format!("/billers/{bill}/retention/sessions/{session}"), None).await;
    // The greeting stands for the opening.
    chat["messages"].as_array().unwrap().len()
}

#[tokio::test]
async fn finds_out_what_became_of_a_lost_answer() {
    let calls = calls_before_acceptance("bill_auto").await;
    let bench = Bench::start().await;
    let before = bench.state().await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let item = item_of(&answer, "bill_auto");
    assert_eq!(kind(&bench.item(&BillNegotiator, Operation::Probe, &item).await), "no-effect");
    bench.lose_answer_after("/billers/bill_auto/retention/sessions", calls).await;
    assert_eq!(kind(&bench.item(&BillNegotiator, Operation::Execute, &item).await), "unknown");
    assert_eq!(done(&bench.item(&BillNegotiator, Operation::Probe, &item).await), 1050);
    assert_eq!(done(&bench.item(&BillNegotiator, Operation::Execute, &item).await), 1050);
    assert_eq!(bench.effects().await.iter().filter(|one| one.contains("accept")).count(), 1);
    bench.no_faults().await;
    assert_eq!(done(&bench.item(&BillNegotiator, Operation::Compensate, &item).await), 0);
    assert_eq!(bench.state().await, before);
}

#[tokio::test]
async fn a_chat_that_breaks_leaves_no_effect() {
    let bench = Bench::start().await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let item = item_of(&answer, "bill_auto");
    let chat = "/billers/bill_auto/retention/sessions";
    bench.fault("POST", chat, 1, json!({"kind": "status", "status": 503})).await;
    assert_eq!(kind(&bench.item(&BillNegotiator, Operation::Execute, &item).await), "failed");
    let retry = |it: &mut events::AgentRequest| it.attempt = 2;
    let response =
        bench.items_with(&BillNegotiator, Operation::Execute, std::slice::from_ref(&item), retry).await;
    assert_eq!(done(&response.results[0].outcome), 1050);
}

#[tokio::test]
async fn an_account_that_needs_verification_waits_for_the_user() {
    let refusal = "      refusal: That is what the tariff gives.\n";
    let bench = Bench::start_with(refusal, "      pin: \"4411\"\n").await;
    let answer = bench.propose(&BillNegotiator, json!({})).await;
    let item = item_of(&answer, "bill_auto");
    for provided in [None, Some(json!("0000")), Some(json!({"account_pin": "1"})), Some(json!(7))] {
        let response = bench
            .items_with(&BillNegotiator, Operation::Execute, std::slice::from_ref(&item), |it| {
                it.provided.clone_from(&provided);
            })
            .await;
        let outcome = &response.results[0].outcome;
        let Outcome::Failed { class: ErrorClass::Permission, message } = outcome else {
            panic!("{provided:?}: {outcome:?}")
        };
        assert!(message.contains("additional verification (account pin)"), "{message}");
    }
    // The same attempt goes on in the chat where it stopped.
    let response = bench
        .items_with(&BillNegotiator, Operation::Execute, std::slice::from_ref(&item), |it| {
            it.provided = Some(json!("4411"));
        })
        .await;
    assert_eq!(done(&response.results[0].outcome), 1050);
}
