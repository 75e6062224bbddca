//! A run that ended, in the list of those who operate the system.

use super::{Answer, kept, read_run};
use crate::failed::Failed;
use engine::{EndedRun, RunStatus, StepRecord};
use events::{Envelope, ErrorClass, WorkflowEvent};
use jiff::Timestamp;
use ports::{Commit, CommitError, List, Read, Record, Write};
use statemachines::Catalog;

/// Writes a run that ended down, by its day, and what it has left in force.
pub(super) async fn keep_account(
    table: &(impl Read + Commit + List),
    now: Timestamp,
    catalog: &Catalog,
    envelope: Envelope<WorkflowEvent>,
) -> Result<Answer, Failed> {
    let event = envelope.data;
    let to = serde_json::from_value::<RunStatus>(event.data.details["to"].clone());
    let Some(status) = to.ok().filter(|it| it.is_terminal()) else { return Ok(Answer::Nothing) };
    let class = match status {
        RunStatus::Completed => None,
        _ => class(&read_run(table, &event.run_id).await?.steps),
    };
    let ended = EndedRun {
        run_id: event.run_id.clone(),
        user_id: envelope.user_id.clone(),
        workflow_id: event.workflow_id,
        status,
        class,
        at: Timestamp::from_millisecond(event.timestamp).unwrap_or_default(),
    };
    match table.commit(vec![Write::create(Record::Ended(ended))]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => {}
        Err(CommitError::Port(error)) => return Err(error.into()),
    }
    if status != RunStatus::Completed {
        kept::count(table, now, catalog, &event.run_id, &envelope.user_id).await?;
    }
    Ok(Answer::Accounted)
}

/// What kind of failure it was: of the steps that did not come to a good end, the one that is worst.
fn class(steps: &[StepRecord]) -> Option<ErrorClass> {
    let classes = steps.iter().filter_map(|step| step.failure.as_ref()).map(|it| it.class);
    classes.max_by_key(|class| (!class.is_transient(), class.as_str()))
}
