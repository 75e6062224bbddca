//! What is arranged about a manual step: due dates, snoozes, notes, and files that prove it.

use crate::outside::{Fake, call, run_of, task_of};
use axum::http::StatusCode;
use engine::{RunStatus, StepStatus, Task};
use events::TaskKind;
use ports::{Record, Slot};
use serde_json::json;

/// A manual step that waits for Maya.
pub(crate) async fn guided() -> (Fake, Task) {
    let fake = Fake::new();
    let mut run = run_of("maya", "run-1", RunStatus::Executing, &[("side-income", StepStatus::WaitingUser)]);
    run.expires = "2026-07-31T12:00:00Z".parse().unwrap();
    let task = task_of(&run, "side-income", TaskKind::Guide, 1, Vec::new());
    fake.put(Record::Run(run)).await;
    fake.put(Record::Task(task.clone())).await;
    (fake, task)
}

#[tokio::test]
async fn a_manual_step_is_moved_put_off_and_handed_over() {
    let (fake, task) = guided().await;
    let line = format!("PATCH /tasks/{}", task.task_id);
    let wish = json!({"due": "2026-07-10T12:00:00Z", "snooze_until": "2026-07-05T12:00:00Z", "hand_over": " Ask Maya "});
    let answer = call(&fake, "maya", &line, Some(wish)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.body["due"], "2026-07-10T12:00:00Z");
    assert_eq!(answer.body["reminders"], json!(["2026-07-05T12:00:00Z", "2026-07-09T12:00:00Z"]));
    let question = call(&fake, "maya", &format!("GET /tasks/{}", task.task_id), None).await;
    assert_eq!(question.body["arranged"]["hand_over"], "Ask Maya");
    assert_eq!(question.body["arranged"]["snoozed_until"], "2026-07-05T12:00:00Z");
    assert_eq!(question.body["request"]["deadline"], "2026-07-10T12:00:00Z");
    for (wish, field) in [
        (json!({"due": "2026-06-01T00:00:00Z"}), "due"),
        (json!({"due": "2027-06-01T00:00:00Z"}), "due"),
        (json!({"snooze_until": "2026-08-01T00:00:00Z"}), "snooze_until"),
        (json!({"hand_over": "x".repeat(2_001)}), "hand_over"),
        (json!({"dew": "x"}), "dew"),
    ] {
        let answer = call(&fake, "maya", &line, Some(wish)).await;
        assert_eq!((answer.status, answer.fields()), (StatusCode::BAD_REQUEST, vec![field]));
    }
    assert_eq!(call(&fake, "noah", &line, Some(json!({}))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_what_is_done_by_hand_is_arranged() {
    let (fake, task) = crate::outside::asking().await;
    let answer =
        call(&fake, "maya", &format!("PATCH /tasks/{}", task.task_id), Some(json!({"hand_over": "x"}))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_file_proves_once_it_is_there() {
    let (fake, task) = guided().await;
    let proofs = format!("/tasks/{}/proofs", task.task_id);
    let form = call(&fake, "maya", &format!("POST {proofs}"), Some(json!({"name": "My receipt.pdf"}))).await;
    assert_eq!(form.status, StatusCode::OK, "{form:?}");
    let (file, key) = (form.body["file"].as_str().unwrap(), form.body["fields"]["key"].as_str().unwrap());
    assert_eq!(key, format!("proofs/maya/run-1.side-income.ask.1/{file}"));
    let then = form.body["fields"]["success_action_redirect"].as_str().unwrap();
    assert!(then.ends_with(&format!("/console/tasks/{}/proofs/{file}", task.task_id)), "{then}");
    let take = format!("PUT {proofs}/{file}");
    assert_eq!(call(&fake, "maya", &take, None).await.status, StatusCode::NOT_FOUND, "it is not there yet");
    fake.uploaded.lock().unwrap().insert(key.to_owned());
    for _ in 0..2 {
        let taken = call(&fake, "maya", &take, None).await;
        assert_eq!(
            taken.body["proofs"],
            json!([{"name": "My_receipt.pdf", "file": file, "at": "2026-07-01T12:00:00Z"}]),
            "{taken:?}"
        );
    }
    assert_eq!(call(&fake, "noah", &take, None).await.status, StatusCode::NOT_FOUND);
    let answers = format!("POST /tasks/{}/answers", task.task_id);
    let done = |proof| Some(json!({"type": "done", "proof": proof}));
    for (proof, field) in
        [(json!({}), "proof.reference"), (json!({"file": "another.pdf", "reference": "GIG-1"}), "proof.file")]
    {
        let answer = call(&fake, "maya", &answers, done(proof)).await;
        assert_eq!((answer.status, answer.fields()), (StatusCode::BAD_REQUEST, vec![field]));
    }
    let answer = call(&fake, "maya", &answers, done(json!({"file": "My_receipt.pdf"}))).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(fake.task("run-1", "side-income", Slot::Ask).arranged.proofs.len(), 1);
    let late = call(&fake, "maya", &format!("POST {proofs}"), Some(json!({"name": "late"}))).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    // Its owner can still look at it, and nobody else.
    let fetch = format!("GET {proofs}/{file}");
    let fetched = call(&fake, "maya", &fetch, None).await;
    assert_eq!(
        (fetched.status, fetched.location),
        (StatusCode::SEE_OTHER, format!("https://proofs.test/{key}?called=My_receipt.pdf"))
    );
    assert_eq!(call(&fake, "noah", &fetch, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(call(&fake, "maya", &format!("{fetch}x"), None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_keeps_the_name_it_was_uploaded_under() {
    let (fake, task) = guided().await;
    let proofs = format!("/tasks/{}/proofs", task.task_id);
    let form = call(&fake, "maya", &format!("POST {proofs}"), Some(json!({}))).await;
    let (begin, key) = (form.body["file"].as_str().unwrap(), form.body["fields"]["key"].as_str().unwrap());
    assert_eq!(key, format!("proofs/maya/run-1.side-income.ask.1/{begin}${{filename}}"));
    fake.uploaded.lock().unwrap().insert(key.replace("${filename}", "Bewerbung \u{e4}.pdf"));
    let taken = call(&fake, "maya", &format!("PUT {proofs}/{begin}Bewerbung%20%C3%A4.pdf"), None).await;
    assert_eq!(taken.body["proofs"][0]["name"], "Bewerbung \u{e4}.pdf", "{taken:?}");
    let outside = format!("PUT {proofs}/..%2F{begin}x");
    assert_eq!(call(&fake, "maya", &outside, None).await.status, StatusCode::NOT_FOUND);
}
