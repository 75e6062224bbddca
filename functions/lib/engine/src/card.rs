//! The progress card: a read model folded from a run's events.

use crate::change::Settlement;
use crate::status::RunStatus;
use events::{Figure, RunId, StepId, UserId, WorkflowId};
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use statemachines::{Reversibility, Step};

/// What the user sees of a run while it goes on and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The workflow's name.
    pub name: String,
    /// The run's state.
    pub status: RunStatus,
    /// Why it is where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Overall progress in percent, which never falls: half of a step's weight is that it is a step, half how long it usually takes,
    /// a manual step's capped at the longest of the others.
    pub progress: u8,
    /// Seconds of work left, people's waiting left out: at best and at worst.
    pub remaining_seconds: (u32, u32),
    /// Seconds that the steps left usually wait for people, at best and at worst; none before enough runs were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_seconds: Option<(u32, u32)>,
    /// When its first step could begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Steps under way.
    #[serde(default)]
    pub current: Vec<CurrentStep>,
    /// Steps that are settled, in the order settled.
    #[serde(default)]
    pub completed: Vec<CompletedStep>,
    /// Steps to come.
    #[serde(default)]
    pub upcoming: Vec<UpcomingStep>,
    /// What the run brought so far.
    pub impact: LiveImpact,
    /// The last event folded in.
    pub seq: u64,
}

/// A step under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurrentStep {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// Its agent.
    pub agent: String,
    /// What it is doing, in the agent's words.
    pub status: String,
    /// How far it is, in percent.
    pub percent: u8,
    /// Whether it waits for the user.
    pub waiting_user: bool,
    /// When it began.
    pub since: Timestamp,
    /// The figures to follow, by label.
    #[serde(default)]
    pub figures: Vec<(String, Figure)>,
}

/// A settled step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompletedStep {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// `complete`, `skipped`, `failed` or `undone`.
    pub outcome: String,
    /// What was found or done.
    pub message: String,
    /// How long it took.
    pub seconds: u32,
    /// Whether and until when what it did can be undone; none when it changed nothing, or nothing of it is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoTerms>,
}

/// Whether and until when effects can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoTerms {
    /// What the definition says.
    pub reversibility: Reversibility,
    /// Until when the first of them can be, where their providers say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl UndoTerms {
    /// Those of a step that is settled with effects in force.
    pub fn of(step: &Step, settlement: &Settlement) -> Option<Self> {
        let reversibility = step.reversibility.filter(|_| settlement.open_effects)?;
        Some(Self { reversibility, until: settlement.undo_until })
    }
}

/// A step to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpcomingStep {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
}

/// What a run brought so far, a month.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LiveImpact {
    /// Savings agreed and not yet read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Money>,
    /// Savings read back from the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Money>,
    /// Savings seen on a statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised: Option<Money>,
    /// Put aside automatically; not a saving in cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<Money>,
    /// Extra income.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income: Option<Money>,
    /// Extra income that was agreed and not seen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_promised: Option<Money>,
    /// Confirmed savings over the next twelve months; of one that ends before, only the months it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual: Option<Money>,
    /// What providers charged for it, once each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Money>,
    /// What this means for a goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalProgress>,
    /// The impacts themselves, with their evidence.
    #[serde(default)]
    pub items: Vec<ImpactLine>,
}

/// One [`events::Impact`] of a run, with the step that brought it: what an undone step brought is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactLine {
    /// The step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// What kind of change.
    pub kind: events::ImpactKind,
    /// How certain.
    pub stage: events::ImpactStage,
    /// A month, positive is good for the household.
    pub monthly: Money,
    /// For how many months it holds, where its end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// One sentence.
    pub label: String,
    /// The transactions or provider records the figure comes from.
    pub evidence: Vec<String>,
}

/// How a run brings a goal nearer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalProgress {
    /// The goal's name.
    pub name: String,
    /// Percent of the target that a year of the run's confirmed savings and income adds, in tenths of a percent.
    pub tenths_of_percent: i64,
}

/// What was calculated once a run was completed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its impact.
    pub impact: LiveImpact,
    /// What to do next, if anything fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<events::WorkflowSuggested>,
}
