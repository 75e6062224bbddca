//! The API as API Gateway invokes it, and as the gateway of a local AWS does.

use crate::outside::{Fake, Signer, asking, claims};
use api::{Invoked, answer};
use serde_json::{Value, json};

async fn invoke(fake: &Fake, method: &str, path: &str, change: Value) -> Value {
    let mut payload = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {
            "host": "abc.execute-api.eu-west-1.amazonaws.com", "content-type": "application/json",
            "authorization": format!("Bearer {}", Signer::issuer().sign(&claims("maya")))
        },
        "queryStringParameters": null, "pathParameters": null,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "stage": "$default", "requestId": "r1",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""}
        },
        "isBase64Encoded": false
    });
    for (name, value) in change.as_object().unwrap() {
        payload[name] = value.clone();
    }
    let invoked: Invoked = serde_json::from_value(payload).unwrap();
    serde_json::to_value(answer(&fake.app(), invoked).await).unwrap()
}

#[tokio::test]
async fn a_call_comes_in_and_its_answer_goes_out() {
    let (fake, task) = asking().await;
    let path = format!("/tasks/{}/answers", task.task_id);
    let body = "{\"type\":\"skip\"}";
    for change in [json!({"body": body}), json!({"body": "eyJ0eXBlIjoic2tpcCJ9", "isBase64Encoded": true})] {
        let answered = invoke(&fake, "POST", &path, change).await;
        assert_eq!(answered["statusCode"], 200, "{answered}");
        assert_eq!(answered["isBase64Encoded"], false);
        assert_eq!(answered["headers"]["content-type"], "application/json");
        assert_eq!(answered["headers"]["cache-control"], "no-store");
        let body: Value = serde_json::from_str(answered["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["decisions"].as_array().unwrap().len(), 2);
    }
    let page = invoke(&fake, "GET", "/runs/run-1/events", json!({"rawQueryString": "limit=0"})).await;
    assert_eq!(page["statusCode"], 400);
    assert_eq!(page["headers"]["content-type"], "application/problem+json");
}

#[tokio::test]
async fn anything_that_the_gateway_lets_through_is_answered() {
    let fake = Fake::new();
    for (method, path, change, status) in [
        ("GET", "/runs/a b", json!({}), 404),
        ("GET", "/runs/100%", json!({}), 404),
        ("GET", "/runs/ä?#", json!({}), 404),
        ("NO WAY", "/runs", json!({}), 400),
        ("POST", "/selections", json!({"body": "%%%", "isBase64Encoded": true}), 400),
        ("POST", "/selections", json!({}), 400),
        ("POST", "/selections", json!({"body": "x".repeat(70_000)}), 413),
        ("GET", "", json!({}), 400),
    ] {
        let answered = invoke(&fake, method, path, change).await;
        assert_eq!(answered["statusCode"], status, "{method} {path}: {answered}");
        assert_eq!(answered["headers"]["content-type"], "application/problem+json", "{method} {path}");
    }
}

#[tokio::test]
async fn cookies_and_compressed_bodies_go_both_ways() {
    let fake = Fake::new();
    let refresh = json!({"cookies": ["a=1", "refresh=refresh-maya"], "headers": {"accept-encoding": "gzip"}});
    let answered = invoke(&fake, "GET", "/console", refresh).await;
    assert_eq!(answered["statusCode"], 200, "{answered}");
    let cookie = answered["cookies"][0].as_str().unwrap();
    assert!(cookie.starts_with("session=") && answered["headers"].get("set-cookie").is_none(), "{answered}");
    assert_eq!(answered["headers"]["content-encoding"], "gzip");
    assert_eq!(answered["isBase64Encoded"], true);
    assert!(answered["body"].as_str().unwrap().starts_with("H4sI"), "{answered}");
}
