//! Faults: what the client sees, and what happened all the same.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::Sandbox;

async fn fault(sandbox: &Sandbox, matches: Value, fault: Value) {
    let posted = sandbox.post("/admin/faults", json!({"match": matches, "fault": fault})).await;
    assert_eq!(posted.status, 201, "{posted:?}");
}

#[tokio::test]
async fn statuses_come_as_often_as_asked() {
    let sandbox = Sandbox::new().await;
    let matches = json!({"method": "GET", "path_prefix": "/gigs", "skip": 1, "times": 2});
    fault(&sandbox, matches, json!({"kind": "status", "status": 503})).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(sandbox.get("/gigs").await.status);
    }
    assert_eq!(seen, [200, 503, 503, 200]);
    assert_eq!(sandbox.get("/admin/faults").await.body["faults"][0]["hits"], 2);
    fault(&sandbox, json!({"times": null}), json!({"kind": "status", "status": 429, "retry_after_s": 3}))
        .await;
    assert_eq!(sandbox.get("/subscriptions").await.refusal(), (429, "rate_limited", None));
    assert_eq!(sandbox.get("/healthz").await.status, 200, "the strings themselves never fail");
    let cleared = sandbox.call(Method::DELETE, "/admin/faults", None, None).await.unwrap();
    assert_eq!(cleared.status, 204);
    assert_eq!(sandbox.get("/subscriptions").await.status, 200);
}

#[tokio::test]
async fn one_users_faults_are_forgotten_alone() {
    let sandbox = Sandbox::new().await;
    for user in ["maya", "noah"] {
        fault(&sandbox, json!({"user": user}), json!({"kind": "status", "status": 503})).await;
    }
    let cleared = sandbox.call(Method::DELETE, "/admin/faults?user=maya", None, None).await.unwrap();
    assert_eq!(cleared.status, 204);
    let left = sandbox.get("/admin/faults").await.body;
    assert_eq!(left["faults"].as_array().unwrap().len(), 1);
    assert_eq!(left["faults"][0]["match"]["user"], "noah");
}

#[tokio::test]
async fn a_lost_answer_can_be_probed_and_is_not_repeated() {
    let sandbox = Sandbox::new().await;
    let path = "/subscriptions/sub_streamly/cancel";
    fault(&sandbox, json!({"path_prefix": path}), json!({"kind": "drop_answer_after_effect"})).await;
    let lost = sandbox.call(Method::POST, path, Some("k"), Some(json!({}))).await;
    assert!(lost.is_err(), "{lost:?}");
    let probe = sandbox.get("/subscriptions/operations/k").await;
    assert_eq!((probe.status, &probe.body["operation"]), (200, &json!("subscription.cancel")));
    let again = sandbox.effect(path, "k", json!({})).await;
    assert_eq!((again.status, again.replayed), (200, true));
    assert_eq!(sandbox.operations().await, ["subscription.cancel"]);
}

#[tokio::test]
async fn a_timeout_has_no_effect() {
    let sandbox = Sandbox::new().await;
    let path = "/subscriptions/sub_streamly/cancel";
    fault(&sandbox, json!({"path_prefix": path}), json!({"kind": "timeout", "ms": 10})).await;
    assert!(sandbox.call(Method::POST, path, Some("k"), Some(json!({}))).await.is_err());
    let probe = sandbox.get("/subscriptions/operations/k").await;
    assert_eq!(probe.refusal(), (404, "unknown_operation", None));
    assert_eq!(sandbox.effect(path, "k", json!({})).await.status, 200);
}

#[tokio::test]
async fn faults_of_one_user_spare_the_others() {
    let sandbox = Sandbox::new().await;
    fault(&sandbox, json!({"user": "somebody"}), json!({"kind": "status", "status": 500})).await;
    assert_eq!(sandbox.get("/gigs").await.status, 200);
    fault(&sandbox, json!({"user": "maya"}), json!({"kind": "needs_verification"})).await;
    assert_eq!(sandbox.get("/gigs").await.refusal(), (403, "needs_verification", None));
}

#[tokio::test]
async fn plaid_paths_fail_as_plaid_does() {
    let sandbox = Sandbox::new().await;
    let check = async |rule: Value, expect: (u16, &str, &str)| {
        fault(&sandbox, json!({"user": "maya", "path_prefix": "/transactions"}), rule).await;
        let answer = sandbox.item("/transactions/sync", json!({})).await;
        let (kind, code) =
            (answer.body["error_type"].as_str().unwrap(), answer.body["error_code"].as_str().unwrap());
        assert_eq!((answer.status, kind, code), expect);
    };
    check(json!({"kind": "status", "status": 429}), (429, "RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED"))
        .await;
    check(json!({"kind": "status", "status": 500}), (500, "API_ERROR", "INTERNAL_SERVER_ERROR")).await;
    check(json!({"kind": "needs_verification"}), (400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED")).await;
    let mutation = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION";
    check(
        json!({"kind": "plaid_error", "status": 400, "error_type": "TRANSACTIONS_ERROR", "error_code": mutation}),
        (400, "TRANSACTIONS_ERROR", mutation),
    )
    .await;
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() {
    let sandbox = Sandbox::new().await;
    let check = async |body: Value| {
        assert_eq!(sandbox.post("/admin/faults", body.clone()).await.status, 400, "{body}");
    };
    check(json!({"fault": {"kind": "explode"}})).await;
    check(json!({"match": {"pathprefix": "/x"}, "fault": {"kind": "needs_verification"}})).await;
    let gone = sandbox.call(Method::DELETE, "/admin/faults/fault_9", None, None).await.unwrap();
    assert_eq!(gone.refusal(), (404, "not_found", None));
}
