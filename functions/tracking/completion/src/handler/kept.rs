//! What a run that ended otherwise than completed has left in force: it counts like any other, until the run ends anew or it is undone.

use super::household::Household;
use super::{TRIES, read_run};
use crate::failed::Failed;
use engine::{RunImpact, RunStatus};
use events::{EventType, RunId, UserId, WorkflowEvent};
use jiff::Timestamp;
use ports::{Commit, CommitError, List, Read};
use statemachines::Catalog;

/// Whether an event tells that something was undone: after a run's end, less of it is in force.
pub(super) fn is_undone(event: &WorkflowEvent) -> bool {
    let outcome = event.data.details["outcome"].as_str().unwrap_or_default();
    match event.event_type {
        EventType::StepCompleted => outcome == "undone",
        EventType::StepFailed => outcome == "undo-failed",
        _ => false,
    }
}

/// Writes what is in force of a run as it now is, whichever event is late. One that is under way leaves what was written at its last
/// end; what a completed one brought is written with its completion.
pub(super) async fn count(
    table: &(impl Read + Commit + List),
    now: Timestamp,
    catalog: &Catalog,
    run_id: &RunId,
    user: &UserId,
) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let household = Household::load(table, catalog, run_id, user).await?;
        let records = read_run(table, run_id).await?;
        let (run, _, workflow) = records.run_and_workflow(catalog, run_id)?;
        if !run.status.is_terminal() || run.status == RunStatus::Completed {
            return Ok(());
        }
        let impact = records.impact(workflow, &household.goals);
        let before = household.before.as_ref().map(|(it, _)| it);
        let brought = RunImpact::of(run, workflow, &impact, records.currency(), before);
        if before.map_or(brought.lines.is_empty(), |before| *before == brought) {
            return Ok(());
        }
        match table.commit(household.counting(brought, now)).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}
