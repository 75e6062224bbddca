//! Records to write.

use engine::{Access, Goals, Out, Run, RunEvent, RunStatus, Selection, StepEntry, UserRun};
use events::{EventType, RecommendationId, RunId, Severity, UserId, WorkflowId};
use jiff::Timestamp;
use ports::Record;
use serde_json::json;

pub fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

pub fn run_id(id: &str) -> RunId {
    RunId::parse(id).unwrap()
}

/// A time of the samples: this many seconds after midnight.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

/// A run that is due at a time.
pub fn run(id: &str, epoch: u32, expires: Timestamp) -> Run {
    serde_json::from_value(json!({
        "run_id": id, "user_id": "ada", "workflow_id": "emergency-fund-builder", "version": 3, "as_of": "2026-05-29",
        "status": "Executing", "epoch": epoch, "steps": {}, "queued_at": at(0), "progress": 0, "expires": expires,
    }))
    .unwrap()
}

/// The same as a record; an ended one is not due.
pub fn a_run(id: &str, epoch: u32, expires: Timestamp) -> Record {
    Record::Run(run(id, epoch, expires))
}

/// A run long enough to be packed.
pub fn a_run_of_many_steps(id: &str) -> Record {
    let steps = (0..20).map(|step| (format!("step-{step}").parse().unwrap(), StepEntry::default())).collect();
    Record::Run(Run { steps, ..run(id, 1, at(0)) })
}

pub fn an_ended_run(id: &str) -> Record {
    Record::Run(Run { status: RunStatus::Completed, ..run(id, 1, at(0)) })
}

pub fn access(id: &str) -> Record {
    Record::Access(Access::none(user(id)))
}

pub fn goals(id: &str) -> Record {
    Record::Goals(Goals { user_id: user(id), goals: Vec::new() })
}

/// A line of a user's list of runs, queued so many seconds later.
pub fn user_run(id: &str, run: &str, seconds: i64) -> Record {
    Record::UserRun(UserRun {
        user_id: user(id),
        run_id: run_id(run),
        workflow_id: WorkflowId::parse("emergency-fund-builder").unwrap(),
        queued_at: at(seconds),
    })
}

pub fn selection(id: &str, key: &str) -> Record {
    Record::Selection(Selection {
        user_id: user(id),
        idempotency_key: key.to_owned(),
        recommendation_id: RecommendationId::parse("rec").unwrap(),
        workflow_id: WorkflowId::parse("emergency-fund-builder").unwrap(),
        run_id: run_id("r"),
    })
}

pub fn out(message: &str) -> Out {
    Out::Run(RunEvent {
        kind: EventType::StepProgress,
        step: None,
        severity: Severity::Info,
        progress: 40,
        message: message.to_owned(),
        details: serde_json::Map::new(),
        user_action: None,
        lasted: 0,
    })
}
