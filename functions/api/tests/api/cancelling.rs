//! Ending a run.

use crate::outside::{Fake, asking, call, run_of};
use axum::http::StatusCode;
use engine::{Ending, RunStatus};
use ports::{Mode, Record, StepFunction};
use serde_json::json;

#[tokio::test]
async fn a_running_run_rolls_back_and_its_questions_are_let_go() {
    let (fake, _) = asking().await;
    let answer = call(&fake, "maya", "POST /runs/run-1/cancel", None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body, json!({"run_id": "run-1", "status": "RollingBack"}));
    let run = fake.run("run-1");
    assert_eq!((run.status, run.ending), (RunStatus::RollingBack, Some(Ending::Cancel)));
    assert_eq!(run.reason.as_deref(), Some("cancelled by you"));
    let drained = (StepFunction::SemiAutomated, "quick-wins".to_owned(), Mode::Drain);
    assert_eq!(fake.continued(), std::slice::from_ref(&drained));
    assert!(fake.told().iter().any(|(kind, ..)| kind == "run.state_changed"));

    let again = call(&fake, "maya", "POST /runs/run-1/cancel", None).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &answer.body));
    assert_eq!(fake.continued(), [drained.clone(), drained], "what was lost the first time");
}

#[tokio::test]
async fn a_queued_run_ends_at_once() {
    let fake = Fake::new();
    fake.put(Record::Run(run_of("maya", "run-1", RunStatus::Queued, &[]))).await;
    let answer = call(&fake, "maya", "POST /runs/run-1/cancel", None).await;
    assert_eq!(answer.body["status"], "Stopped");
    assert_eq!(fake.continued(), []);
}

#[tokio::test]
async fn an_ended_run_stays_as_it_is() {
    for status in RunStatus::ALL.into_iter().filter(|status| status.is_terminal()) {
        let fake = Fake::new();
        let run = run_of("maya", "run-1", status, &[]);
        fake.put(Record::Run(run.clone())).await;
        let answer = call(&fake, "maya", "POST /runs/run-1/cancel", None).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{status:?}");
        assert!(answer.detail().contains(status.as_str()), "{}", answer.detail());
        assert_eq!(fake.run("run-1"), run);
    }
}
