//! The outbox: what a change of state has to tell, carried in the record that changed.

use crate::run::Run;
use events::{
    AchievementUnlocked, ActionsRecommended, EventData, EventType, Metrics, RequiredAction, RunId, Severity,
    StepId, TaskId, WorkflowEvent, WorkflowId, WorkflowSuggested,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Something to be put on the bus because a record changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "out", rename_all = "kebab-case")]
pub enum Out {
    /// An event of a run; it gets the next number of its run.
    Run(RunEvent),
    /// An answer to a simulation.
    Recommended(ActionsRecommended),
    /// What to do after a run.
    Suggested(WorkflowSuggested),
    /// An achievement.
    Unlocked(AchievementUnlocked),
}

/// An event of a run before it has a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEvent {
    /// What happened.
    #[serde(rename = "t")]
    pub kind: EventType,
    /// The step, for events of one.
    #[serde(default, rename = "s", skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// How much it matters.
    #[serde(rename = "v")]
    pub severity: Severity,
    /// Overall progress in percent.
    #[serde(rename = "p")]
    pub progress: u8,
    /// One sentence.
    #[serde(rename = "m")]
    pub message: String,
    /// What the kind of event carries beyond the sentence.
    #[serde(default, rename = "d", skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
    /// What the user is asked to do.
    #[serde(default, rename = "u", skip_serializing_if = "Option::is_none")]
    pub user_action: Option<RequiredAction>,
    /// Milliseconds since the step or the run began that the event ends.
    #[serde(default, rename = "l", skip_serializing_if = "is_zero")]
    pub lasted: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl RunEvent {
    /// The event of a run under its number.
    pub fn numbered(self, run_id: RunId, workflow_id: WorkflowId, seq: u64, at: Timestamp) -> WorkflowEvent {
        WorkflowEvent {
            workflow_id,
            run_id,
            seq,
            step_id: self.step,
            timestamp: at.as_millisecond(),
            event_type: self.kind,
            severity: self.severity,
            data: EventData {
                progress: self.progress,
                message: self.message,
                details: if self.details.is_empty() { Value::Null } else { Value::Object(self.details) },
                user_action: self.user_action,
            },
            metrics: Metrics { duration: self.lasted, ..Metrics::default() },
        }
    }
}

/// Tells the state that a run is in once more, for those who have missed how it came there.
pub fn restated(run: &Run) -> RunEvent {
    state_of(run, format!("It is {}", run.status.as_str()))
}

/// Stands in the place of an event of a run that can never be told, so that no number is missing, and tells the state that the run is in.
pub fn lost(run: &Run) -> RunEvent {
    let message = format!("What happened here cannot be told any more; it is {}", run.status.as_str());
    let mut event = state_of(run, message);
    event.details.insert("lost".to_owned(), json!(true));
    event
}

fn state_of(run: &Run, message: String) -> RunEvent {
    let mut events = Vec::with_capacity(1);
    let mut note = Note::push(&mut events, EventType::RunStateChanged, Severity::Info, message)
        .detail("from", json!(run.status))
        .detail("to", json!(run.status))
        .detail("restated", json!(true));
    if let Some(reason) = &run.reason {
        note = note.detail("reason", json!(reason));
    }
    note.0.progress = run.progress;
    events.remove(0)
}

/// An event being written.
pub(crate) struct Note<'a>(&'a mut RunEvent);

impl<'a> Note<'a> {
    pub(crate) fn push(
        events: &'a mut Vec<RunEvent>,
        kind: EventType,
        severity: Severity,
        message: String,
    ) -> Self {
        let index = events.len();
        events.push(RunEvent {
            kind,
            step: None,
            severity,
            progress: 0,
            message,
            details: Map::new(),
            user_action: None,
            lasted: 0,
        });
        Note(&mut events[index])
    }

    pub(crate) fn step(self, step: StepId) -> Self {
        self.0.step = Some(step);
        self
    }

    pub(crate) fn detail(self, name: &str, value: Value) -> Self {
        self.0.details.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn lasted(self, began: Option<Timestamp>, ended: Timestamp) -> Self {
        let millis = began.map_or(0, |it| ended.as_millisecond() - it.as_millisecond());
        self.0.lasted = u64::try_from(millis).unwrap_or(0);
        self
    }

    pub(crate) fn ask(self, task_id: TaskId, prompt: &str, deadline: Timestamp) -> Self {
        self.0.user_action = Some(RequiredAction { task_id, prompt: prompt.to_owned(), deadline });
        self
    }
}
