//! What is told, how it is decided, and every body.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may, and reads the template and the samples"
)]

mod bodies;
mod deciding;
mod recording;
mod telling;

use engine::Unanswered;
use events::{EventData, EventType, Metrics, RequiredAction, Severity, UserId, WorkflowEvent};
use jiff::Timestamp;
use jiff::civil::time;
use notices::{Around, Fact, Notice, NoticeKind, Preferences, QuietHours, notice_of};
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn user() -> UserId {
    "u".parse().unwrap()
}

fn event(event_type: EventType, severity: Severity, details: Value, task: Option<&str>) -> WorkflowEvent {
    WorkflowEvent {
        workflow_id: "emergency-fund-builder".parse().unwrap(),
        run_id: "run-1".parse().unwrap(),
        seq: 7,
        step_id: None,
        timestamp: 1_782_820_800_000,
        event_type,
        severity,
        data: EventData {
            progress: 40,
            message: "Cancel <Netflix> & save $15.49?".to_owned(),
            details,
            user_action: task.map(|task| RequiredAction {
                task_id: task.parse().unwrap(),
                prompt: "Cancel?".to_owned(),
                deadline: at("2026-07-03T12:00:00Z"),
            }),
        },
        metrics: Metrics::default(),
    }
}

/// The details of an event about what a run brought.
fn saved(kind: &str, stage: &str) -> Value {
    let monthly = json!({"minor": 1_549, "currency": "USD"});
    json!({"impact": {"kind": kind, "stage": stage, "monthly": monthly, "label": "", "evidence": ["t1"]}})
}

/// The facts that give each kind.
fn facts() -> Vec<(NoticeKind, Fact)> {
    use EventType as E;
    use NoticeKind as K;
    let none = || Value::Null;
    let outcome = |it: &str| json!({ "outcome": it });
    let run = |kind, severity, details, task| Fact::Run(Box::new(event(kind, severity, details, task)));
    let sample = |name: &str| -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/samples/");
        serde_json::from_str(&std::fs::read_to_string(format!("{folder}{name}.json")).unwrap()).unwrap()
    };
    let (mut next, mut made) = (sample("workflow-suggested"), sample("actions-recommended"));
    next["data"]["available"] = json!(true);
    made["data"]["actions"][0]["available"] = json!(true);
    vec![
        (K::Question, run(E::StepWaitingUser, Severity::Info, none(), Some("run-1:quick-wins:ask:1"))),
        (
            K::Reminder,
            run(E::StepWaitingUser, Severity::Warning, json!({"reminder": true}), Some("run-1:s:ask:1")),
        ),
        (K::Help, run(E::ManualReview, Severity::Warning, none(), Some("run-1:s:help:1"))),
        (K::ByHand, run(E::StepWaitingUser, Severity::Warning, none(), Some("run-1:s:undo:1"))),
        (K::Completed, run(E::WorkflowCompleted, Severity::Success, none(), None)),
        (K::Stopped, run(E::WorkflowFailed, Severity::Warning, outcome("Stopped"), None)),
        (K::Failed, run(E::WorkflowFailed, Severity::Error, none(), None)),
        (K::RolledBack, run(E::WorkflowFailed, Severity::Error, outcome("RolledBack"), None)),
        (K::NeedsAttention, run(E::WorkflowFailed, Severity::Error, outcome("NeedsAttention"), None)),
        (K::Savings, run(E::SavingsAchieved, Severity::Success, saved("savings", "confirmed"), None)),
        (K::RiskReduced, run(E::RiskReduced, Severity::Success, none(), None)),
        (K::GoalProgress, run(E::GoalProgressed, Severity::Success, none(), None)),
        (K::Partial, run(E::PartialSuccess, Severity::Warning, none(), None)),
        (K::Held, run(E::DependencyIssue, Severity::Warning, none(), None)),
        (
            K::Achievement,
            Fact::Achieved { title: "First saving".to_owned(), reason: "You saved $20.00.".to_owned() },
        ),
        (K::Suggestion, Fact::Suggested(serde_json::from_value(next["data"].take()).unwrap())),
        (K::Recommendation, Fact::Recommended(serde_json::from_value(made["data"].take()).unwrap())),
    ]
}

fn notice(fact: &Fact) -> Notice {
    let around = Around {
        workflow: Some("Emergency Fund Builder"),
        step: Some("Quick Wins"),
        unanswered: Some(Unanswered::Skip),
        ..Around::default()
    };
    notice_of("run-1-7", at("2026-06-30T12:00:00Z"), &user(), fact, around).unwrap()
}

fn of_kind(kind: NoticeKind) -> Notice {
    if kind == NoticeKind::Digest {
        let of = [of_kind(NoticeKind::Savings), of_kind(NoticeKind::GoalProgress)];
        return notices::digest(&user(), "digest-1", at("2026-06-30T18:00:00Z"), &of);
    }
    let (_, fact) = facts().into_iter().find(|(it, _)| *it == kind).unwrap();
    notice(&fact)
}

fn preferences() -> Preferences {
    let mut wanted = Preferences::of(user());
    wanted.quiet = Some(QuietHours { from: time(22, 0, 0, 0), until: time(7, 0, 0, 0) });
    for channel in notices::Channel::ALL {
        wanted.channels.entry(channel).or_default().address = Some("somewhere".to_owned());
    }
    wanted
}
