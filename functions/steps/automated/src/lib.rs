//! Automated steps: carried out by their agent alone. One whose agent may have to ask goes on here after the answer.

use coordinator::{Coordinator, Failed, StepPorts};
use ports::{Mode, StepWork};
use serde::Serialize;

/// What the state sees of a step: nothing. State is in the table, nothing is handed from state to state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {}

/// Carries out an automated step, or goes on with it.
///
/// # Errors
/// [`Failed`] when an attempt failed and no token can say so; in a token wait it leaves through the token.
pub async fn handle<P: StepPorts>(coordinator: &Coordinator<P>, work: StepWork) -> Result<Done, Failed> {
    match work.mode {
        Mode::Step | Mode::Continue | Mode::Drain => coordinator.work(&work).await.map(|()| Done {}),
        other => Err(Failed::misplaced("automated", other)),
    }
}
