//! The undo loop's Lambda: one step's effects per call, the latest first, until none is left.

use coordinator::{Coordinator, Failed, StepPorts, UndoResult};
use ports::{Mode, StepWork};

/// Undoes the next step's effects, or records that they cannot be undone.
///
/// # Errors
/// [`Failed`] when this undo is to be tried again.
pub async fn handle<P: StepPorts>(
    coordinator: &Coordinator<P>,
    work: StepWork,
) -> Result<UndoResult, Failed> {
    match work.mode {
        Mode::Undo | Mode::UndoFailed => coordinator.undo(&work).await,
        other => Err(Failed::misplaced("compensate", other)),
    }
}
