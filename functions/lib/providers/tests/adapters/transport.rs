//! Calls that go wrong on the way, and what that says about their effect.

use crate::script::{Script, Turn};
use events::ErrorClass;
use providers::subscriptions::{Reader, Writer};
use providers::{
    Cause, ChangeSubscriptions, Connection, Http, Provider, ProviderError, Subscriptions, Token,
};
use serde_json::json;
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(30);

async fn cancel(connection: Connection) -> ProviderError {
    Writer::new(connection).cancel("sub/1", "v1", "run_1/step/sub_1").await.unwrap_err()
}

#[tokio::test]
async fn a_change_carries_token_key_and_version_and_stays_on_its_path() {
    let script = Script::of([Turn::Answer(404, "{}".to_owned())]).await;
    cancel(script.connection(Provider::Subscriptions, LONG)).await;
    let call = &script.calls()[0];
    assert!(call.head.starts_with("post /subscriptions/sub%2f1/cancel "), "{}", call.head);
    assert!(call.head.contains("authorization: bearer access-1"), "{}", call.head);
    assert!(call.head.contains("idempotency-key: run_1/step/sub_1"), "{}", call.head);
    assert_eq!(call.body, json!({"expected_version": "v1"}));
}

#[tokio::test]
async fn what_was_never_sent_has_no_effect() {
    let session = || Http::new().unwrap().session(Instant::now() + LONG);
    // Nothing listens on the discard port.
    let nobody = Connection::new(Provider::Subscriptions, "http://127.0.0.1:9", Token::new("t"), session());
    let error = cancel(nobody).await;
    assert!(matches!(error.cause, Cause::NotReached(_)), "{error}");
    assert_eq!((error.class(), error.leaves_effect_unknown()), (ErrorClass::ProviderUnavailable, false));
    let script = Script::of([]).await;
    let error = cancel(script.connection(Provider::Subscriptions, Duration::ZERO)).await;
    assert!(matches!(error.cause, Cause::OutOfTime), "{error}");
    assert_eq!((error.class(), error.leaves_effect_unknown()), (ErrorClass::Timeout, false));
    assert!(script.calls().is_empty());
}

#[tokio::test]
async fn what_was_sent_and_not_answered_is_in_doubt() {
    for (turn, class) in [
        (Turn::HangUp, ErrorClass::ProviderUnavailable),
        (Turn::Answer(500, String::new()), ErrorClass::ProviderUnavailable),
        (Turn::Answer(200, "{\"operation\":".to_owned()), ErrorClass::ProviderUnavailable),
        (Turn::Answer(200, "{}".to_owned()), ErrorClass::ProviderUnavailable),
    ] {
        let script = Script::of([turn]).await;
        let error = cancel(script.connection(Provider::Subscriptions, LONG)).await;
        assert_eq!((error.class(), error.leaves_effect_unknown()), (class, true), "{error}");
        assert_eq!(script.calls().len(), 1, "never sent twice");
    }
    let script = Script::of([Turn::Silence]).await;
    let error = cancel(script.connection(Provider::Subscriptions, Duration::from_millis(300))).await;
    assert_eq!((error.class(), error.leaves_effect_unknown()), (ErrorClass::Timeout, true), "{error}");
}

#[tokio::test]
async fn what_was_refused_has_no_effect() {
    for (status, class) in [
        (400, ErrorClass::Validation),
        (401, ErrorClass::Permission),
        (403, ErrorClass::Permission),
        (404, ErrorClass::Validation),
        (409, ErrorClass::Validation),
        (422, ErrorClass::Declined),
        (429, ErrorClass::RateLimited),
    ] {
        let script = Script::of([Turn::Answer(status, String::new())]).await;
        let error = cancel(script.connection(Provider::Subscriptions, LONG)).await;
        assert_eq!((error.class(), error.leaves_effect_unknown()), (class, false), "{status}");
        let message = error.message();
        assert!(message.ends_with('.') && !message.contains("access-1"), "{message}");
    }
}

#[tokio::test]
async fn an_unknown_key_did_nothing_and_an_unreachable_provider_says_nothing_about_it() {
    let gone = json!({"error": {"code": "unknown_operation", "message": "x", "field": null}}).to_string();
    let script = Script::of([Turn::Answer(404, gone), Turn::Answer(503, String::new())]).await;
    let reader = Reader::new(script.connection(Provider::Subscriptions, LONG));
    assert!(reader.performed("run_1/step#2").await.unwrap().is_none());
    assert!(script.calls()[0].head.starts_with("get /subscriptions/operations/run_1%2fstep%232 "));
    assert!(reader.performed("k").await.is_err());
}
