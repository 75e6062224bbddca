//! `POST /runs/{run_id}/resume`: takes an ended run up again. A stopped one goes on forward, by the function `start`, which alone
//! decides; one that needs attention is undone further.

use crate::app::{App, Shared};
use crate::body::Body;
use crate::caller::{Caller, id, owned};
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::runs::Which;
use crate::view::{ResumeRequest, RunState};
use crate::work::work;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use coordinator::{Failed, change_run};
use engine::{Change, Run, RunStatus};
use events::{ErrorClass, RunId, UserId};
use ports::{InvokeError, Key, Mode, StepFunction};
use serde_json::json;

/// Times that it is tried again because the run changed at the same time.
const TRIES: u32 = 5;

/// Resumes.
pub(crate) async fn resume<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
    Body(request): Body<ResumeRequest>,
) -> Result<Json<RunState>, Problem> {
    let run_id: RunId = id(&run_id)?;
    for _ in 0..TRIES {
        let run = owned(&app.ports, &user, &run_id, []).await?.run;
        match run.status {
            RunStatus::NeedsAttention => {
                if let Some(run) = undo_again(&app, &run, &request).await? {
                    return Ok(Json(RunState { run_id, status: run.status.into() }));
                }
            }
            status if status == RunStatus::Stopped || run.epoch > 1 && status.is_before_execution() => {
                return forward(&app, &user, &run_id, &request).await;
            }
            // It was taken up already, and this asks for what is so.
            status if is_so(&run, &request) => return Ok(Json(RunState { run_id, status: status.into() })),
            status => {
                let detail = format!("A run that is {} cannot be resumed.", status.as_str());
                return Err(Problem::in_state(status, detail));
            }
        }
    }
    Err(Problem::contended())
}

/// Whether a run goes on, or is undone further, as a wish would have it: from where it was, with the version that it has.
fn is_so(run: &Run, wish: &ResumeRequest) -> bool {
    let goes_on = matches!(run.status, RunStatus::Executing | RunStatus::Paused) && run.epoch > 1;
    let same = wish.checkpoint.is_none() && wish.version.is_none_or(|version| version == run.version);
    same && (goes_on || run.status == RunStatus::RollingBack && run.recovering)
}

/// Back into the queue.
async fn forward<P: Outside>(
    app: &App<P>,
    user: &UserId,
    run_id: &RunId,
    request: &ResumeRequest,
) -> Result<Json<RunState>, Problem> {
    let wish = json!({ "run_id": run_id, "checkpoint": request.checkpoint, "version": request.version });
    let payload = json!({ "user_id": user, "resume": wish });
    app.ports.invoke("start", &payload).await.map_err(refused)?;
    let run = owned(&app.ports, user, run_id, []).await?.run;
    Ok(Json(RunState { run_id: run.run_id, status: run.status.into() }))
}

fn refused(error: InvokeError) -> Problem {
    match error.class {
        ErrorClass::Declined => Problem::conflict(sentence(&error.message)),
        ErrorClass::Validation => Problem::not_found(),
        class if class.is_transient() => {
            tracing::warn!(error.class = class.as_str(), "a resumption could not be handed on");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Nothing can be resumed at the moment; try again.")
        }
        _ => Problem::internal(&error),
    }
}

/// `there is no …` → `There is no ….`
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Undoes what could not be undone once more. `None`: the run changed at the same time.
async fn undo_again<P: Outside>(
    app: &App<P>,
    run: &Run,
    request: &ResumeRequest,
) -> Result<Option<Run>, Problem> {
    let given = [("checkpoint", request.checkpoint.is_some()), ("version", request.version.is_some())];
    let errors: Vec<_> = given
        .into_iter()
        .filter(|(_, given)| *given)
        .map(|(field, _)| FieldError::new(field, "is for a stopped run"))
        .collect();
    if !errors.is_empty() {
        let detail = "A run that needs attention is undone further, with the version that it has.";
        return Err(Problem::unprocessable(detail, errors));
    }
    let key = Key::Run(run.run_id.clone());
    let run = match change_run(&app.ports, &app.catalog, &key, &Change::UndoAgain, app.ports.now()).await {
        Ok(run) => run,
        Err(Failed::Illegal(_)) => return Ok(None),
        Err(failed) => return Err(failed.into()),
    };
    // What is lost here is found by the sweep.
    if let Err(error) =
        app.ports.continue_step(StepFunction::Compensate, &work(&run, None, Mode::Recover)).await
    {
        tracing::warn!(run.id = %run.run_id, error.chain = %error, "run {} waits for the sweep to be undone", run.run_id);
    }
    Ok(Some(run))
}
