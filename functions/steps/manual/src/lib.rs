//! Manual steps: done by the user, guided, and verified by the agent.

use coordinator::{Coordinator, Failed, StepPorts};
use ports::{Done, Mode, StepWork};

/// Guides the user through a step, verifies the proof.
///
/// # Errors
/// [`Failed`] when an attempt failed and no token can say so; in a token wait it leaves through the token.
pub async fn handle<P: StepPorts>(coordinator: &Coordinator<P>, work: StepWork) -> Result<Done, Failed> {
    match work.mode {
        Mode::Step | Mode::Continue | Mode::Drain => coordinator.work(&work).await.map(|()| Done {}),
        other => Err(Failed::misplaced("manual", other)),
    }
}
