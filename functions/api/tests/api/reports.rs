//! A run's report, and reversing by hand what could not be undone.

use crate::outside::{Fake, Signer, call, claims, dollars, now, record_of, run_of, task_of, user};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use engine::{AskedItem, ItemState, RunStatus, StepStatus, UserRun};
use events::{Choice, Impact, ImpactKind, ImpactStage, TaskKind};
use ports::{Mode, Record, Slot, StepFunction};
use serde_json::json;
use tower::ServiceExt;

/// Maya's run whose rollback left one cancellation in force.
pub async fn attention() -> Fake {
    let fake = Fake::new();
    let steps = [("expense-audit", StepStatus::Complete), ("quick-wins", StepStatus::UndoFailed)];
    let mut run = run_of("maya", "run-1", RunStatus::NeedsAttention, &steps);
    run.reason = Some("The biller has frozen the account.".to_owned());
    let mut audit = record_of(&run, "expense-audit", &[]);
    audit.headline = "12 expenses can be reduced.".to_owned();
    let mut wins = record_of(&run, "quick-wins", &["sub_a", "sub_b", "sub_c", "sub_d"]);
    let states = [ItemState::UndoFailed, ItemState::Undone, ItemState::Skipped, ItemState::Done];
    for (item, state) in wins.items.iter_mut().zip(states) {
        item.summary = format!("{} is told", item.proposal.item_id);
        item.reference = format!("REF-{}", item.proposal.item_id);
        item.state = state;
    }
    wins.items[3].proposal.undo_until = Some("2026-07-14T23:59:59Z".parse().unwrap());
    let saved = Impact {
        kind: ImpactKind::Savings,
        stage: ImpactStage::Confirmed,
        monthly: dollars(10),
        months: None,
        label: "saved".to_owned(),
        evidence: vec!["REF-sub_d".to_owned()],
    };
    let offer =
        Impact { months: Some(6), monthly: dollars(4), label: "An offer".to_owned(), ..saved.clone() };
    let fee = Impact { kind: ImpactKind::Fee, months: Some(1), monthly: dollars(-3), ..saved.clone() };
    wins.items[3].impact = vec![saved, offer, fee];
    let left = &wins.items[0];
    let asked = AskedItem {
        item_id: left.proposal.item_id.clone(),
        effect_hash: left.effect_hash(),
        choices: vec![Choice::Done],
        decided: None,
    };
    let mut task = task_of(&run, "quick-wins", TaskKind::Undo, 1, vec![asked]);
    task.token.clear();
    let line = UserRun {
        user_id: user("maya"),
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        queued_at: now(),
    };
    let event = json!({
        "workflowId": "emergency-fund-builder", "runId": "run-1", "seq": 1, "stepId": "quick-wins", "timestamp": 1_782_907_200_000_u64,
        "type": "step.failed", "severity": "error",
        "data": {"progress": 20, "message": "Cancel sub_a: sub_a is told", "details": {"class": "ProviderUnavailable"}},
        "metrics": {"duration": 0}
    });
    for record in [
        Record::Run(run),
        Record::Step(audit),
        Record::Step(wins),
        Record::Task(task),
        Record::UserRun(line),
        Record::Event(serde_json::from_value(event).unwrap()),
    ] {
        fake.put(record).await;
    }
    fake
}

#[tokio::test]
async fn a_report_says_what_was_done_undone_and_left() {
    let fake = attention().await;
    let report = call(&fake, "maya", "GET /runs/run-1/report", None).await.body;
    let items = report["steps"][1]["items"].as_array().unwrap();
    let outcomes: Vec<_> = items.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["not-undone", "undone", "not-done", "done"]);
    assert_eq!(items[3]["undo"], json!({"reversibility": "until-provider", "until": "2026-07-14T23:59:59Z"}));
    assert_eq!(report["recovery"][0]["task_id"], "run-1:quick-wins:undo:1");
    assert_eq!(report["recovery"][0]["items"][0]["reference"], "REF-sub_a");
    assert_eq!(
        report["text"].as_str().unwrap(),
        "\
Emergency Fund Builder: Needs your attention
Some of what it did could not be undone; how to reverse it yourself is described below.
Why: The biller has frozen the account.
Ended 2026-07-01 12:00 UTC \u{b7} run run-1

Done, and in force
  \u{2713} Expense Audit: 12 expenses can be reduced.
  \u{2713} Quick Wins: Cancel sub_d
      sub_d is told
      reference REF-sub_d; can be undone until 2026-07-14 23:59 UTC

Undone
  \u{21b6} Quick Wins: Cancel sub_b
      sub_b is told
      reference REF-sub_b

Not undone: may still be in force
  ! Quick Wins: Cancel sub_a
      sub_a is told
      reference REF-sub_a

Not done
  - Quick Wins: Cancel sub_c
      sub_c is told
      reference REF-sub_c

What it brings
  $14.00 saved a month, read back from the provider
  $144.00 saved over the next twelve months
  $3.00 of fees, paid once
  $4.00 a month of it holds until 2027-01-01: An offer

How to reverse it yourself
  Quick Wins
    ! Cancel sub_a (reference: REF-sub_a)
      sub_a is told
    1. Sign in to the provider.
    2. Reactivate the plan named above under billing or subscriptions.
    3. Note the confirmation.
    Who helps: The provider's account or billing support.
    What to keep as proof: The confirmation or order number.
    Tell us when it is done: task run-1:quick-wins:undo:1

What happened
  2026-07-01 12:00:00 Quick Wins: Cancel sub_a: sub_a is told
"
    );
}

#[tokio::test]
async fn a_report_can_be_text_alone_and_is_its_users() {
    let fake = attention().await;
    let whole = call(&fake, "maya", "GET /runs/run-1/report", None).await.body;
    let token = Signer::issuer().sign(&claims("maya"));
    let request = Request::builder()
        .uri("/runs/run-1/report")
        .header("authorization", format!("Bearer {token}"))
        .header("accept", "text/plain")
        .body(Body::empty())
        .unwrap();
    let response = fake.app().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_eq!(std::str::from_utf8(&bytes).unwrap(), whole["text"].as_str().unwrap());
    let strange = call(&fake, "noah", "GET /runs/run-1/report", None).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_left_is_asked_and_its_proof_taken_after_the_end() {
    let fake = attention().await;
    for path in ["/tasks", "/runs/run-1/tasks"] {
        let tasks = call(&fake, "maya", &format!("GET {path}"), None).await.body;
        let by_hand = &tasks["tasks"][0]["by_hand"];
        assert_eq!(by_hand["steps"][0], "Sign in to the provider.", "{path}: {tasks}");
        assert_eq!(by_hand["contact"], "The provider's account or billing support.");
        assert_eq!(by_hand["proof"], "The confirmation or order number.");
        assert_eq!(by_hand["items"][0]["why"], "sub_a is told");
    }
    let line = "POST /tasks/run-1:quick-wins:undo:1/answers";
    let done = json!({"type": "done", "proof": {"item_id": "sub_a", "reference": "C-1"}});
    let answer = call(&fake, "maya", line, Some(done)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let continued = (StepFunction::Compensate, "quick-wins".to_owned(), Mode::ContinueUndo);
    assert_eq!(fake.continued(), [continued]);
    assert!(fake.task("run-1", "quick-wins", Slot::Undo).items[0].decided.is_some());
}

#[tokio::test]
async fn while_an_agent_tries_again_nobody_is_asked() {
    let fake = attention().await;
    let mut run = fake.run("run-1");
    run.status = RunStatus::RollingBack;
    run.steps.get_mut("quick-wins").unwrap().status = StepStatus::Undoing;
    fake.put(Record::Run(run)).await;
    let tasks = call(&fake, "maya", "GET /runs/run-1/tasks", None).await.body;
    assert_eq!(tasks["tasks"], json!([]));
    let done = json!({"type": "done", "proof": {"item_id": "sub_a", "reference": "C-1"}});
    let answer = call(&fake, "maya", "POST /tasks/run-1:quick-wins:undo:1/answers", Some(done)).await;
    assert_eq!((answer.status, &answer.body["run_status"]), (StatusCode::CONFLICT, &json!("RollingBack")));
    // A rollback that waits for the user is another matter.
    let mut task = fake.task("run-1", "quick-wins", Slot::Undo);
    task.token = "token".to_owned();
    fake.put(Record::Task(task)).await;
    let tasks = call(&fake, "maya", "GET /runs/run-1/tasks", None).await.body;
    assert_eq!(tasks["tasks"][0]["request"]["kind"], "undo");
}

#[tokio::test]
async fn what_is_undone_by_the_users_word_alone_is_said_to_be_so() {
    let fake = attention().await;
    let mut run = fake.run("run-1");
    (run.status, run.reason) = (RunStatus::RolledBack, Some("Everything is reversed.".to_owned()));
    run.steps.get_mut("quick-wins").unwrap().status = StepStatus::Undone;
    let mut wins = record_of(&run, "quick-wins", &["sub_a"]);
    wins.items[0].state = ItemState::Undone;
    wins.items[0].unconfirmed = true;
    wins.items[0].summary = "reversed by you, reference C-1; the provider could not confirm it".to_owned();
    wins.items[0].reference = "REF-sub_a".to_owned();
    let mut task = fake.task("run-1", "quick-wins", Slot::Undo);
    task.open = false;
    for record in [Record::Run(run), Record::Step(wins), Record::Task(task)] {
        fake.put(record).await;
    }
    let report = call(&fake, "maya", "GET /runs/run-1/report", None).await.body;
    let outcome =
        "Everything that it did is undone, some of it by your word: the provider could not confirm it.";
    assert_eq!((&report["outcome"], &report["recovery"]), (&json!(outcome), &json!(null)));
    let text = report["text"].as_str().unwrap();
    let undone = "\
Undone
  \u{21b6} Quick Wins: Cancel sub_a
      reversed by you, reference C-1; the provider could not confirm it
      reference REF-sub_a
";
    assert!(text.contains(undone) && text.contains(outcome), "{text}");
}

#[tokio::test]
async fn a_report_says_what_the_run_cost_by_its_last_end() {
    let fake = attention().await;
    let none = call(&fake, "maya", "GET /runs/run-1/report", None).await.body;
    assert!(none["cloud_cost"].is_null() && !none["text"].as_str().unwrap().contains("of cloud"));
    for (seq, microdollars, expect) in [(2, 12, "$0.0001"), (3, 431, "$0.0004"), (4, 12_350, "$0.0124")] {
        let used =
            json!([{"name": "attempt", "calls": 3}, {"name": "cloud_microdollars", "calls": microdollars}]);
        let event = json!({
            "workflowId": "emergency-fund-builder", "runId": "run-1", "seq": seq, "timestamp": 1_782_907_200_000_u64,
            "type": "workflow.failed", "severity": "error", "data": {"progress": 20, "message": "It ended."},
            "metrics": {"duration": 0, "resourcesUsed": used}
        });
        fake.put(Record::Event(serde_json::from_value(event).unwrap())).await;
        let report = call(&fake, "maya", "GET /runs/run-1/report", None).await.body;
        let line = format!("Running it cost about {expect} of cloud.");
        assert_eq!(report["cloud_cost"], json!(line));
        assert!(report["text"].as_str().unwrap().lines().any(|it| it == line), "{}", report["text"]);
    }
}
