//! What is recorded of a run: its one control record, one record per step, one per question to the user.

use crate::status::{Ending, RunStatus, StepStatus};
use events::{
    Choice, ErrorClass, Guide, Impact, ItemId, Proof, Proposal, RunId, StepId, TaskId, TaskKind, UserId,
    WorkflowId,
};
use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use statemachines::Workflow;
use std::collections::BTreeMap;

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

/// What is recorded of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The run.
    pub run_id: RunId,
    /// The step.
    pub step_id: StepId,
    /// One line about what was found or done.
    #[serde(default)]
    pub headline: String,
    /// Whether its agent has proposed; a step is proposed once, then only changed item by item.
    #[serde(default)]
    pub proposed: bool,
    /// Its outputs are those of an `execute`; further ones are added to them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executed: bool,
    /// The user left the whole step out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// Its items, in the order proposed.
    #[serde(default)]
    pub items: Vec<Item>,
    /// What the user is guided through, in a manual step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// The user's proof of a manual step, until it is verified and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Its outputs by name.
    #[serde(default)]
    pub outputs: BTreeMap<String, Value>,
    /// What a person provided in a recovery alert, for the next attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provided: Option<Value>,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl StepRecord {
    /// The record of a step that has not begun.
    pub fn new(run_id: RunId, step_id: StepId) -> Self {
        Self {
            run_id,
            step_id,
            headline: String::new(),
            proposed: false,
            executed: false,
            skipped: false,
            items: Vec::new(),
            guide: None,
            proof: None,
            outputs: BTreeMap::new(),
            provided: None,
            failure: None,
        }
    }

    /// The item of this id.
    pub fn item_mut(&mut self, id: &ItemId) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.proposal.item_id == *id)
    }

    /// The impact of everything done in this step and not undone.
    pub fn impact(&self) -> impl Iterator<Item = &Impact> {
        self.items.iter().filter(|item| item.state.is_done()).flat_map(|item| &item.impact)
    }

    /// Whether an effect may be in force outside.
    pub fn has_open_effects(&self) -> bool {
        self.items.iter().any(|item| item.state.may_be_in_force())
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub class: ErrorClass,
    /// One sentence for the user.
    pub message: String,
}

/// One thing that a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What would be, or was, done.
    pub proposal: Proposal,
    /// The idempotency key of its effect.
    pub key: String,
    /// Where it stands.
    pub state: ItemState,
    /// The agent of an automated step wants the user's approval of this very effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_ask: bool,
    /// The user approved exactly this effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// What became of it, one sentence.
    #[serde(default)]
    pub summary: String,
    /// The provider's reference.
    #[serde(default)]
    pub reference: String,
    /// What it changed for the household.
    #[serde(default)]
    pub impact: Vec<Impact>,
    /// The changes the user asked for so far; the proposal has them unless the item is `Changed`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, Value>,
}

impl Item {
    /// An item as first proposed in a step of a run.
    pub fn proposed(run: &RunId, step: &StepId, proposal: Proposal) -> Self {
        Self {
            key: format!("{run}:{step}:{}", proposal.item_id),
            proposal,
            state: ItemState::Proposed,
            must_ask: false,
            approved: false,
            summary: String::new(),
            reference: String::new(),
            impact: Vec::new(),
            changes: BTreeMap::new(),
        }
    }

    /// The hash of its exact effect and of what the user sees of it.
    pub fn effect_hash(&self) -> String {
        effect_hash(&self.proposal)
    }
}

/// SHA-256, in hex, of the exact effect and of what the user sees of it. An approval is bound to it.
pub fn effect_hash(proposal: &Proposal) -> String {
    let shown = serde_json::json!([proposal.item_id, proposal.title, proposal.effect, proposal.monthly]);
    let digest = Sha256::digest(shown.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ItemState {
    /// Proposed; nothing begun.
    Proposed,
    /// The user is asked.
    Asked,
    /// The user approved it; nothing begun.
    Approved,
    /// The user changed it; to be proposed again.
    Changed,
    /// Its effect was begun and its end is not recorded.
    Executing,
    /// Its effect was begun and nobody knows whether it happened.
    Unknown,
    /// Its effect is in force.
    Done,
    /// Nothing happened and nothing will.
    NoEffect,
    /// The other side said no.
    Declined,
    /// Left out by the user, by a deadline or by a recovery alert.
    Skipped,
    /// It failed without effect.
    Failed {
        /// What kind of failure.
        class: ErrorClass,
    },
    /// Its effect was undone.
    Undone,
    /// Its effect could not be undone.
    UndoFailed,
}

impl ItemState {
    /// Whether it needs nothing more going forward.
    pub fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Done | Self::NoEffect | Self::Declined | Self::Skipped | Self::Undone | Self::UndoFailed
        )
    }

    /// Whether its effect is in force.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Whether its effect may be in force outside.
    pub fn may_be_in_force(&self) -> bool {
        matches!(self, Self::Done | Self::Executing | Self::Unknown | Self::UndoFailed)
    }
}

/// A question of a run to its user, and the answer. A decision is a conditional write on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The question; a new round of the same step is a new one.
    pub task_id: TaskId,
    /// The run that waits.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// The step that waits.
    pub step_id: StepId,
    /// What is asked.
    pub kind: TaskKind,
    /// One sentence.
    pub prompt: String,
    /// What is to be decided, with what was decided.
    #[serde(default)]
    pub items: Vec<AskedItem>,
    /// The answer to a guide or an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Decided>,
    /// How far the user says a manual step is, in percent.
    #[serde(default)]
    pub percent: u8,
    /// Whether it still waits.
    pub open: bool,
    /// The Step Functions task token to complete; empty in the simulator's synchronous runs.
    pub token: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When the default is taken.
    pub deadline: Timestamp,
    /// When to remind, soonest first; those passed are removed.
    #[serde(default)]
    pub remind: Vec<Timestamp>,
    /// Until when a step Lambda is at work on the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// When a decision was written whose outcome is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

/// One item of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedItem {
    /// The item.
    pub item_id: ItemId,
    /// The hash of the effect shown.
    pub effect_hash: String,
    /// What may be chosen.
    pub choices: Vec<Choice>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// A decision of the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// What.
    pub answer: events::Answer,
    /// When.
    pub at: Timestamp,
    /// By the user, or by the deadline.
    pub by: DecidedBy,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// The user.
    User,
    /// The deadline.
    Deadline,
}
