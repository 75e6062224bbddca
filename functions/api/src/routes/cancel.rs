//! `POST /runs/{run_id}/cancel`: ends a run and has everything undone.

use crate::app::{App, Shared};
use crate::asked::{open, waiting};
use crate::caller::{Caller, id, owned};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::runs::Which;
use crate::view;
use crate::work::{continuing, function};
use axum::Json;
use axum::extract::{Path, State};
use engine::{Change, Ending, Out, Run, RunStatus, apply};
use events::{RunId, UserId};
use ports::{CommitError, Mode, Record, Slot, Write};
use std::collections::BTreeSet;

/// Times that it is tried again because the run changed at the same time.
const TRIES: u32 = 5;

/// Cancels.
pub(super) async fn cancel<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
) -> Result<Json<view::Ending>, Problem> {
    let run_id: RunId = id(&run_id)?;
    for _ in 0..TRIES {
        if let Some(run) = attempt(&app, &user, &run_id).await? {
            if run.status == RunStatus::RollingBack {
                drain(&app, &run).await;
            }
            return Ok(Json(view::Ending { run_id, status: run.status.into() }));
        }
    }
    Err(Problem::contended())
}

/// The run as it is being ended. `None`: it changed at the same time.
async fn attempt<P: Outside>(app: &App<P>, user: &UserId, run_id: &RunId) -> Result<Option<Run>, Problem> {
    let found = owned(&app.ports, user, run_id, []).await?;
    let run = found.run;
    if run.status == RunStatus::RollingBack {
        return Ok(Some(run));
    }
    let ended = || Problem::conflict(format!("The run has ended: it is {}.", run.status.as_str()));
    if run.status.is_terminal() {
        return Err(ended());
    }
    let Some(workflow) = app.catalog.get(&run.workflow_id, run.version) else {
        let detail = "The run's workflow is not known to this version of the system.";
        return Err(Problem::conflict(detail));
    };
    let change = Change::End { ending: Ending::Cancel, reason: "cancelled by you".to_owned() };
    let (after, events) = apply(&run, workflow, &change, app.ports.now()).map_err(|_| ended())?;
    let write =
        Write::update(Record::Run(after.clone()), found.rev).telling(events.into_iter().map(Out::Run));
    match app.ports.commit(vec![write]).await {
        Ok(()) => Ok(Some(after)),
        Err(CommitError::Conflict { .. }) => Ok(None),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// Lets the waiting states of a run go, so that its machine moves on to the undo. What is lost here is found by the sweep; cancelling
/// again tries again.
async fn drain<P: Outside>(app: &App<P>, run: &Run) {
    if waiting(run).next().is_none() {
        return;
    }
    let tasks = match open(&app.ports, std::slice::from_ref(run)).await {
        Ok(tasks) => tasks,
        Err(error) => {
            tracing::warn!(run.id = %run.run_id, error.chain = %error, "open questions of run {} are not drained", run.run_id);
            return;
        }
    };
    // One call drains both questions of a step.
    let steps: BTreeSet<_> = tasks.into_iter().map(|(task, _)| task.step_id).collect();
    for step in steps {
        let function = function(&app.catalog, run, &step, Slot::Ask);
        let work = continuing(run, &step, Mode::Drain);
        if let Err(error) = app.ports.continue_step(function, &work).await {
            tracing::warn!(run.id = %run.run_id, error.chain = %error, "a question of run {} is not drained", run.run_id);
        }
    }
}
