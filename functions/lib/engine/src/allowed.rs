//! Which change of a step which states allow.

use crate::change::{Change, Illegal};
use crate::run::{Run, StepEntry};
use crate::status::{RunStatus, StepStatus};
use events::StepId;

/// Refuses what the states do not allow.
pub(crate) fn allow(run: &Run, change: &Change, step: &StepId, entry: &StepEntry) -> Result<(), Illegal> {
    use StepStatus::{
        Complete, Failed, InProgress, Pending, Retrying, Skipped, UndoFailed, Undoing, WaitingUser,
    };
    let run_allows = match change {
        Change::Undo { .. } | Change::UndoPaused { .. } | Change::Undone { .. } => {
            run.status == RunStatus::RollingBack
        }
        // What an agent has done is recorded even when the run is being ended.
        Change::Settle { .. } | Change::Fail { .. } => {
            matches!(run.status, RunStatus::Executing | RunStatus::Paused | RunStatus::RollingBack)
        }
        _ => matches!(run.status, RunStatus::Executing | RunStatus::Paused) && run.ending.is_none(),
    };
    if !run_allows {
        return Err(Illegal::Run { status: run.status, change: change.name() });
    }
    let from = entry.status;
    let step_allows = match change {
        // InProgress again: the attempt before died without a word.
        Change::Start { .. } => matches!(from, Pending | InProgress | Retrying | Failed),
        Change::Ask { .. } => from == InProgress,
        Change::Proceed { .. } => matches!(from, WaitingUser | InProgress),
        Change::Settle { .. } => matches!(from, Pending | InProgress | WaitingUser | Retrying | Failed),
        Change::Fail { .. } => matches!(from, Pending | InProgress | WaitingUser | Retrying),
        // InProgress, Retrying: the platform gave up on an attempt that could not say so itself.
        Change::Alert { .. } => matches!(from, Pending | InProgress | Retrying | Failed | WaitingUser),
        Change::Helped { .. } => from == WaitingUser,
        Change::Undo { .. } => {
            entry.open_effects
                && !matches!(from, Pending | UndoFailed)
                && matches!(from, Complete | Skipped | Undoing | InProgress | WaitingUser | Retrying | Failed)
        }
        Change::UndoPaused { .. } | Change::Undone { .. } => from == Undoing,
        _ => false,
    };
    if step_allows {
        Ok(())
    } else {
        Err(Illegal::Step { step: step.clone(), status: from, change: change.name() })
    }
}
