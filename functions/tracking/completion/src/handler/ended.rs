//! A run that ended, in the list of those who operate the system.

use super::{Answer, read_run};
use crate::failed::Failed;
use engine::{EndedRun, RunStatus, StepRecord};
use events::{Envelope, ErrorClass, WorkflowEvent};
use jiff::Timestamp;
use ports::{Commit, CommitError, List, Record, Write};

/// Writes a run that ended down, by its day.
pub(super) async fn keep_account(
    table: &(impl Commit + List),
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
        run_id: event.run_id,
        user_id: envelope.user_id,
        workflow_id: event.workflow_id,
        status,
        class,
        at: Timestamp::from_millisecond(event.timestamp).unwrap_or_default(),
    };
    match table.commit(vec![Write::create(Record::Ended(ended))]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => Ok(Answer::Accounted),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// What kind of failure it was: of the steps that did not come to a good end, the one that is worst.
fn class(steps: &[StepRecord]) -> Option<ErrorClass> {
    let classes = steps.iter().filter_map(|step| step.failure.as_ref()).map(|it| it.class);
    classes.max_by_key(|class| (!class.is_transient(), class.as_str()))
}
