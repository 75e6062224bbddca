//! Automated steps: carried out by their agent alone. One whose agent may have to ask goes on here after the answer.

use coordinator::{Coordinator, Failed, StepPorts};
use ports::{Done, Mode, StepWork};

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
