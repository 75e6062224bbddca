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
async fn a_stopped_run_keeps_what_was_done() {
    let (fake, _) = asking().await;
    let answer = call(&fake, "maya", "POST /runs/run-1/stop", None).await;
    assert_eq!(answer.body, json!({"run_id": "run-1", "status": "RollingBack"}));
    let run = fake.run("run-1");
    assert_eq!((run.ending, run.reason.as_deref()), (Some(Ending::Stop), Some("stopped by you")));
    let again = call(&fake, "maya", "POST /runs/run-1/stop", None).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &answer.body));
    assert_eq!(fake.continued().len(), 2);
}

#[tokio::test]
async fn a_run_that_is_being_ended_stays_with_how() {
    for (ending, line, what) in [
        (Ending::Cancel, "POST /runs/run-1/stop", "being undone already (a)"),
        (Ending::Stop, "POST /runs/run-1/cancel", "being stopped already (a)"),
        (Ending::RollBack, "POST /runs/run-1/cancel", "being undone already (a)"),
        (Ending::RollBack, "POST /runs/run-1/stop", "being undone already (a)"),
    ] {
        let fake = Fake::new();
        let mut run = run_of("maya", "run-1", RunStatus::RollingBack, &[]);
        (run.ending, run.reason) = (Some(ending), Some("a".to_owned()));
        fake.put(Record::Run(run.clone())).await;
        let answer = call(&fake, "maya", line, None).await;
        assert_eq!(
            (answer.status, &answer.body["run_status"]),
            (StatusCode::CONFLICT, &json!("RollingBack"))
        );
        assert!(answer.detail().contains(what), "{line}: {}", answer.detail());
        assert_eq!((fake.run("run-1"), fake.continued()), (run, vec![]));
    }
}

#[tokio::test]
async fn an_ended_run_stays_as_it_is() {
    for status in RunStatus::ALL.into_iter().filter(|status| status.is_terminal()) {
        for how in ["cancel", "stop"] {
            let fake = Fake::new();
            let run = run_of("maya", "run-1", status, &[]);
            fake.put(Record::Run(run.clone())).await;
            let answer = call(&fake, "maya", &format!("POST /runs/run-1/{how}"), None).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{status:?}");
            assert_eq!(answer.body["run_status"], status.as_str());
            assert!(answer.detail().contains(status.as_str()), "{}", answer.detail());
            assert_eq!(fake.run("run-1"), run);
        }
    }
}
