//! `POST /runs/{run_id}/cancel` and `POST /runs/{run_id}/stop`: ends a run and has everything undone, or keeps what was done.

use crate::app::{App, Shared};
use crate::asked::{open, waiting};
use crate::caller::{Caller, id, owned};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::runs::Which;
use crate::view::RunState;
use crate::work::{function, work};
use axum::Json;
use axum::extract::{Path, State};
use coordinator::{Failed, change_run};
use engine::{Change, Ending, Run, RunStatus};
use events::{RunId, TaskKind, UserId};
use ports::{Key, Mode, Slot};
use std::collections::BTreeSet;

/// Times that it is tried again because the run changed at the same time.
const TRIES: u32 = 5;

/// Cancels: everything is undone.
pub(crate) async fn cancel<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
) -> Result<Json<RunState>, Problem> {
    end(&app, &user, &run_id, Ending::Cancel, "cancelled by you").await
}

/// Stops: what was done is kept.
pub(crate) async fn stop<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
) -> Result<Json<RunState>, Problem> {
    end(&app, &user, &run_id, Ending::Stop, "stopped by you").await
}

async fn end<P: Outside>(
    app: &App<P>,
    user: &UserId,
    run_id: &str,
    ending: Ending,
    reason: &str,
) -> Result<Json<RunState>, Problem> {
    let run_id: RunId = id(run_id)?;
    let key = Key::Run(run_id.clone());
    for _ in 0..TRIES {
        let mut run = owned(&app.ports, user, &run_id, []).await?.run;
        if !is_ending_so(&run, ending)? {
            let change = Change::End { ending, reason: reason.to_owned() };
            run = match change_run(&app.ports, &app.catalog, &key, &change, app.ports.now()).await {
                Ok(run) => run,
                // It changed since it was looked at.
                Err(Failed::Illegal(_)) => continue,
                Err(failed) => return Err(failed.into()),
            };
        }
        if run.status == RunStatus::RollingBack {
            drain(app, &run).await;
        }
        return Ok(Json(RunState { run_id, status: run.status.into() }));
    }
    Err(Problem::contended())
}

/// Whether a run is being ended in this very way already; one that is ended in another way stays with that.
fn is_ending_so(run: &Run, ending: Ending) -> Result<bool, Problem> {
    let reason = run.reason.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    match run.status {
        RunStatus::RollingBack if run.ending == Some(ending) => Ok(true),
        RunStatus::RollingBack => {
            let what = if run.ending == Some(Ending::Stop) { "stopped" } else { "undone" };
            Err(Problem::in_state(run.status, format!("The run is being {what} already{reason}.")))
        }
        status if status.is_terminal() => {
            Err(Problem::in_state(status, format!("The run has ended: it is {}{reason}.", status.as_str())))
        }
        _ => Ok(false),
    }
}

/// Lets the waiting states of a run go, so that its machine moves on to the undo. What is lost here is found by the sweep; ending it
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
    // One call drains both questions of a step. What is to be reversed by hand is part of the end.
    let forward = tasks.into_iter().map(|asked| asked.task).filter(|task| task.kind != TaskKind::Undo);
    let steps: BTreeSet<_> = forward.map(|task| task.step_id).collect();
    for step in steps {
        let function = function(&app.catalog, run, &step, Slot::Ask);
        let work = work(run, Some(&step), Mode::Drain);
        if let Err(error) = app.ports.continue_step(function, &work).await {
            tracing::warn!(run.id = %run.run_id, error.chain = %error, "a question of run {} is not drained", run.run_id);
        }
    }
}
