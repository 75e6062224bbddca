//! Recovery alerts: what they show, and the consents that they ask for.

use crate::console::get;
use crate::outside::{Fake, call, dollars, now, record_of, run_of, task_of, user};
use axum::http::StatusCode;
use engine::{AskedItem, Failure, ItemState, Run, RunStatus, StepStatus, Task};
use events::{Choice, ErrorClass, Impact, ImpactKind, ImpactStage, TaskKind};
use ports::{Key, Mode, Record, Slot, StepFunction};
use serde_json::json;

fn saving(amount: i64) -> Impact {
    Impact {
        kind: ImpactKind::Savings,
        stage: ImpactStage::Confirmed,
        monthly: dollars(amount),
        months: None,
        label: "saved".to_owned(),
        evidence: vec!["ref".to_owned()],
    }
}

/// Maya's run that is stuck in a negotiation.
async fn stuck(failure: Failure, choices: &[Choice]) -> (Fake, Task) {
    let fake = Fake::new();
    let steps = [("quick-wins", StepStatus::Complete), ("bill-negotiation", StepStatus::WaitingUser)];
    let mut run = run_of("maya", "run-1", RunStatus::Paused, &steps);
    run.started_at = Some(now() - jiff::SignedDuration::from_secs(480));
    run.steps.get_mut("bill-negotiation").unwrap().alerting = true;
    let mut before = record_of(&run, "quick-wins", &["sub_a"]);
    before.items[0].state = ItemState::Done;
    before.items[0].summary = "Streamly is cancelled.".to_owned();
    before.items[0].impact = vec![saving(15)];
    let mut record = record_of(&run, "bill-negotiation", &["bill_a", "bill_b", "bill_c"]);
    record.items[0].state = ItemState::Done;
    record.items[0].summary = "Internet is $30 cheaper.".to_owned();
    record.items[0].impact = vec![saving(30)];
    record.items[1].state = ItemState::Failed { class: failure.class };
    let mut task = task_of(&run, "bill-negotiation", TaskKind::Help, 1, vec![alert_item(choices)]);
    task.scopes.clone_from(&failure.scopes);
    record.failure = Some(failure);
    for record in [Record::Run(run), Record::Step(before), Record::Step(record), Record::Task(task.clone())] {
        fake.put(record).await;
    }
    (fake, task)
}

fn alert_item(choices: &[Choice]) -> AskedItem {
    AskedItem {
        item_id: "alert".parse().unwrap(),
        effect_hash: String::new(),
        choices: choices.to_vec(),
        decided: None,
    }
}

#[tokio::test]
async fn an_alert_tells_what_happened_what_is_done_the_options_and_the_impact() {
    let failure = Failure::new(ErrorClass::Permission, "The account needs additional verification.");
    let (fake, task) = stuck(failure, &[Choice::Continue, Choice::Skip, Choice::Stop]).await;
    let listed = call(&fake, "maya", "GET /runs/run-1/tasks", None).await.body;
    let one = call(&fake, "maya", &format!("GET /tasks/{}", task.task_id), None).await.body;
    assert_eq!(listed["tasks"], json!([one]));
    assert_eq!(
        one["alert"],
        json!({
            "status": "Workflow paused - need your help",
            "what_happened": "The account needs additional verification.",
            "done": ["Quick Wins: Streamly is cancelled.", "Internet is $30 cheaper."],
            "stuck": ["Cancel bill_b"],
            "options": [
                {"choice": "continue", "label": "Provide verification", "leads_to": "Continue automatically"},
                {"choice": "skip", "label": "Skip what failed", "leads_to": "Go on with the rest"},
                {"choice": "stop", "label": "Stop the workflow", "leads_to": "Keep what was done so far"}
            ],
            "impact": {
                "saved": dollars(45), "pending": dollars(20), "seconds_invested": 480, "items_remaining": 1,
                "steps_remaining": ["Expense Audit", "Automation Setup", "Side Income"]
            }
        })
    );
}

#[tokio::test]
async fn a_consent_is_granted_with_the_decision_or_not_at_all() {
    let scopes = vec!["call_on_behalf".to_owned()];
    let failure = Failure { scopes, ..Failure::new(ErrorClass::Permission, "It needs your consent.") };
    let (fake, task) = stuck(failure, &[Choice::Grant, Choice::Deny]).await;
    let shown = call(&fake, "maya", &format!("GET /tasks/{}", task.task_id), None).await.body;
    let labels: Vec<_> =
        shown["alert"]["options"].as_array().unwrap().iter().map(|it| &it["label"]).collect();
    let words = "allow it to talk to your billers on your behalf";
    assert_eq!(labels, [&json!(format!("For a year, {words}")), &json!(format!("Do not {words}"))]);
    let line = format!("POST /tasks/{}/answers", task.task_id);
    let access = Key::Access(user("maya"));
    fake.memory.fail_write(0);
    let down = call(&fake, "maya", &line, Some(json!({"type": "grant"}))).await;
    assert_eq!((down.status, fake.memory.get(&access)), (StatusCode::SERVICE_UNAVAILABLE, None));

    let answer = call(&fake, "maya", &line, Some(json!({"type": "grant"}))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let Record::Access(granted) = fake.memory.get(&access).unwrap().record else { panic!() };
    assert!(granted.allows("call_on_behalf", now()));
    let year = jiff::SignedDuration::from_hours(365 * 24);
    assert_eq!(granted.consents["call_on_behalf"].expires_at, now() + year);
    assert!(fake.task("run-1", "bill-negotiation", Slot::Help).answer.is_some());
    let continued = (StepFunction::SemiAutomated, "bill-negotiation".to_owned(), Mode::ContinueHelp);
    assert_eq!(fake.continued(), [continued]);

    let rev = fake.memory.get(&access).unwrap().rev;
    let again = call(&fake, "maya", &line, Some(json!({"type": "grant"}))).await;
    assert_eq!((again.status, &again.body["repeated"]), (StatusCode::OK, &json!(true)));
    assert_eq!(fake.memory.get(&access).unwrap().rev, rev, "once is enough");
    let otherwise = call(&fake, "maya", &line, Some(json!({"type": "deny"}))).await;
    assert_eq!((otherwise.status, otherwise.detail()), (StatusCode::CONFLICT, "It was allowed by you."));
}

#[tokio::test]
async fn a_refusal_and_an_override_pass_through() {
    for (choices, answer) in [
        (&[Choice::Grant, Choice::Deny][..], "deny"),
        (&[Choice::Continue, Choice::Override, Choice::Skip, Choice::Stop][..], "override"),
    ] {
        let (fake, task) = stuck(Failure::new(ErrorClass::Validation, "Too many."), choices).await;
        let line = format!("POST /tasks/{}/answers", task.task_id);
        let taken = call(&fake, "maya", &line, Some(json!({"type": answer}))).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
        assert_eq!(fake.memory.get(&Key::Access(user("maya"))), None);
        assert_eq!(fake.continued().len(), 1);
    }
}

#[tokio::test]
async fn a_closed_alert_takes_no_answer() {
    let failure = Failure::new(ErrorClass::Timeout, "No answer.");
    let (fake, mut task) = stuck(failure, &[Choice::Continue, Choice::Skip, Choice::Stop]).await;
    task.open = false;
    fake.put(Record::Task(task.clone())).await;
    let line = format!("POST /tasks/{}/answers", task.task_id);
    let late = call(&fake, "maya", &line, Some(json!({"type": "skip"}))).await;
    assert_eq!(
        (late.status, late.detail()),
        (StatusCode::CONFLICT, "This question no longer waits for an answer.")
    );
    let run = Run { status: RunStatus::Completed, ..fake.run("run-1") };
    fake.put(Record::Run(run)).await;
    task.open = true;
    fake.put(Record::Task(task.clone())).await;
    let ended = call(&fake, "maya", &line, Some(json!({"type": "skip"}))).await;
    assert_eq!((ended.status, &ended.body["run_status"]), (StatusCode::CONFLICT, &json!("Completed")));
    assert_eq!(fake.task("run-1", "bill-negotiation", Slot::Help), task);
    assert_eq!(fake.continued(), []);
}

#[tokio::test]
async fn an_alert_comes_before_what_was_answered() {
    let (fake, alert) = stuck(Failure::new(ErrorClass::Timeout, "No answer."), &[Choice::Continue]).await;
    let mut answered = task_of(&fake.run("run-1"), "quick-wins", TaskKind::Approve, 1, Vec::new());
    answered.open = false;
    fake.put(Record::Task(answered.clone())).await;
    let page = get(&fake, "maya", &format!("/runs/run-1/card?kept={}", answered.task_id)).await;
    let place = |task: &Task| page.body.find(&format!("id=\"task-{}\"", task.task_id)).expect("shown");
    assert!(place(&alert) < place(&answered), "{}", page.body);
}
