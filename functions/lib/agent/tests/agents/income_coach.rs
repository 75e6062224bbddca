//! Income Coach.

use crate::bench::{Bench, kind};
use events::{AgentItem, ErrorClass, ItemId, Operation, Outcome, Proof};
use income_coach::IncomeCoach;
use serde_json::{Value, json};

#[tokio::test]
async fn guides_to_what_suits() {
    let bench = Bench::start().await;
    let answer = bench.propose(&IncomeCoach, json!({"liquid": {"minor": 534_437, "currency": "USD"}})).await;
    let guide = answer.guide.expect("a guide");
    let gigs: Vec<&str> = guide.options.iter().map(|one| one.item_id.as_str()).collect();
    assert!(gigs.contains(&"gig_books") && gigs.contains(&"gig_delivery"), "{gigs:?}");
    assert!(!gigs.contains(&"gig_welding"), "wrong skill, wrong hours");
    for option in &guide.options {
        assert!(
            option.monthly.unwrap().is_positive() && !option.steps.is_empty() && !option.reasons.is_empty()
        );
    }
    assert!(!guide.instructions.is_empty() && !guide.tools.is_empty() && !guide.proof.is_empty());
    assert!(answer.proposals.is_empty());
}

/// The user applies by themselves.
async fn apply(bench: &Bench, gig: &str) -> Value {
    let answer = bench.call("POST", &format!("/gigs/applications?{gig}"), Some(json!({"gig_id": gig}))).await;
    answer["application"].clone()
}

async fn submit(bench: &Bench, application: &Value, status: &str) {
    let path =
        format!("/gigs/applications/{}/status?{status}", application["application_id"].as_str().unwrap());
    bench.call("POST", &path, Some(json!({"status": status}))).await;
}

async fn verify(bench: &Bench, gig: Option<&str>, reference: &str) -> events::AgentResponse {
    let mut request = bench.request(Operation::Verify, json!({}));
    let file = reference.is_empty().then(|| "receipt.pdf".to_owned());
    request.proof = Some(Proof {
        item_id: gig.map(|gig| ItemId::parse(gig).unwrap()),
        reference: reference.to_owned(),
        file,
    });
    bench.ask(&IncomeCoach, request).await.unwrap()
}

fn refused(response: &events::AgentResponse) -> &str {
    match &response.results[0].outcome {
        Outcome::Failed { class: ErrorClass::Validation, message } => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_proof_is_checked_with_the_platform_and_the_application_can_be_withdrawn() {
    let bench = Bench::start().await;
    let before = bench.state().await;
    assert!(refused(&verify(&bench, None, "GIG-NONE").await).contains("does not know"));
    let application = apply(&bench, "gig_books").await;
    let reference = application["reference"].as_str().unwrap();
    assert!(refused(&verify(&bench, Some("gig_books"), reference).await).contains("not handed in"));
    submit(&bench, &application, "submitted").await;
    assert!(refused(&verify(&bench, Some("gig_logos"), reference).await).contains("another gig"));
    let response = verify(&bench, Some("gig_books"), reference).await;
    assert_eq!(kind(&response.results[0].outcome), "done");
    assert_eq!(response.results[0].item_id.as_str(), "gig_books");
    assert_eq!(response.outputs["applications"][0]["reference"], reference);
    let item = AgentItem {
        item_id: ItemId::parse("gig_books").unwrap(),
        key: "run_1/side-income/gig_books".to_owned(),
        effect: json!({"reference": reference}),
        approved: false,
    };
    assert_eq!(kind(&bench.item(&IncomeCoach, Operation::Probe, &item).await), "done");
    for _ in 1..=2 {
        assert_eq!(kind(&bench.item(&IncomeCoach, Operation::Compensate, &item).await), "done");
        assert_eq!(bench.state().await, before);
    }
    assert_eq!(kind(&bench.item(&IncomeCoach, Operation::Probe, &item).await), "no-effect");
    assert!(refused(&verify(&bench, Some("gig_books"), reference).await).contains("withdrawn"));
}

#[tokio::test]
async fn with_a_file_alone_the_platform_is_asked_for_the_user_s_application() {
    let bench = Bench::start().await;
    assert!(refused(&verify(&bench, None, "").await).contains("no application of yours"));
    let books = apply(&bench, "gig_books").await;
    assert!(refused(&verify(&bench, Some("gig_books"), "").await).contains("not handed in"));
    submit(&bench, &books, "submitted").await;
    let response = verify(&bench, None, "").await;
    assert_eq!(response.outputs["applications"][0]["reference"], books["reference"]);
    let logos = apply(&bench, "gig_logos").await;
    submit(&bench, &logos, "submitted").await;
    assert!(refused(&verify(&bench, None, "").await).contains("several"));
    let response = verify(&bench, Some("gig_logos"), "").await;
    assert_eq!(response.results[0].item_id.as_str(), "gig_logos");
    assert!(refused(&verify(&bench, Some("gig_interpreter"), "").await).contains("no application of yours"));
}

#[tokio::test]
async fn only_a_job_that_was_given_is_an_income() {
    let bench = Bench::start().await;
    let application = apply(&bench, "gig_books").await;
    for status in ["submitted", "interview", "accepted"] {
        submit(&bench, &application, status).await;
    }
    let response = verify(&bench, None, application["reference"].as_str().unwrap()).await;
    let Outcome::Done { impact, .. } = &response.results[0].outcome else { panic!("{response:?}") };
    assert_eq!(impact.len(), 1);
    assert_eq!(impact[0].monthly.minor, 138_666, "32.00 an hour, ten hours a week");
}

#[tokio::test]
async fn a_proof_without_words_is_a_wrong_request() {
    let bench = Bench::start().await;
    let request = bench.request(Operation::Verify, json!({}));
    let error = bench.ask(&IncomeCoach, request).await.unwrap_err();
    assert_eq!(shell::Classified::class(&error), ErrorClass::Validation);
}
