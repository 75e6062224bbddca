//! What a user wants and allows.

use crate::outside::{Fake, call, dollars, now};
use axum::http::StatusCode;
use ports::{Key, Record};
use serde_json::{Value, json};

fn goal(name: &str, target: Value, saved: Value) -> Value {
    json!({"name": name, "kind": "emergency-fund", "target": target, "saved": saved})
}

#[tokio::test]
async fn goals_are_replaced_whole() {
    let fake = Fake::new();
    assert_eq!(call(&fake, "maya", "GET /goals", None).await.body, json!({"goals": []}));
    let goals = json!({"goals": [goal("Three months", json!(dollars(6000)), json!(dollars(0)))]});
    let put = call(&fake, "maya", "PUT /goals", Some(goals.clone())).await;
    assert_eq!((put.status, &put.body), (StatusCode::OK, &goals));
    assert_eq!(call(&fake, "maya", "GET /goals", None).await.body, goals);
    assert_eq!(call(&fake, "noah", "GET /goals", None).await.body, json!({"goals": []}));
}

#[tokio::test]
async fn every_wrong_goal_is_named() {
    let fake = Fake::new();
    let euros = json!({"minor": 5, "currency": "EUR"});
    for (goals, fields) in [
        (
            json!([
                goal("A", json!(dollars(0)), json!(dollars(1))),
                goal("A", json!(dollars(9)), json!(dollars(-1))),
                goal("B", json!(dollars(9)), euros)
            ]),
            vec!["goals[0].target", "goals[1].name", "goals[1].saved", "goals[2].saved.currency"],
        ),
        (
            json!([{"name": "", "kind": "x", "target": {"minor": 1.5, "currency": "USD"}}]),
            vec!["goals[0].name", "goals[0].saved", "goals[0].target.minor"],
        ),
    ] {
        let answer = call(&fake, "maya", "PUT /goals", Some(json!({"goals": goals}))).await;
        assert_eq!((answer.status, answer.fields()), (StatusCode::BAD_REQUEST, fields));
    }
    assert!(fake.memory.all().is_empty());
}

#[tokio::test]
async fn an_access_token_goes_in_and_never_comes_out() {
    let fake = Fake::new();
    let link = json!({"access_token": "access-sandbox-1", "accounts": ["acc_savings", "acc_checking"]});
    let put = call(&fake, "maya", "PUT /links/plaid", Some(link)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.body);
    let list = call(&fake, "maya", "GET /links", None).await;
    assert_eq!(list.body["links"][0]["accounts"], json!(["acc_checking", "acc_savings"]));
    for answer in [&put, &list] {
        assert!(!answer.body.to_string().contains("access-sandbox-1"));
    }
    let Record::Access(access) = fake.memory.get(&Key::Access("maya".parse().unwrap())).unwrap().record
    else {
        panic!("no access");
    };
    assert_eq!(access.links["plaid"].access_token, "access-sandbox-1");
    assert_eq!(call(&fake, "maya", "DELETE /links/plaid", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(call(&fake, "maya", "DELETE /links/plaid", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn providers_and_consents_that_nothing_needs_are_refused() {
    let fake = Fake::new();
    for (line, body, status, fields) in [
        ("PUT /links/lender", json!({"access_token": "t"}), StatusCode::UNPROCESSABLE_ENTITY, vec![]),
        ("PUT /links/plaid", json!({"token": "t"}), StatusCode::BAD_REQUEST, vec!["access_token", "token"]),
        ("PUT /consents/everything", json!({}), StatusCode::UNPROCESSABLE_ENTITY, vec![]),
        (
            "PUT /consents/read_transactions",
            json!({"expires_at": "2026-07-01T12:00:00Z"}),
            StatusCode::BAD_REQUEST,
            vec!["expires_at"],
        ),
        (
            "PUT /consents/read_transactions",
            json!({"expires_at": "2028-01-01T00:00:00Z"}),
            StatusCode::BAD_REQUEST,
            vec!["expires_at"],
        ),
        (
            "PUT /consents/read_transactions",
            json!({"expires_at": "soon"}),
            StatusCode::BAD_REQUEST,
            vec!["expires_at"],
        ),
    ] {
        let answer = call(&fake, "maya", line, Some(body.clone())).await;
        assert_eq!((answer.status, answer.fields()), (status, fields), "{line} {body}: {}", answer.body);
    }
    assert!(fake.memory.all().is_empty());
}

#[tokio::test]
async fn a_consent_is_given_ends_and_is_taken_back() {
    let fake = Fake::new();
    let given = call(&fake, "maya", "PUT /consents/move_money", Some(json!({}))).await;
    assert_eq!(given.body["state"], "granted");
    assert_eq!(given.body["expires_at"], "2027-07-01T12:00:00Z");
    let until = json!({"expires_at": "2026-07-02T12:00:00Z"});
    call(&fake, "maya", "PUT /consents/cancel_service", Some(until)).await;
    fake.memory.set_now(now() + jiff::SignedDuration::from_mins(30));
    let taken = call(&fake, "maya", "DELETE /consents/move_money", None).await;
    assert_eq!((taken.status, &taken.body["state"]), (StatusCode::OK, &json!("revoked")));
    let again = call(&fake, "maya", "DELETE /consents/move_money", None).await;
    assert_eq!(again.body, taken.body, "taken back once");
    let Record::Access(access) = fake.memory.get(&Key::Access("maya".parse().unwrap())).unwrap().record
    else {
        panic!("no access");
    };
    assert!(!access.allows("move_money", now()));
    let list = call(&fake, "maya", "GET /consents", None).await.body;
    let states: Vec<_> = list["consents"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["revoked", "granted"]);
    let anew = call(&fake, "maya", "PUT /consents/move_money", Some(json!({}))).await;
    assert_eq!(anew.body["state"], "granted");
}
