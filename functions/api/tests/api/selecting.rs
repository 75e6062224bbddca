//! Selecting a recommended workflow.

use crate::outside::{Fake, call, start_failed, user};
use crate::reading::recommend;
use axum::http::StatusCode;
use engine::Selection;
use events::ErrorClass;
use ports::Record;
use serde_json::{Value, json};

fn selection(workflow: &str) -> Value {
    json!({"recommendation_id": "rec-1", "workflow_id": workflow, "idempotency_key": "key-1"})
}

#[tokio::test]
async fn a_selection_is_handed_to_start() {
    let fake = Fake::new();
    recommend(&fake, "maya", "rec-1").await;
    let answer = call(&fake, "maya", "POST /selections", Some(selection("emergency-fund-builder"))).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::CREATED, &json!({"run_id": "run-new"})));
    let asked = json!({"user_id": "maya", "selection": selection("emergency-fund-builder")});
    assert_eq!(*fake.started.lock().unwrap(), [asked]);
    *fake.start.lock().unwrap() = Ok(json!({"run_id": "run-new", "created": false}));
    let again = call(&fake, "maya", "POST /selections", Some(selection("emergency-fund-builder"))).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_selects_once() {
    let fake = Fake::new();
    recommend(&fake, "maya", "rec-1").await;
    fake.put(Record::Selection(Selection {
        user_id: user("maya"),
        idempotency_key: "key-1".to_owned(),
        recommendation_id: "rec-1".parse().unwrap(),
        workflow_id: "emergency-fund-builder".parse().unwrap(),
        run_id: "run-old".parse().unwrap(),
    }))
    .await;
    let again = call(&fake, "maya", "POST /selections", Some(selection("emergency-fund-builder"))).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &json!({"run_id": "run-old"})));
    let other = call(&fake, "maya", "POST /selections", Some(selection("debt-avalanche-accelerator"))).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(fake.started.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn what_cannot_be_selected_is_refused_with_the_reason() {
    let fake = Fake::new();
    recommend(&fake, "maya", "rec-1").await;
    for (body, status, fields) in [
        (selection("debt-avalanche-accelerator"), StatusCode::UNPROCESSABLE_ENTITY, vec!["workflow_id"]),
        (selection("investment-tax-harvester"), StatusCode::UNPROCESSABLE_ENTITY, vec!["workflow_id"]),
        (
            json!({"recommendation_id": "rec-9", "workflow_id": "w", "idempotency_key": "k"}),
            StatusCode::NOT_FOUND,
            vec![],
        ),
        (
            json!({"recommendation_id": 7, "idempotency_key": "", "more": 1}),
            StatusCode::BAD_REQUEST,
            vec!["idempotency_key", "more", "recommendation_id", "workflow_id"],
        ),
        (
            json!({"recommendation_id": "rec-1", "workflow_id": "w", "idempotency_key": "a b"}),
            StatusCode::BAD_REQUEST,
            vec!["idempotency_key"],
        ),
    ] {
        let answer = call(&fake, "maya", "POST /selections", Some(body.clone())).await;
        let mut found = answer.fields();
        found.dedup();
        assert_eq!((answer.status, found), (status, fields), "{body}");
    }
    assert_eq!(fake.started.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn what_start_refuses_is_said() {
    let fake = Fake::new();
    recommend(&fake, "maya", "rec-1").await;
    for (class, status) in [
        (ErrorClass::Declined, StatusCode::CONFLICT),
        (ErrorClass::Validation, StatusCode::UNPROCESSABLE_ENTITY),
        (ErrorClass::Interrupted, StatusCode::SERVICE_UNAVAILABLE),
        (ErrorClass::Defect, StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        *fake.start.lock().unwrap() = start_failed(class, "it is under way already");
        let answer = call(&fake, "maya", "POST /selections", Some(selection("emergency-fund-builder"))).await;
        assert_eq!(answer.status, status, "{class}");
        if class == ErrorClass::Declined {
            assert_eq!(answer.detail(), "it is under way already");
        }
    }
}
