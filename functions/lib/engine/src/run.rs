//! A run's control record, and what the run was started from.

use crate::status::{Ending, RunStatus, StepStatus};
use events::{Impact, ImpactKind, RunId, StepId, UserId, WorkflowId};
use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::civil::Date;
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statemachines::{Group, Step, Workflow};

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
    /// What could not be undone is being undone once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovering: bool,
    /// Its all-or-nothing groups that have failed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub failed_groups: IndexMap<String, FailedGroup>,
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
    /// When the sweep looks at it if nothing happens to it before: its turn may have been forgotten, or its rollback have lost its
    /// execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
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
    /// What it failed of, where that makes it unsafe to keep anything of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fatal: Option<String>,
    /// The run was stopped in the middle of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// The other side said no and its fallback runs in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub diverted: bool,
    /// What providers have charged for it, once each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Money>,
}

impl StepEntry {
    /// Fees were charged.
    pub(crate) fn charge(&mut self, impacts: &[Impact]) {
        let fees =
            impacts.iter().filter(|it| it.kind == ImpactKind::Fee).filter_map(|it| it.monthly.neg().ok());
        // What is in another currency than the first cannot be told in one amount.
        self.fees = self.fees.into_iter().chain(fees).reduce(|sum, fee| sum.add(fee).unwrap_or(sum));
    }
}

/// How long a run that was just queued may wait for the dispatcher before the sweep calls it.
const FIRST_LOOK: statemachines::Seconds = statemachines::Seconds(60);

/// How far an all-or-nothing group that has failed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailedGroup {
    /// Its effects are being undone.
    Undoing,
    /// Its effects are undone and the run has gone on.
    Undone,
}

pub(crate) fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Run {
    /// What providers have charged for a step, or for all of them.
    pub fn fees(&self, step: Option<&StepId>) -> Option<Money> {
        let asked = self.steps.iter().filter(|(id, _)| step.is_none_or(|step| step == *id));
        let mut fees = asked.filter_map(|(_, entry)| entry.fees);
        let first = fees.next()?;
        fees.try_fold(first, Money::add).ok()
    }

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
            recovering: false,
            failed_groups: IndexMap::new(),
            queued_at: now,
            started_at: None,
            ended_at: None,
            reason: None,
            progress: 0,
            expires: after(now, workflow.queue_expiry),
            check_at: None,
            look_at: Some(after(now, FIRST_LOOK)),
        }
    }

    /// What a step failed of that makes it unsafe to keep anything, whatever ends the run.
    pub fn fatal(&self) -> Option<&str> {
        self.steps.values().find_map(|entry| entry.fatal.as_deref())
    }

    /// Whether nothing more happens in a step going forward: it is settled, or its group has failed and is undone.
    pub fn is_over(&self, step: &Step) -> bool {
        let group = step.group.as_ref().and_then(|group| self.failed_groups.get(group));
        let entry = self.entry(&step.id);
        entry.status.is_settled() && !entry.unfinished || group == Some(&FailedGroup::Undone)
    }

    /// Whether a step belongs to a group that has failed: no new effect begins in it.
    pub fn group_has_failed(&self, step: &Step) -> bool {
        step.group.as_ref().is_some_and(|group| self.failed_groups.contains_key(group))
    }

    /// Whether a group is not whole and counts for nothing: it has failed, or one of its steps is not over.
    pub fn is_broken(&self, workflow: &Workflow, group: &str) -> bool {
        let open = |step: &Step| self.is_on_path(workflow, &step.id) && !self.is_over(step);
        self.failed_groups.contains_key(group) || workflow.members(group).any(open)
    }

    /// Whether a step takes part in this run: a fallback does once what it replaces has failed, or once it has begun.
    pub fn is_on_path(&self, workflow: &Workflow, step: &StepId) -> bool {
        let diverted = |it: &Step| it.fallback.as_ref() == Some(step) && self.entry(&it.id).diverted;
        let replaced = |it: &Group| it.fallback() == Some(step) && self.failed_groups.contains_key(&it.id);
        !workflow.is_fallback(step)
            || self.entry(step).status != StepStatus::Pending
            || workflow.steps.iter().any(diverted)
            || workflow.groups.iter().any(replaced)
    }

    /// Whether an undo waits, for a person or for its next attempt: no agent is at work on it.
    pub fn waits_to_be_undone(&self) -> bool {
        let waits = |it: &StepEntry| it.status == StepStatus::Undoing && it.agent_until.is_none();
        self.status == RunStatus::RollingBack && self.steps.values().any(waits)
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
