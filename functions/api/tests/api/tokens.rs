//! Who is let in.

use crate::outside::{CLIENT, Fake, ISSUER, Signer, call_with, claims, now};
use axum::http::StatusCode;
use serde_json::{Value, json};

fn with(change: &[(&str, Value)]) -> Value {
    let mut claims = claims("maya");
    for (name, value) in change {
        claims[*name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn only_tokens_of_the_issuers_client_are_good() {
    let second = now().as_second();
    let issuer = Signer::issuer();
    let rs256 = json!({"alg": "RS256", "kid": "issuer"});
    let good = issuer.sign(&claims("maya"));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{}.{signature}", head.replace('a', "b"));
    let none = issuer.sign_with(&json!({"alg": "none", "kid": "issuer"}), &claims("maya"));
    let symmetric = issuer.sign_with(&json!({"alg": "HS256", "kid": "issuer"}), &claims("maya"));
    for (what, token, good) in [
        ("a good one", good.clone(), true),
        ("an id token", issuer.sign(&with(&[("token_use", json!("id")), ("aud", json!(CLIENT))])), true),
        (
            "another issuer's form",
            issuer.sign(&with(&[("token_use", Value::Null), ("aud", json!([CLIENT]))])),
            true,
        ),
        ("just expired, within the leeway", issuer.sign(&with(&[("exp", json!(second - 29))])), true),
        ("expired", issuer.sign(&with(&[("exp", json!(second - 30))])), false),
        ("not valid yet", issuer.sign(&with(&[("nbf", json!(second + 60))])), false),
        ("of another issuer", issuer.sign(&with(&[("iss", json!("https://else"))])), false),
        ("for another client", issuer.sign(&with(&[("client_id", json!("other"))])), false),
        (
            "an id token for another",
            issuer.sign(&with(&[("token_use", json!("id")), ("aud", json!("x"))])),
            false,
        ),
        ("for another use", issuer.sign(&with(&[("token_use", json!("refresh"))])), false),
        ("without expiry", issuer.sign(&json!({"iss": ISSUER, "sub": "maya", "client_id": CLIENT})), false),
        ("of nobody", issuer.sign(&with(&[("sub", json!("a b"))])), false),
        ("signed by a stranger", Signer::stranger().sign(&claims("maya")), false),
        (
            "signed by a stranger with our key's name",
            Signer::stranger().called("issuer").sign(&claims("maya")),
            false,
        ),
        ("without the name of a key", issuer.sign_with(&json!({"alg": "RS256"}), &claims("maya")), false),
        ("good header again", issuer.sign_with(&rs256, &claims("maya")), true),
        ("unsigned", none, false),
        ("signed with a shared secret", symmetric, false),
        ("changed", forged, false),
        ("no token", "abc".to_owned(), false),
    ] {
        let answer = call_with(&Fake::new().app(), Some(&token), "GET /goals", None).await;
        let expect = if good { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expect, "{what}: {}", answer.detail());
        if !good {
            assert_eq!(answer.content_type, "application/problem+json", "{what}");
        }
    }
}

#[tokio::test]
async fn every_route_but_four_needs_a_token() {
    let app = Fake::new().app();
    let document: Value = serde_json::from_str(api::DOCUMENT).unwrap();
    let mut seen = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys().filter(|name| *name != "parameters") {
            let path = path.replace(['{', '}'], "");
            let line = format!("{} {path}", method.to_uppercase());
            let answer = call_with(&app, None, &line, Some("{}".to_owned())).await;
            // The link of a mail leads a browser to a page, and that asks who it is.
            let expect =
                if path == "/link/secret" { StatusCode::NOT_FOUND } else { StatusCode::UNAUTHORIZED };
            assert_eq!(answer.status, expect, "{line}");
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} routes");
    for line in ["GET /healthz", "GET /openapi.json"] {
        assert_eq!(call_with(&app, None, line, None).await.status, StatusCode::OK, "{line}");
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_for_a_new_one() {
    let fake = Fake::new();
    let app = fake.app();
    let get = async |token: &str| call_with(&app, Some(token), "GET /goals", None).await.status;
    let good = Signer::issuer().sign(&claims("maya"));
    for _ in 0..3 {
        assert_eq!(get(&good).await, StatusCode::OK);
    }
    assert_eq!(*fake.fetches.lock().unwrap(), 1);
    let unknown = Signer::stranger().sign(&claims("maya"));
    for _ in 0..3 {
        assert_eq!(get(&unknown).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(*fake.fetches.lock().unwrap(), 1, "not again so soon");
    fake.memory.set_now(now() + jiff::SignedDuration::from_secs(31));
    assert_eq!(get(&unknown).await, StatusCode::UNAUTHORIZED);
    assert_eq!(*fake.fetches.lock().unwrap(), 2);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_not_the_callers_fault() {
    let fake = Fake::new();
    *fake.issuer_down.lock().unwrap() = true;
    let app = fake.app();
    let good = Signer::issuer().sign(&claims("maya"));
    assert_eq!(
        call_with(&app, Some(&good), "GET /goals", None).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    *fake.issuer_down.lock().unwrap() = false;
    assert_eq!(call_with(&app, Some(&good), "GET /goals", None).await.status, StatusCode::OK);
    *fake.issuer_down.lock().unwrap() = true;
    fake.memory.set_now(now() + jiff::SignedDuration::from_mins(61));
    let mut later = claims("maya");
    later["exp"] = json!(now().as_second() + 9_000);
    let later = Signer::issuer().sign(&later);
    assert_eq!(
        call_with(&app, Some(&later), "GET /goals", None).await.status,
        StatusCode::OK,
        "the key is known"
    );
}
