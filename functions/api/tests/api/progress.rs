//! What agents report while they work.

use crate::outside::{Answer, Fake, PROGRESS_KEY, call_with, dollars, now, record_of, run_of, step};
use axum::http::StatusCode;
use engine::{ItemState, RunStatus, StepStatus};
use jiff::SignedDuration;
use ports::Record;
use serde_json::{Value, json};
use shell::progress_token::mint;

async fn working() -> Fake {
    let fake = Fake::new();
    let steps = [("expense-audit", StepStatus::Complete), ("bill-negotiation", StepStatus::InProgress)];
    fake.put(Record::Run(run_of("maya", "run-1", RunStatus::Executing, &steps))).await;
    fake
}

fn message(percent: u8) -> Value {
    json!({
        "runId": "run-1", "stepId": "bill-negotiation", "type": "status",
        "content": {
            "headline": "On hold with retention dept",
            "visualData": {"promisedMonthly": dollars(30), "secret": 1}
        },
        "context": {"stepProgress": percent, "confidenceLevel": 0.9}
    })
}

fn token(epoch: u32) -> String {
    let until = now() + SignedDuration::from_secs(60);
    mint(PROGRESS_KEY, &"run-1".parse().unwrap(), &step("bill-negotiation"), epoch, until)
}

async fn say(fake: &Fake, token: &str, body: Value) -> Answer {
    let line = "POST /progress/run-1/bill-negotiation";
    call_with(&fake.app(), Some(token), line, Some(body.to_string())).await
}

#[tokio::test]
async fn a_report_becomes_an_event_of_the_run() {
    let fake = working().await;
    assert_eq!(say(&fake, &token(1), message(50)).await.status, StatusCode::NO_CONTENT);
    let told = fake.told();
    let (kind, message, details) = told.last().unwrap();
    assert_eq!((kind.as_str(), message.as_str()), ("step.progress", "On hold with retention dept"));
    assert_eq!(
        *details,
        json!({
            "percent": 50, "headline": "On hold with retention dept",
            "figures": {"promisedMonthly": dollars(30)}
        })
    );
}

#[tokio::test]
async fn what_earlier_turns_of_the_step_came_to_is_counted_in() {
    let fake = working().await;
    let mut record = record_of(&fake.run("run-1"), "bill-negotiation", &["a", "b", "c", "d"]);
    record.executed = true;
    record.outputs.insert("promisedMonthly".to_owned(), json!(dollars(12)));
    record.items[0].state = ItemState::Done;
    record.items[1].state = ItemState::Executing;
    fake.put(Record::Step(record)).await;
    say(&fake, &token(1), message(100)).await;
    let (_, _, details) = fake.told().pop().unwrap();
    assert_eq!(
        (&details["percent"], &details["figures"]["promisedMonthly"]),
        (&json!(50), &json!(dollars(42))),
        "two of four items, and both amounts"
    );

    // The step has gone on: what it reports late may be in the outputs already.
    let mut run = fake.run("run-1");
    run.steps.get_mut("bill-negotiation").unwrap().status = StepStatus::WaitingUser;
    fake.put(Record::Run(run)).await;
    say(&fake, &token(1), message(100)).await;
    let (_, _, details) = fake.told().pop().unwrap();
    assert_eq!(details["figures"], json!({}));
}

#[tokio::test]
async fn the_last_word_is_written_however_soon_it_comes() {
    let fake = working().await;
    let app = fake.app();
    let line = "POST /progress/run-1/bill-negotiation";
    for (kind, told) in [("status", 1), ("status", 1), ("result", 2), ("error", 3)] {
        let mut message = message(50);
        message["type"] = json!(kind);
        call_with(&app, Some(&token(1)), line, Some(message.to_string())).await;
        assert_eq!(fake.told().len(), told, "{kind}");
    }
}

#[tokio::test]
async fn at_most_one_a_second_is_written() {
    let fake = working().await;
    let app = fake.app();
    let line = "POST /progress/run-1/bill-negotiation";
    for (after, told) in [(0, 1), (400, 1), (999, 1), (1_000, 2)] {
        fake.memory.set_now(now() + SignedDuration::from_millis(after));
        let answer = call_with(&app, Some(&token(1)), line, Some(message(50).to_string())).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(fake.told().len(), told, "after {after} ms");
    }
}

#[tokio::test]
async fn only_the_steps_own_token_is_good() {
    let fake = working().await;
    let user = crate::outside::Signer::issuer().sign(&crate::outside::claims("maya"));
    let until = now() + SignedDuration::from_secs(60);
    let run = "run-1".parse().unwrap();
    for (what, token) in [
        ("of another step", mint(PROGRESS_KEY, &run, &step("quick-wins"), 1, until)),
        ("with another key", mint("else", &run, &step("bill-negotiation"), 1, until)),
        ("expired", mint(PROGRESS_KEY, &run, &step("bill-negotiation"), 1, now())),
        ("a user's", user),
    ] {
        assert_eq!(say(&fake, &token, message(1)).await.status, StatusCode::UNAUTHORIZED, "{what}");
    }
    assert!(fake.told().is_empty());
    assert_eq!(
        say(&fake, &token(7), message(1)).await.status,
        StatusCode::NO_CONTENT,
        "of an epoch that is over"
    );
    assert!(fake.told().is_empty());
}

#[tokio::test]
async fn wrong_reports_are_named() {
    let fake = working().await;
    let mut wrong = message(101);
    wrong["runId"] = json!("run-2");
    let answer = say(&fake, &token(1), wrong).await;
    assert_eq!(
        (answer.status, answer.fields()),
        (StatusCode::BAD_REQUEST, vec!["runId", "context.stepProgress"])
    );
    let answer = say(&fake, &token(1), json!({"type": "song"})).await;
    assert_eq!(
        (answer.status, answer.fields()),
        (StatusCode::BAD_REQUEST, vec!["content", "context", "runId", "stepId", "type"])
    );
    assert!(fake.told().is_empty());
}
