//! The undo loop's Lambda: one step's effects per call, the latest first, until none is left.

use coordinator::{Coordinator, Failed, StepPorts, UndoResult};
use ports::{Mode, StepWork};

/// Undoes the next step's effects, or records that they cannot be undone; asks the user to undo by hand, and goes on after the
/// answer. Of a run without an execution it undoes all that is left. Nothing is answered where a token or nobody waits.
///
/// # Errors
/// [`Failed`] when this undo is to be tried again.
pub async fn handle<P: StepPorts>(
    coordinator: &Coordinator<P>,
    work: StepWork,
) -> Result<Option<UndoResult>, Failed> {
    match work.mode {
        Mode::Undo | Mode::UndoFailed => coordinator.undo(&work).await.map(Some),
        Mode::Recover => coordinator.recover(&work).await.map(Some),
        Mode::UndoAsk | Mode::ContinueUndo => coordinator.undo_by_hand(&work).await.map(|()| None),
        other => Err(Failed::misplaced("compensate", other)),
    }
}
