//! The states of a run and of a step.

use serde::{Deserialize, Serialize};

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RunStatus {
    /// Waits for its turn, or for a dependency to come back.
    Queued,
    /// Its prerequisites are being checked.
    Validating,
    /// All checks passed; its execution is being started.
    Ready,
    /// Its steps run.
    Executing,
    /// A step needs help and goes on once its recovery alert is answered; steps beside it go on meanwhile.
    Paused,
    /// It is being brought to an end before its last step: effects are undone, or kept on a stop.
    RollingBack,
    /// Every step is settled.
    Completed,
    /// Its prerequisites did not hold, or its dependencies did not come back in time; nothing was done.
    Failed,
    /// Every effect is undone.
    RolledBack,
    /// The user stopped it and kept what was done.
    Stopped,
    /// Effects are left that could not be undone; a person must look.
    NeedsAttention,
}

impl RunStatus {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Validating,
        Self::Ready,
        Self::Executing,
        Self::Paused,
        Self::RollingBack,
        Self::Completed,
        Self::Failed,
        Self::RolledBack,
        Self::Stopped,
        Self::NeedsAttention,
    ];

    /// Whether the run has ended.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::RolledBack | Self::Stopped | Self::NeedsAttention
        )
    }

    /// Whether its execution has not begun.
    pub fn is_before_execution(self) -> bool {
        matches!(self, Self::Queued | Self::Validating | Self::Ready)
    }

    /// Whether it waits for the dispatcher or the undo loop to move it, and is forgotten where that dies.
    pub fn is_moved_by_others(self) -> bool {
        self.is_before_execution() || self == Self::RollingBack
    }

    /// What is said of a run that comes into it, after the workflow's name.
    pub fn told(self) -> &'static str {
        match self {
            Self::Queued => "waits for its turn",
            Self::Validating => "is being checked",
            Self::Ready => "is about to start",
            Self::Executing => "is under way",
            Self::Paused => "needs your help",
            Self::RollingBack => "is being rolled back",
            Self::Completed => "is completed",
            Self::Failed => "could not begin",
            Self::RolledBack => "is undone",
            Self::Stopped => "is stopped",
            Self::NeedsAttention => "needs your attention",
        }
    }

    /// The name on the wire and on the card.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Validating => "Validating",
            Self::Ready => "Ready",
            Self::Executing => "Executing",
            Self::Paused => "Paused",
            Self::RollingBack => "RollingBack",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::RolledBack => "RolledBack",
            Self::Stopped => "Stopped",
            Self::NeedsAttention => "NeedsAttention",
        }
    }
}

/// The state of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StepStatus {
    /// Not begun.
    #[default]
    Pending,
    /// Its agent works.
    InProgress,
    /// It waits for the user.
    WaitingUser,
    /// An attempt failed; the next one follows by itself.
    Retrying,
    /// It failed and needs a person.
    Failed,
    /// It is settled with something done, or nothing to do.
    Complete,
    /// It is settled with nothing done.
    Skipped,
    /// Its effects are being undone.
    Undoing,
    /// Its effects are undone.
    Undone,
    /// Some of its effects could not be undone.
    UndoFailed,
}

impl StepStatus {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::InProgress,
        Self::WaitingUser,
        Self::Retrying,
        Self::Failed,
        Self::Complete,
        Self::Skipped,
        Self::Undoing,
        Self::Undone,
        Self::UndoFailed,
    ];

    /// Whether the step is settled going forward.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Complete | Self::Skipped)
    }
}

/// Why a run is brought to an end before its last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The user cancelled: everything is undone.
    Cancel,
    /// The user stopped: what was done is kept.
    Stop,
    /// A step failed for good: everything is undone.
    RollBack,
}
