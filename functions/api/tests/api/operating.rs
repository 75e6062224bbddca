//! What those may see and do who operate the system, and nobody else.

use crate::answers::guiding;
use crate::console::ask;
use crate::outside::{Answer, Fake, NOW, Signer, call, call_with, claims, now, run_of};
use axum::http::StatusCode;
use engine::{EndedRun, Out, RunStatus, Unread};
use events::ErrorClass;
use jiff::SignedDuration;
use ports::{Commit, DeadLetter, Key, Record, Write};
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn operate(fake: &Fake, line: &str, body: Option<Value>) -> Answer {
    let mut claims = claims("olga");
    claims["cognito:groups"] = json!(["savers", "operators"]);
    let token = Signer::issuer().sign(&claims);
    call_with(&fake.app(), Some(&token), line, body.map(|it| it.to_string())).await
}

#[tokio::test]
async fn only_operators_operate() {
    let fake = Fake::new();
    for line in
        ["GET /operator/overview", "GET /operator/runs", "GET /operator/kept", "GET /operator/failures"]
    {
        assert_eq!(call(&fake, "maya", line, None).await.status, StatusCode::FORBIDDEN, "{line}");
        assert_eq!(operate(&fake, line, None).await.status, StatusCode::OK, "{line}");
    }
    let replay = Some(json!({"reader": "recommend", "id": "e1"}));
    assert_eq!(
        call(&fake, "maya", "POST /operator/kept/replay", replay.clone()).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(operate(&fake, "POST /operator/kept/replay", replay).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn runs_under_way_and_failures_are_told_whoever_s_they_are() {
    let fake = Fake::new();
    fake.put(Record::Run(run_of("maya", "run-1", RunStatus::Executing, &[]))).await;
    let ended = |run: &str, minutes, status, class| EndedRun {
        run_id: run.parse().unwrap(),
        user_id: "noah".parse().unwrap(),
        workflow_id: "emergency-fund-builder".parse().unwrap(),
        status,
        class,
        at: now() + SignedDuration::from_mins(minutes),
    };
    for record in [
        ended("run-8", -1, RunStatus::NeedsAttention, Some(ErrorClass::Critical)),
        ended("run-8", 0, RunStatus::RolledBack, Some(ErrorClass::Critical)),
        ended("run-9", 0, RunStatus::Completed, None),
    ] {
        fake.memory.commit(vec![Write::create(Record::Ended(record))]).await.unwrap();
    }
    let runs = operate(&fake, "GET /operator/runs", None).await.body;
    assert_eq!((&runs["runs"][0]["run_id"], &runs["more"]), (&json!("run-1"), &json!(false)));
    let overview = operate(&fake, "GET /operator/overview", None).await.body;
    assert_eq!(overview["live"], json!({"Executing": 1}));
    assert_eq!(overview["ended"], json!({"Completed": 1, "RolledBack": 1}));
    assert_eq!(overview["failures"], json!({"Critical": 1}));
    assert_eq!(overview["latest_failures"][0]["run_id"], "run-8");
}

#[tokio::test]
async fn who_asks_for_help_is_told_until_they_have_done_without() {
    let (fake, task) = guiding().await;
    let asks = json!({"type": "help", "note": "which <form>?"});
    call(&fake, "maya", &format!("POST /tasks/{}/answers", task.task_id), Some(asks)).await;
    let runs = operate(&fake, "GET /operator/runs", None).await.body;
    let expect = json!([{"step_id": "side-income", "since": NOW, "note": "which <form>?"}]);
    assert_eq!(runs["runs"][0]["asks_for_help"], expect);
    let mut claims = claims("olga");
    claims["cognito:groups"] = json!(["operators"]);
    let cookie = format!("session={}", Signer::issuer().sign(&claims));
    let page = ask(&fake.app(), "GET /console/operation", None, &[("cookie", &cookie)]).await;
    assert!(
        page.body.contains("Asks for help") && page.body.contains("which &lt;form&gt;?"),
        "{}",
        page.body
    );
    let done = json!({"type": "done", "proof": {"reference": "GIG-1"}});
    call(&fake, "maya", &format!("POST /tasks/{}/answers", task.task_id), Some(done)).await;
    let runs = operate(&fake, "GET /operator/runs", None).await.body;
    assert_eq!(runs["runs"][0].get("asks_for_help"), None);
}

#[tokio::test]
async fn what_was_kept_is_read_again_and_never_shown() {
    let fake = Fake::new();
    fake.put(Record::Run(run_of("maya", "run-1", RunStatus::Executing, &[]))).await;
    let bus_event = || json!({"detail-type": "workflow.paused", "detail": {"secret": "4111-1111"}});
    let kept = |reader: &str, id: &str, event: Value| Unread {
        reader: reader.to_owned(),
        id: id.to_owned(),
        reason: "version 2 of the contract is not known".to_owned(),
        event,
        at: now(),
        replayed_at: None,
    };
    for unread in [
        kept("recommend", "e1", bus_event()),
        kept("email", "e3", bus_event()),
        kept("in-app", "e4", json!({"only": "its data"})),
        kept("publish", "000001", json!({"pk": {"S": "RUN#run-1"}, "sk": {"S": "META"}})),
        kept("unheard-of", "e2", Value::Null),
    ] {
        fake.memory.commit(vec![Write::create(Record::Unread(unread))]).await.unwrap();
    }
    let listed = operate(&fake, "GET /operator/kept", None).await.body;
    let kept = listed["kept"].as_array().unwrap();
    let replayable: Vec<_> =
        kept.iter().filter(|it| it["replayable"] == true).filter_map(|it| it["id"].as_str()).collect();
    assert_eq!((kept.len(), replayable), (5, vec!["e3", "000001", "e1"]));
    assert!(!listed.to_string().contains("4111"), "{listed}");

    let replay = async |reader: &str, id: &str| {
        operate(&fake, "POST /operator/kept/replay", Some(json!({"reader": reader, "id": id}))).await
    };
    let again = replay("recommend", "e1").await;
    assert_eq!((again.status, &again.body["replayed_at"]), (StatusCode::OK, &json!(now().to_string())));
    assert_eq!(replay("email", "e3").await.status, StatusCode::OK);
    assert_eq!(*fake.started.lock().unwrap(), [bus_event(), bus_event()]);
    for (reader, id) in [("unheard-of", "e2"), ("in-app", "e4")] {
        assert_eq!(replay(reader, id).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{reader}");
    }

    assert_eq!(replay("publish", "000001").await.status, StatusCode::OK);
    let told = fake.memory.stream().into_iter().flat_map(|change| change.out).last().unwrap();
    let Out::Run(event) = told else { panic!("{told:?}") };
    assert_eq!((&event.details["to"], &event.details["restated"]), (&json!("Executing"), &json!(true)));
    assert!(fake.memory.get(&Key::Run("run-1".parse().unwrap())).is_some());
}

#[tokio::test]
async fn what_was_given_up_on_is_handed_over_again_and_never_shown() {
    let fake = Fake::new();
    let failed = |function: &str, payload: Value| {
        json!({
            "requestContext": {
                "functionArn": format!("arn:aws:lambda:us-east-1:1:function:dev-{function}"),
                "condition": "RetriesExhausted", "approximateInvokeCount": 3,
            },
            "requestPayload": payload,
            "responsePayload": {"errorType": "Defect", "errorMessage": "Something went wrong on our side."},
        })
    };
    let event = json!({"detail": {"id": "e1", "secret": "4111-1111"}});
    let bodies =
        [failed("card", event.clone()), failed("card", json!({})), json!({"DDBStreamBatchInfo": {}})];
    *fake.failures.lock().unwrap() = (1..)
        .zip(bodies)
        .map(|(number, body)| DeadLetter {
            id: format!("m{number}"),
            receipt: format!("r{number}"),
            at: now() - SignedDuration::from_mins(number),
            body: body.to_string(),
            attributes: BTreeMap::new(),
        })
        .collect();
    let listed = operate(&fake, "GET /operator/failures", None).await.body;
    assert!(!listed.to_string().contains("4111"), "{listed}");
    assert_eq!(
        listed["failures"][0],
        json!({
            "id": "m1", "function": "card", "reason": "Defect: Something went wrong on our side.", "about": "e1",
            "tries": 3, "alike": 2, "at": (now() - SignedDuration::from_mins(1)).to_string(), "age_seconds": 60,
            "replayable": true,
        })
    );
    let replay = async |id: &str| {
        operate(&fake, "POST /operator/failures/replay", Some(json!({"id": id}))).await.status
    };
    assert_eq!(replay("m3").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(replay("m9").await, StatusCode::NOT_FOUND);
    assert_eq!(replay("m1").await, StatusCode::OK);
    assert_eq!(*fake.handed_over.lock().unwrap(), [("card".to_owned(), event)]);
    assert_eq!(replay("m1").await, StatusCode::NOT_FOUND);
    assert_eq!(
        operate(&fake, "GET /operator/failures", None).await.body["failures"].as_array().unwrap().len(),
        2
    );
    assert_eq!(
        call(&fake, "maya", "POST /operator/failures/replay", Some(json!({"id": "m2"}))).await.status,
        StatusCode::FORBIDDEN
    );
}
