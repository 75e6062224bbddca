//! The clock, users with worlds of their own, and credentials.

use serde_json::json;

use super::client::Sandbox;

#[tokio::test]
async fn the_clock_only_moves_forward() {
    let sandbox = Sandbox::new().await;
    assert_eq!(sandbox.get("/admin/clock").await.body, json!({"as_of": "2026-06-30"}));
    let back = sandbox.put("/admin/clock", json!({"as_of": "2026-06-29"})).await;
    assert_eq!(back.refusal(), (409, "conflict", None));
    let far = sandbox.put("/admin/clock", json!({"as_of": "2099-01-01"})).await;
    assert_eq!(far.refusal(), (400, "bad_request", Some("as_of")));
    let wrong = sandbox.put("/admin/clock", json!({"as_of": "tomorrow"})).await;
    assert_eq!(wrong.refusal(), (400, "bad_request", Some("as_of")));
}

#[tokio::test]
async fn users_live_in_worlds_of_their_own() {
    let sandbox = Sandbox::new().await;
    let added = sandbox.post("/admin/users", json!({"user_id": "u-17"})).await;
    assert_eq!(added.status, 201);
    assert_eq!(sandbox.post("/admin/users", json!({"user_id": "u-17"})).await.status, 200);
    let maya = sandbox.state().await;
    let mut other = Sandbox::of(sandbox::household::Source::of(super::client::rivera())).await;
    other.base.clone_from(&sandbox.base);
    other.token = sandbox.log_in(Some("u-17")).await;
    let done = other.effect("/subscriptions/sub_streamly/cancel", "k", json!({})).await;
    assert_eq!(done.status, 200);
    other.put("/admin/clock?user=u-17", json!({"as_of": "2026-07-01"})).await;
    assert_eq!(sandbox.state().await, maya);
    assert_ne!(sandbox.get("/admin/state?user=u-17").await.body["subscriptions"], maya["subscriptions"]);
    let users = sandbox.get("/admin/users").await.body;
    assert_eq!(users, json!({"users": ["maya", "u-17"], "default": "maya"}));
    let gone = sandbox.call(reqwest::Method::DELETE, "/admin/users/u-17", None, None).await.unwrap();
    assert_eq!(gone.status, 204);
    assert_eq!(other.get("/subscriptions").await.refusal(), (401, "unauthorised", None));
    assert_eq!(sandbox.get("/admin/state?user=u-17").await.refusal(), (404, "not_found", None));
}

#[tokio::test]
async fn a_user_of_an_unreadable_household_is_refused() {
    let sandbox = Sandbox::new().await;
    let wrong = sandbox.post("/admin/users", json!({"user_id": "x", "household": "/nowhere.csv"})).await;
    assert_eq!(wrong.refusal(), (400, "bad_request", Some("household")));
}

#[tokio::test]
async fn a_wrong_method_is_told_from_a_wrong_path() {
    let sandbox = Sandbox::new().await;
    for (path, allow) in
        [("/admin/clock", "GET,HEAD,PUT"), ("/savings/rules", "GET,HEAD,POST"), ("/item/get", "POST")]
    {
        let url = format!("{}{path}", sandbox.base);
        let answer = reqwest::Client::new().patch(url).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        let mut allowed: Vec<_> = answer.headers()["allow"].to_str().unwrap().split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), allow, "{path}");
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["code"], "method_not_allowed", "{path}");
    }
    assert_eq!(sandbox.get("/nowhere").await.refusal(), (404, "not_found", None));
}

#[tokio::test]
async fn without_a_token_nothing_is_shown() {
    let mut sandbox = Sandbox::new().await;
    sandbox.token = "access-sandbox-wrong".into();
    for path in ["/subscriptions", "/billers", "/offers", "/savings/rules", "/gigs", "/gigs/operations/k"] {
        assert_eq!(sandbox.get(path).await.refusal(), (401, "unauthorised", None), "{path}");
    }
    assert_eq!(sandbox.get("/nowhere").await.status, 404);
    assert_eq!(sandbox.get("/healthz").await.body, json!({"status": "ok"}));
}

#[tokio::test]
async fn figures_are_those_of_the_household() {
    let sandbox = Sandbox::new().await;
    let answer = sandbox.get("/admin/household").await.body;
    let figures = &answer["figures"];
    let runway = figures["runway_months"].as_f64().unwrap();
    assert!((1.0..3.0).contains(&runway), "{runway}");
    assert_eq!(figures["as_of"], "2026-06-30");
    assert_eq!(figures["debts"][0]["apr"], json!(26.99));
    assert_eq!(answer["goals"][0]["target"]["minor"], 900_000);
}
