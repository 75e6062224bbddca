//! Which change of a step which states allow.

use crate::change::{Change, Illegal};
use crate::run::{FailedGroup, Run, StepEntry};
use crate::status::{RunStatus, StepStatus};
use events::StepId;

/// Refuses what the states do not allow.
pub(crate) fn allow(
    run: &Run,
    change: &Change,
    step: &StepId,
    entry: &StepEntry,
    group: Option<&str>,
) -> Result<(), Illegal> {
    use StepStatus::{Failed, InProgress, Pending, Retrying, UndoFailed, Undoing, Undone, WaitingUser};
    let run_allows = match change {
        Change::Undo { .. } | Change::UndoPaused { .. } | Change::Undone { .. } | Change::AskUndo { .. } => {
            run.status == RunStatus::RollingBack || is_undoing(run, group)
        }
        Change::Reversed { .. } => run.status == RunStatus::NeedsAttention,
        // What an agent has done is recorded even when the run is being ended.
        Change::Settle { .. } | Change::Fail { .. } => {
            matches!(run.status, RunStatus::Executing | RunStatus::Paused | RunStatus::RollingBack)
        }
        _ => {
            matches!(run.status, RunStatus::Executing | RunStatus::Paused)
                && run.ending.is_none()
                && !group.is_some_and(|group| run.failed_groups.contains_key(group))
        }
    };
    if !run_allows {
        return Err(Illegal::Run { status: run.status, change: change.name() });
    }
    let from = entry.status;
    let step_allows = match change {
        // InProgress again: the attempt before died without a word.
        Change::Start { .. } => matches!(from, Pending | InProgress | Retrying | Failed),
        Change::Ask { .. } => from == InProgress,
        // Not while an alert asks what is to be done.
        Change::Proceed { .. } => matches!(from, WaitingUser | InProgress) && !entry.alerting,
        Change::Settle { .. } => matches!(from, Pending | InProgress | WaitingUser | Retrying | Failed),
        Change::Fail { .. } => matches!(from, Pending | InProgress | WaitingUser | Retrying),
        // InProgress, Retrying: the platform gave up on an attempt that could not say so itself.
        Change::Alert { .. } => matches!(from, Pending | InProgress | Retrying | Failed | WaitingUser),
        Change::Helped { .. } => from == WaitingUser,
        Change::Release { .. } => from.is_settled(),
        Change::Undo { .. } => {
            // Pending: of a run that was resumed and had not come to it again.
            entry.open_effects && !matches!(from, Undone | UndoFailed)
        }
        Change::UndoPaused { .. } | Change::Undone { .. } | Change::AskUndo { .. } => from == Undoing,
        Change::Reversed { .. } => from == UndoFailed,
        _ => false,
    };
    if step_allows {
        Ok(())
    } else {
        Err(Illegal::Step { step: step.clone(), status: from, change: change.name() })
    }
}

/// Whether a failed group is being undone while the run goes on around it.
fn is_undoing(run: &Run, group: Option<&str>) -> bool {
    let goes_on = matches!(run.status, RunStatus::Executing | RunStatus::Paused);
    goes_on && group.and_then(|group| run.failed_groups.get(group)) == Some(&FailedGroup::Undoing)
}
