//! What can happen to a run.

use crate::status::{Ending, RunStatus, StepStatus};
use crate::step::{Failure, StepRecord};
use events::{StepId, TaskId};
use jiff::Timestamp;

/// A change of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Its turn has come: check its prerequisites.
    Validate,
    /// A dependency is down: back to the queue.
    Hold {
        /// Which, and why.
        reason: String,
    },
    /// All checks passed.
    Pass,
    /// Checks failed; all of them.
    Refuse {
        /// One sentence each.
        failures: Vec<String>,
    },
    /// Its execution runs.
    Begin,
    /// An attempt of a step begins.
    Start {
        /// The step.
        step: StepId,
        /// Until when its agent may be at work.
        agent_until: Timestamp,
    },
    /// A step asks its user.
    Ask {
        /// The step.
        step: StepId,
        /// The question.
        task: TaskId,
        /// One sentence.
        prompt: String,
        /// Until when.
        deadline: Timestamp,
        /// Whether effects may be in force already.
        open_effects: bool,
        /// It waits on with nothing that it has not shown before.
        again: bool,
    },
    /// An answer came and the step goes on.
    Proceed {
        /// The step.
        step: StepId,
        /// Until when its agent may be at work.
        agent_until: Timestamp,
        /// Effects are about to begin.
        open_effects: bool,
    },
    /// A step is settled.
    Settle {
        /// The step.
        step: StepId,
        /// How.
        settlement: Settlement,
    },
    /// An attempt failed.
    Fail {
        /// The step.
        step: StepId,
        /// Why.
        failure: Failure,
        /// Another attempt follows by itself.
        retry: bool,
        /// No agent is at work for it any more.
        at_rest: bool,
        /// Effects may be in force.
        open_effects: bool,
    },
    /// A step needs a person: the recovery alert is shown.
    Alert {
        /// The step.
        step: StepId,
        /// The question.
        task: TaskId,
        /// One sentence.
        prompt: String,
        /// Until when.
        deadline: Timestamp,
    },
    /// The alert was answered: the step is tried again (or settles without its failing items).
    Helped {
        /// The step.
        step: StepId,
    },
    /// The machine asks for help with a step that is settled: it goes on there, and is counted, so that it does not go round for ever.
    Release {
        /// The step.
        step: StepId,
    },
    /// The run is brought to an end before its last step.
    End {
        /// How.
        ending: Ending,
        /// Why, for the user.
        reason: String,
    },
    /// The effects of a step are being undone.
    Undo {
        /// The step.
        step: StepId,
        /// Until when its agent may be at work.
        agent_until: Timestamp,
    },
    /// An attempt to undo failed; the next one follows by itself.
    UndoPaused {
        /// The step.
        step: StepId,
        /// No agent is at work for it any more.
        at_rest: bool,
    },
    /// All effects of a step are undone, or some could not be.
    Undone {
        /// The step.
        step: StepId,
        /// What could not be undone, one sentence each; empty when all is undone.
        failures: Vec<String>,
        /// What is undone by the user's word alone, one sentence each.
        unconfirmed: Vec<String>,
        /// What of the step's impact is still so.
        in_force: Vec<events::Impact>,
    },
    /// A step's effects are undone by the user, by hand: it is asked for.
    AskUndo {
        /// The step.
        step: StepId,
        /// The question.
        task: TaskId,
        /// One sentence.
        prompt: String,
        /// Until when.
        deadline: Timestamp,
    },
    /// The user has reversed, by hand, what could not be undone in a run that needs attention.
    Reversed {
        /// The step.
        step: StepId,
        /// What is still in force, one sentence each.
        left: Vec<String>,
        /// What is undone by the user's word alone, one sentence each.
        unconfirmed: Vec<String>,
        /// What of the step's impact is still so.
        in_force: Vec<events::Impact>,
        /// Something else that the step did is kept.
        kept: bool,
    },
    /// An all-or-nothing group cannot be kept whole: its effects are undone.
    FailGroup {
        /// The group.
        group: String,
        /// Why, for the user.
        reason: String,
    },
    /// The effects of a failed group are undone and the run goes on.
    EndGroup {
        /// The group.
        group: String,
    },
    /// Nothing is left to undo, or all is to be kept.
    Finish,
    /// A stopped run is taken up again by a new execution, once its turn comes.
    Resume {
        /// The version it goes on with.
        version: u32,
        /// The steps to be entered again; all others stay as they are.
        reopened: Vec<StepId>,
    },
    /// What could not be undone is tried again.
    UndoAgain,
    /// It was looked at and nothing is wrong: look again later.
    LookAgain,
}

/// How a step is settled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settlement {
    /// Complete or skipped.
    pub skipped: bool,
    /// One sentence.
    pub message: String,
    /// Items that were not done, one sentence each.
    pub left: Vec<String>,
    /// What it changed for the household.
    pub impact: Vec<events::Impact>,
    /// Effects are in force.
    pub open_effects: bool,
    /// Until when the first of them can be undone, where their providers say so.
    pub undo_until: Option<Timestamp>,
    /// The other side said no; the step's fallback runs in its place.
    pub diverted: bool,
    /// The run is being stopped in the middle of it; a resume goes on here.
    pub unfinished: bool,
}

impl Settlement {
    /// A step of which nothing more is done; what it did before stays.
    pub fn left_out(record: &StepRecord, message: impl Into<String>) -> Self {
        Self {
            skipped: true,
            message: message.into(),
            open_effects: record.has_open_effects(),
            undo_until: record.undo_until(),
            ..Self::default()
        }
    }
}

/// A change that a run does not allow in its state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// The run's state does not allow it.
    #[error("a run that is {status:?} cannot {change}")]
    Run {
        /// The run's state.
        status: RunStatus,
        /// The change.
        change: &'static str,
    },
    /// The step's state does not allow it.
    #[error("step {step} is {status:?} and cannot {change}")]
    Step {
        /// The step.
        step: StepId,
        /// Its state.
        status: StepStatus,
        /// The change.
        change: &'static str,
    },
    /// The run has no such group, or it is not where this can happen to it.
    #[error("group {group} cannot {change}")]
    Group {
        /// The group.
        group: String,
        /// The change.
        change: &'static str,
    },
    /// The run has no such step.
    #[error("the run has no step {0}")]
    NoStep(StepId),
}

impl Change {
    /// The name used in errors and in the table of transitions.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Hold { .. } => "hold",
            Self::Pass => "pass",
            Self::Refuse { .. } => "refuse",
            Self::Begin => "begin",
            Self::Start { .. } => "start",
            Self::Ask { .. } => "ask",
            Self::Proceed { .. } => "proceed",
            Self::Settle { .. } => "settle",
            Self::Fail { .. } => "fail",
            Self::Alert { .. } => "alert",
            Self::Helped { .. } => "helped",
            Self::Release { .. } => "release",
            Self::End { .. } => "end",
            Self::Undo { .. } => "undo",
            Self::UndoPaused { .. } => "pause undoing",
            Self::Undone { .. } => "undone",
            Self::AskUndo { .. } => "ask to undo",
            Self::Reversed { .. } => "reversed",
            Self::FailGroup { .. } => "fail a group",
            Self::EndGroup { .. } => "end a group",
            Self::Finish => "finish",
            Self::Resume { .. } => "resume",
            Self::UndoAgain => "undo again",
            Self::LookAgain => "look again",
        }
    }
}

impl Change {
    /// The step it is about; none for a change of the whole run.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::Start { step, .. }
            | Self::Ask { step, .. }
            | Self::Proceed { step, .. }
            | Self::Settle { step, .. }
            | Self::Fail { step, .. }
            | Self::Alert { step, .. }
            | Self::Helped { step }
            | Self::Release { step }
            | Self::Undo { step, .. }
            | Self::UndoPaused { step, .. }
            | Self::AskUndo { step, .. }
            | Self::Reversed { step, .. }
            | Self::Undone { step, .. } => Some(step),
            _ => None,
        }
    }
}
