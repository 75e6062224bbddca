//! Subscriptions: cancel, downgrade, restore, and what keys do.

use serde_json::json;

use super::client::Sandbox;

#[tokio::test]
async fn shows_plans_usage_and_trials() {
    let sandbox = Sandbox::new().await;
    let list = sandbox.get("/subscriptions").await;
    assert_eq!((list.status, &list.body["as_of"]), (200, &json!("2026-06-30")));
    assert_eq!(list.body["subscriptions"].as_array().unwrap().len(), 9);
    let trial = sandbox.get("/subscriptions/sub_fitpulse").await.body;
    assert_eq!(trial["status"], "trial");
    assert_eq!(trial["trial_ends_on"], "2026-07-04");
    assert_eq!(trial["price"], json!({"minor": 1499, "currency": "USD"}));
    assert_eq!(trial["usage"], json!({"last_used_on": "2026-06-21", "uses_last_90_days": 2}));
    assert_eq!(sandbox.get("/subscriptions/nope").await.refusal(), (404, "not_found", None));
}

#[tokio::test]
async fn a_key_acts_once() {
    let sandbox = Sandbox::new().await;
    let path = "/subscriptions/sub_streamly/cancel";
    let first = sandbox.effect(path, "run_1/quick-wins/sub_streamly", json!({})).await;
    assert_eq!((first.status, first.replayed), (200, false));
    assert_eq!(first.body["subscription"]["status"], "cancelled");
    let again = sandbox.effect(path, "run_1/quick-wins/sub_streamly", json!({})).await;
    assert_eq!((again.status, again.replayed, &again.body), (200, true, &first.body));
    let other =
        sandbox.effect("/subscriptions/sub_cinebox/cancel", "run_1/quick-wins/sub_streamly", json!({}));
    assert_eq!(other.await.refusal(), (409, "idempotency_key_reused", None));
    assert_eq!(sandbox.operations().await, ["subscription.cancel"]);
    let probe = sandbox.get("/subscriptions/operations/run_1/quick-wins/sub_streamly").await;
    assert_eq!((probe.status, &probe.body["answer"]["body"]), (200, &first.body));
    let ledger = sandbox.get("/admin/ledger").await.body;
    assert_eq!(ledger["effects"][0]["replays"], 1);
    let never = sandbox.get("/subscriptions/operations/never").await;
    assert_eq!(never.refusal(), (404, "unknown_operation", None));
}

#[tokio::test]
async fn refusals_leave_nothing_behind() {
    let sandbox = Sandbox::new().await;
    let start = sandbox.state().await;
    let check = async |path: &str, key: &str, body, expect: (u16, &str, Option<&str>)| {
        let answer = sandbox.effect(path, key, body).await;
        assert_eq!(answer.refusal(), expect, "{path}");
    };
    check("/subscriptions/nope/cancel", "k", json!({}), (404, "not_found", None)).await;
    check("/subscriptions/sub_cinebox/cancel", "bad key", json!({}), (400, "missing_idempotency_key", None))
        .await;
    let unknown = json!({"why": 1});
    check("/subscriptions/sub_cinebox/cancel", "k", unknown, (400, "bad_request", Some("why"))).await;
    check("/subscriptions/sub_cinebox/downgrade", "k", json!({}), (400, "bad_request", Some("tier"))).await;
    let tier = json!({"tier": "gold"});
    check("/subscriptions/sub_cinebox/downgrade", "k", tier, (422, "refused", Some("tier"))).await;
    let stale = json!({"expected_version": "0000"});
    check("/subscriptions/sub_cinebox/cancel", "k", stale, (409, "conflict", None)).await;
    let undo = json!({"undo_of": "never"});
    check("/subscriptions/sub_cinebox/restore", "k", undo, (404, "unknown_operation", None)).await;
    let missing = sandbox.post("/subscriptions/sub_cinebox/cancel", json!({})).await;
    assert_eq!(missing.refusal(), (400, "missing_idempotency_key", None));
    assert_eq!(sandbox.state().await, start);
    assert!(sandbox.operations().await.is_empty());
    // The key of a refused call is free for the right one.
    let version = sandbox.get("/subscriptions/sub_cinebox").await.body["version"].clone();
    let right = json!({"tier": "ads", "expected_version": version});
    let done = sandbox.effect("/subscriptions/sub_cinebox/downgrade", "k", right).await;
    assert_eq!((done.status, &done.body["subscription"]["price"]["minor"]), (200, &json!(799)));
}

#[tokio::test]
async fn restoring_puts_everything_back() {
    let sandbox = Sandbox::new().await;
    let start = sandbox.state().await;
    for (id, path, body) in [
        ("sub_fitpulse", "cancel", json!({})),
        ("sub_streamly", "downgrade", json!({"tier": "basic"})),
        ("sub_photoforge", "cancel", json!({})),
    ] {
        let done = sandbox.effect(&format!("/subscriptions/{id}/{path}"), id, body).await;
        assert_eq!(done.status, 200, "{id}");
        assert_ne!(sandbox.state().await, start, "{id}");
        let undo = format!("/subscriptions/{id}/restore");
        let undone = sandbox.effect(&undo, &format!("undo-{id}"), json!({"undo_of": id})).await;
        assert_eq!((undone.status, undone.replayed), (200, false), "{undone:?}");
        assert_eq!(sandbox.state().await, start, "{id}");
        // Undone again under another key: the same state, no second effect.
        let again = sandbox.effect(&undo, &format!("again-{id}"), json!({"undo_of": id})).await;
        assert_eq!((again.status, again.replayed, &again.body), (200, true, &undone.body));
    }
    assert_eq!(sandbox.operations().await.len(), 6);
    let probe = sandbox.get("/subscriptions/operations/sub_fitpulse").await.body;
    assert_eq!(probe["undone_by"], "undo-sub_fitpulse");
}

#[tokio::test]
async fn what_was_changed_since_or_long_ago_is_not_restored() {
    let sandbox = Sandbox::new().await;
    sandbox.effect("/subscriptions/sub_streamly/downgrade", "a", json!({"tier": "basic"})).await;
    sandbox.effect("/subscriptions/sub_streamly/cancel", "b", json!({})).await;
    let restore = "/subscriptions/sub_streamly/restore";
    let too_early = sandbox.effect(restore, "c", json!({"undo_of": "a"})).await;
    assert_eq!(too_early.refusal(), (409, "cannot_undo", None));
    let wrong = sandbox.effect("/subscriptions/sub_cinebox/restore", "d", json!({"undo_of": "b"})).await;
    assert_eq!(wrong.refusal(), (404, "unknown_operation", None));
    sandbox.put("/admin/clock", json!({"as_of": "2026-09-30"})).await;
    let too_late = sandbox.effect(restore, "e", json!({"undo_of": "b"})).await;
    assert_eq!(too_late.refusal(), (409, "cannot_undo", None));
}

#[tokio::test]
async fn trials_convert_and_charges_follow_the_plan() {
    let sandbox = Sandbox::new().await;
    sandbox.effect("/subscriptions/sub_pagewise/cancel", "a", json!({})).await;
    sandbox.effect("/subscriptions/sub_streamly/downgrade", "b", json!({"tier": "basic"})).await;
    let cursor = sync_all(&sandbox, "").await.1;
    let moved = sandbox.put("/admin/clock", json!({"as_of": "2026-07-31"})).await;
    assert_eq!(moved.body, json!({"as_of": "2026-07-31"}));
    let fitpulse = sandbox.get("/subscriptions/sub_fitpulse").await.body;
    assert_eq!((&fitpulse["status"], &fitpulse["next_charge_on"]), (&json!("active"), &json!("2026-08-05")));
    let charges = sync_all(&sandbox, &cursor).await.0;
    let amount =
        |merchant: &str| charges.iter().find(|(name, _)| name == merchant).map(|(_, amount)| *amount);
    assert_eq!(amount("FitPulse"), Some(14.99));
    assert_eq!(amount("Streamly"), Some(8.99));
    assert_eq!(amount("Pagewise"), None);
}

/// Merchants and amounts of what is booked after `cursor`, and the cursor after them.
async fn sync_all(sandbox: &Sandbox, cursor: &str) -> (Vec<(String, f64)>, String) {
    let mut cursor = cursor.to_owned();
    let mut booked = Vec::new();
    loop {
        let page = sandbox.item("/transactions/sync", json!({"cursor": cursor, "count": 200})).await.body;
        for one in page["added"].as_array().unwrap().iter().filter(|one| one["pending"] == json!(false)) {
            booked.push((
                one["merchant_name"].as_str().unwrap_or_default().to_owned(),
                one["amount"].as_f64().unwrap(),
            ));
        }
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
        if page["has_more"] == json!(false) {
            return (booked, cursor);
        }
    }
}
