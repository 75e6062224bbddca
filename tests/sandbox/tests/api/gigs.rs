//! Work on offer, applications and their proof.

use serde_json::json;

use super::client::Sandbox;

#[tokio::test]
async fn gigs_and_profile_are_those_of_the_household() {
    let sandbox = Sandbox::new().await;
    let gigs = sandbox.get("/gigs").await.body["gigs"].clone();
    assert_eq!(gigs.as_array().unwrap().len(), 5);
    assert_eq!(gigs[0]["pay_per_hour"], json!({"minor": 3200, "currency": "USD"}));
    let profile = sandbox.get("/gigs/profile").await.body;
    assert_eq!(profile["hours_per_week"], 10);
    assert_eq!(profile["schedule"], json!(["weekday_evening", "weekend"]));
}

#[tokio::test]
async fn an_application_goes_forward_is_proven_and_withdrawn() {
    let sandbox = Sandbox::new().await;
    let start = sandbox.state().await;
    let begun = sandbox.effect("/gigs/applications", "k", json!({"gig_id": "gig_books"})).await;
    assert_eq!((begun.status, &begun.body["application"]["status"]), (201, &json!("started")));
    let application = begun.body["application"].clone();
    let (id, reference) =
        (application["application_id"].as_str().unwrap(), application["reference"].as_str().unwrap());
    let proof = format!("/gigs/proofs/{reference}");
    assert_eq!(sandbox.get(&proof).await.body["valid"], json!(false), "not sent yet");
    let status = format!("/gigs/applications/{id}/status");
    let sent = sandbox.effect(&status, "k2", json!({"status": "submitted"})).await;
    assert_eq!((sent.status, &sent.body["application"]["status"]), (200, &json!("submitted")));
    assert_eq!(sandbox.get(&proof).await.body["valid"], json!(true));
    let back = sandbox.effect(&status, "k3", json!({"status": "started"})).await;
    assert_eq!(back.refusal(), (409, "conflict", None));
    let double = sandbox.effect("/gigs/applications", "k4", json!({"gig_id": "gig_books"})).await;
    assert_eq!(double.refusal(), (409, "conflict", None));
    let withdrawn = sandbox.effect("/gigs/applications/withdraw", "k5", json!({"undo_of": "k"})).await;
    assert_eq!((withdrawn.status, &withdrawn.body["application"]["status"]), (200, &json!("withdrawn")));
    assert_eq!(sandbox.get(&proof).await.body["valid"], json!(false));
    assert_eq!(sandbox.get(&format!("/gigs/applications/{id}")).await.body["status"], "withdrawn");
    assert_eq!(sandbox.state().await, start);
    let again = sandbox.effect("/gigs/applications/withdraw", "k6", json!({"undo_of": "k"})).await;
    assert_eq!((again.status, again.replayed), (200, true));
}

#[tokio::test]
async fn withdrawing_by_id_and_unknown_things() {
    let sandbox = Sandbox::new().await;
    let begun = sandbox.effect("/gigs/applications", "k", json!({"gig_id": "gig_logos"})).await;
    let id = begun.body["application"]["application_id"].as_str().unwrap().to_owned();
    let path = format!("/gigs/applications/{id}/withdraw");
    assert_eq!(sandbox.effect(&path, "w", json!({})).await.status, 200);
    assert_eq!(sandbox.get("/gigs/operations/k").await.body["undone_by"], "w");
    assert_eq!(sandbox.effect(&path, "w2", json!({})).await.refusal(), (404, "not_found", None));
    let unknown = sandbox.effect("/gigs/applications", "x", json!({"gig_id": "gig_none"})).await;
    assert_eq!(unknown.refusal(), (400, "bad_request", Some("gig_id")));
    assert_eq!(sandbox.get("/gigs/proofs/GIG-00000000").await.refusal(), (404, "not_found", None));
    let undo = sandbox.effect("/gigs/applications/withdraw", "u", json!({"undo_of": "never"})).await;
    assert_eq!(undo.refusal(), (404, "unknown_operation", None));
}
