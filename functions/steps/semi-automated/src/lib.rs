//! Semi-automated steps: every item approved, modified or skipped by the user. A recovery alert is such a question too, whatever the
//! kind of its step.

use coordinator::{Coordinator, Failed, StepPorts};
use ports::{Done, Mode, StepWork};

/// Asks about a step's items and goes on after each answer; shows recovery alerts and goes on after theirs.
///
/// # Errors
/// [`Failed`] when an attempt failed and no token can say so; in a token wait it leaves through the token.
pub async fn handle<P: StepPorts>(coordinator: &Coordinator<P>, work: StepWork) -> Result<Done, Failed> {
    match work.mode {
        Mode::Step | Mode::Continue | Mode::Drain => coordinator.work(&work).await.map(|()| Done {}),
        Mode::Help | Mode::ContinueHelp => coordinator.help(&work).await.map(|()| Done {}),
        other => Err(Failed::misplaced("semi-automated", other)),
    }
}
