//! Taking an ended run up again.

use crate::outside::{Fake, call, run_of, start_failed};
use axum::http::StatusCode;
use engine::{RunStatus, StepStatus};
use events::ErrorClass;
use ports::{Key, Mode, Record, StepFunction};
use serde_json::{Value, json};

async fn with(status: RunStatus, steps: &[(&str, StepStatus)]) -> Fake {
    let fake = Fake::new();
    fake.put(Record::Run(run_of("maya", "run-1", status, steps))).await;
    fake
}

async fn resume(fake: &Fake, body: Value) -> crate::outside::Answer {
    call(fake, "maya", "POST /runs/run-1/resume", Some(body)).await
}

#[tokio::test]
async fn a_stopped_run_is_handed_to_start() {
    let fake = with(RunStatus::Stopped, &[]).await;
    let answer = resume(&fake, json!({"checkpoint": "side-income", "version": 2})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let wish = json!({"run_id": "run-1", "checkpoint": "side-income", "version": 2});
    assert_eq!(*fake.started.lock().unwrap(), [json!({"user_id": "maya", "resume": wish})]);
}

#[tokio::test]
async fn one_that_is_queued_again_answers_the_same() {
    let fake = Fake::new();
    let mut run = run_of("maya", "run-1", RunStatus::Queued, &[]);
    run.epoch = 2;
    fake.put(Record::Run(run)).await;
    let answer = resume(&fake, json!({})).await;
    assert_eq!((answer.status, &answer.body["status"]), (StatusCode::OK, &json!("Queued")));
}

#[tokio::test]
async fn what_start_refuses_is_told_with_its_reason() {
    for (class, message, status, detail) in [
        (
            ErrorClass::Declined,
            "there is no checkpoint payday; there are: side-income",
            StatusCode::CONFLICT,
            "There is no checkpoint payday; there are: side-income.",
        ),
        (
            ErrorClass::Declined,
            "the run cannot go on with version 2: it cannot be run yet",
            StatusCode::CONFLICT,
            "The run cannot go on with version 2: it cannot be run yet.",
        ),
        (
            ErrorClass::Interrupted,
            "x",
            StatusCode::SERVICE_UNAVAILABLE,
            "Nothing can be resumed at the moment; try again.",
        ),
    ] {
        let fake = with(RunStatus::Stopped, &[]).await;
        *fake.start.lock().unwrap() = start_failed(class, message);
        let answer = resume(&fake, json!({})).await;
        assert_eq!((answer.status, answer.detail()), (status, detail));
    }
}

#[tokio::test]
async fn a_run_that_needs_attention_is_undone_further() {
    let fake = with(RunStatus::NeedsAttention, &[("quick-wins", StepStatus::UndoFailed)]).await;
    let refused = resume(&fake, json!({"checkpoint": "side-income"})).await;
    assert_eq!((refused.status, refused.fields()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["checkpoint"]));
    let answer = resume(&fake, json!({})).await;
    assert_eq!(answer.body, json!({"run_id": "run-1", "status": "RollingBack"}), "{}", answer.body);
    let run = fake.run("run-1");
    assert_eq!((run.epoch, run.status), (2, RunStatus::RollingBack));
    assert_eq!(fake.continued(), [(StepFunction::Compensate, String::new(), Mode::Recover)]);
    assert_eq!(*fake.started.lock().unwrap(), Vec::<Value>::new());

    // It is being done already: said twice, it is done once.
    let again = resume(&fake, json!({})).await;
    assert_eq!((again.status, &again.body["status"]), (StatusCode::OK, &json!("RollingBack")));
    assert_eq!((fake.run("run-1").epoch, fake.continued().len()), (2, 1));
    let elsewhere = resume(&fake, json!({"checkpoint": "side-income"})).await;
    assert_eq!(elsewhere.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn one_that_goes_on_again_answers_with_its_state() {
    for (status, epoch, wish, expect) in [
        (RunStatus::Executing, 2, json!({}), StatusCode::OK),
        (RunStatus::Paused, 3, json!({"version": 1}), StatusCode::OK),
        (RunStatus::Executing, 2, json!({"version": 2}), StatusCode::CONFLICT),
        (RunStatus::Executing, 2, json!({"checkpoint": "side-income"}), StatusCode::CONFLICT),
        (RunStatus::Executing, 1, json!({}), StatusCode::CONFLICT),
        (RunStatus::RollingBack, 2, json!({}), StatusCode::CONFLICT),
    ] {
        let fake = Fake::new();
        let mut run = run_of("maya", "run-1", status, &[]);
        run.epoch = epoch;
        fake.put(Record::Run(run.clone())).await;
        let answer = resume(&fake, wish.clone()).await;
        assert_eq!(answer.status, expect, "{status:?} {epoch} {wish}: {}", answer.body);
        assert_eq!(fake.run("run-1"), run);
    }
}

#[tokio::test]
async fn no_other_run_can_be_resumed() {
    let resumable = [RunStatus::Stopped, RunStatus::NeedsAttention];
    for status in RunStatus::ALL.into_iter().filter(|status| !resumable.contains(status)) {
        let fake = with(status, &[]).await;
        let before = fake.memory.get(&Key::Run("run-1".parse().unwrap()));
        let answer = resume(&fake, json!({})).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{status:?}");
        assert_eq!(answer.detail(), format!("A run that is {} cannot be resumed.", status.as_str()));
        assert_eq!(fake.memory.get(&Key::Run("run-1".parse().unwrap())), before);
        assert_eq!(*fake.started.lock().unwrap(), Vec::<Value>::new());
    }
    let fake = with(RunStatus::Stopped, &[]).await;
    let strange = call(&fake, "noah", "POST /runs/run-1/resume", Some(json!({}))).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
    let wrong = resume(&fake, json!({"from": "x"})).await;
    assert_eq!((wrong.status, wrong.fields()), (StatusCode::BAD_REQUEST, vec!["from"]));
}
