//! A run's control record, and what the run was started from.

use crate::status::{Ending, RunStatus, StepStatus};
use events::{RunId, StepId, UserId, WorkflowId};
use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statemachines::Workflow;

/// A run's only control record. Every change of a run goes through [`crate::apply`] on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version it is pinned to.
    pub version: u32,
    /// The date that all its arithmetic uses.
    pub as_of: Date,
    /// Its state.
    pub status: RunStatus,
    /// Set once it is being ended early; no new effect begins after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// Which execution works for it; an older one finds out here that it is no longer wanted.
    pub epoch: u32,
    /// Its steps, in the order of the definition.
    pub steps: IndexMap<StepId, StepEntry>,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When its first step could begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it is where it is, for the user: a dependency waited for, a failed check, a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Overall progress in percent; never falls.
    pub progress: u8,
    /// When it is brought to an end if it has not ended: its workflow's maximum age, or while queued the queue's expiry.
    pub expires: Timestamp,
    /// Until it executes: when the dispatcher looks at it again, because a dependency is down or because the dispatcher that
    /// took it did not come to an end. Before that moment nobody else takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_at: Option<Timestamp>,
}

/// What the control record holds of one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepEntry {
    /// Its state.
    pub status: StepStatus,
    /// Attempts begun since the last time a person helped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u32,
    /// Times a person was asked for help.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub helped: u32,
    /// Its place in the order of starts, from 1; 0 while pending.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: u32,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Until when an agent may still be at work for it; no retry or undo begins an effect before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_until: Option<Timestamp>,
    /// It may have effects outside that are not undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open_effects: bool,
    /// Its recovery alert is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alerting: bool,
    /// The other side said no and its fallback runs in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub diverted: bool,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Run {
    /// A queued run of a workflow.
    pub fn queued(run_id: RunId, user_id: UserId, workflow: &Workflow, as_of: Date, now: Timestamp) -> Self {
        Self {
            run_id,
            user_id,
            workflow_id: workflow.id.clone(),
            version: workflow.version,
            as_of,
            status: RunStatus::Queued,
            ending: None,
            epoch: 1,
            steps: workflow.steps.iter().map(|step| (step.id.clone(), StepEntry::default())).collect(),
            queued_at: now,
            started_at: None,
            ended_at: None,
            reason: None,
            progress: 0,
            expires: after(now, workflow.queue_expiry),
            check_at: None,
        }
    }

    /// The entry of a step; a pending one for a step that the run does not know.
    pub fn entry(&self, step: &StepId) -> StepEntry {
        self.steps.get(step).cloned().unwrap_or_default()
    }
}

/// `now` plus a length of time; the end of time when that overflows.
pub fn after(now: Timestamp, length: statemachines::Seconds) -> Timestamp {
    now.checked_add(jiff::SignedDuration::from_secs(i64::from(length.get()))).unwrap_or(Timestamp::MAX)
}

/// What a run was started from; written once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunContext {
    /// The run.
    pub run_id: RunId,
    /// The simulation's figures, as conditions and inputs read them.
    pub simulation: Value,
}
