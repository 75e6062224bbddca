//! Runs in a list, and their states.

use engine::Run;
use events::{RunId, WorkflowId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::Workflow;

/// Runs, and where to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunList {
    /// The runs of this page, by id.
    pub runs: Vec<RunLine>,
    /// What to ask for as `after` to see more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunLine {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Its workflow's name.
    pub name: String,
    /// Its state.
    pub status: RunStatus,
    /// Whether it is being stopped: `RollingBack` keeps what was done then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopping: bool,
    /// Why it is where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Overall progress in percent.
    pub progress: u8,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RunStatus {
    /// Waits for its turn, or for a dependency to come back.
    Queued,
    /// Its prerequisites are being checked.
    Validating,
    /// It is being started.
    Ready,
    /// Its steps run.
    Executing,
    /// A step needs help.
    Paused,
    /// It is being brought to an end; effects are undone, or kept on a stop.
    RollingBack,
    /// Every step is settled.
    Completed,
    /// Its prerequisites did not hold; nothing was done.
    Failed,
    /// Every effect is undone.
    RolledBack,
    /// Stopped, and what was done is kept.
    Stopped,
    /// Effects are left that could not be undone.
    NeedsAttention,
}

impl From<engine::RunStatus> for RunStatus {
    fn from(status: engine::RunStatus) -> Self {
        use engine::RunStatus as Of;
        match status {
            Of::Queued => Self::Queued,
            Of::Validating => Self::Validating,
            Of::Ready => Self::Ready,
            Of::Executing => Self::Executing,
            Of::Paused => Self::Paused,
            Of::RollingBack => Self::RollingBack,
            Of::Completed => Self::Completed,
            Of::Failed => Self::Failed,
            Of::RolledBack => Self::RolledBack,
            Of::Stopped => Self::Stopped,
            Of::NeedsAttention => Self::NeedsAttention,
        }
    }
}

impl RunStatus {
    /// What a person calls it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Queued => "Waits for its turn",
            Self::Validating => "Being checked",
            Self::Ready => "About to start",
            Self::Executing => "Under way",
            Self::Paused => "Needs your help",
            Self::RollingBack => "Rolling back",
            Self::Completed => "Completed",
            Self::Failed => "Could not begin",
            Self::RolledBack => "Undone",
            Self::Stopped => "Stopped",
            Self::NeedsAttention => "Needs your attention",
        }
    }

    /// Whether the run has ended.
    pub fn has_ended(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::RolledBack | Self::Stopped | Self::NeedsAttention
        )
    }
}

/// From where, and with which version, a stopped run goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeRequest {
    /// An earlier checkpoint to go back to; by default it goes on where it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// The version to go on with; by default its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// The state of a run that was asked to end, or to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunState {
    /// The run.
    pub run_id: RunId,
    /// Its state now.
    pub status: RunStatus,
}

/// Whether a run is being stopped.
pub(crate) fn is_stopping(run: &Run) -> bool {
    run.status == engine::RunStatus::RollingBack && run.ending == Some(engine::Ending::Stop)
}

impl RunLine {
    /// The line of a run; a workflow that is no longer known goes by its id.
    pub(crate) fn of(run: &Run, workflow: Option<&Workflow>) -> Self {
        Self {
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            name: workflow.map_or_else(|| run.workflow_id.to_string(), |it| it.name.clone()),
            status: run.status.into(),
            stopping: is_stopping(run),
            reason: run.reason.clone(),
            progress: run.progress,
            queued_at: run.queued_at,
            ended_at: run.ended_at,
        }
    }
}
