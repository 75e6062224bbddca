//! What a step Lambda is asked to do, by a state machine, the API or the sweep.

use events::{RunId, StepId, UserId, WorkflowId};
use serde::{Deserialize, Serialize};

/// The step Lambdas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepFunction {
    /// Automated steps.
    Automated,
    /// Semi-automated steps and recovery alerts.
    SemiAutomated,
    /// Manual steps.
    Manual,
    /// The undo loop.
    Compensate,
}

impl StepFunction {
    /// The function's name, without the stage's prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::SemiAutomated => "semi-automated",
            Self::Manual => "manual",
            Self::Compensate => "compensate",
        }
    }
}

/// What a state sees of its step: nothing. State is in the table, nothing is handed from state to state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {}

/// What a state machine, the API or the sweep asks of a step Lambda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepWork {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// The execution's epoch.
    pub epoch: u32,
    /// The workflow.
    pub workflow: WorkflowId,
    /// The version the run is pinned to.
    pub version: u32,
    /// The step; none in the undo loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// What to do.
    pub mode: Mode,
    /// The task token to complete, in a token wait's first call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `help`, `undo`: the error that led here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `undo-failed`: the error that the undo ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_error: Option<String>,
    /// `undo` of an all-or-nothing group: its name; none for the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// What a step Lambda is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Carry out the step.
    Step,
    /// Go on after a decision, deadline or late answer.
    Continue,
    /// Show the recovery alert.
    Help,
    /// Go on after the answer to the recovery alert.
    ContinueHelp,
    /// The run is being ended: let the waiting state go.
    Drain,
    /// Undo the next effect.
    Undo,
    /// The undo under way failed for good: record it and go on.
    UndoFailed,
    /// Ask the user to undo by hand.
    UndoAsk,
    /// Go on after the answer to that.
    ContinueUndo,
    /// Undo all that is left, where no execution does.
    Recover,
}
