//! `POST /progress/{run_id}/{step_id}`: what an agent says while it works. A message that comes to nothing costs nothing: it is answered
//! with 204 all the same, so that an agent never waits or retries because of it.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::{PROGRESS_SCHEME, bearer, secured};
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::report::{Progress, report};
use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::NoContent;
use engine::Run;
use events::{AgentMessage, RunId, StepId};
use ports::{Clock, Key, Read, Record};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use shell::progress_token::verify;
use statemachines::Step;

/// The longest headline that is taken, in characters.
const LONGEST: usize = 300;

/// Which step.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Which {
    /// The run.
    run_id: String,
    /// The step.
    step_id: String,
}

/// The step whose progress token the call carries.
pub(super) struct Reporter {
    run_id: RunId,
    step_id: StepId,
    epoch: u32,
}

impl OperationInput for Reporter {
    fn operation_input(_ctx: &mut GenContext, operation: &mut Operation) {
        secured(operation, PROGRESS_SCHEME);
    }
}

impl<P: Clock + Send + Sync + 'static> FromRequestParts<Shared<P>> for Reporter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared<P>) -> Result<Self, Problem> {
        let refused = || Problem::unauthenticated("A progress token of this step is needed.");
        let Path(which) = Path::<Which>::from_request_parts(parts, app).await.map_err(|_| refused())?;
        let run_id = RunId::parse(which.run_id).map_err(|_| refused())?;
        let step_id = StepId::parse(which.step_id).map_err(|_| refused())?;
        let token = bearer(parts).ok_or_else(refused)?;
        let epoch =
            verify(&app.progress_key, &run_id, &step_id, token, app.ports.now()).map_err(|_| refused())?;
        Ok(Self { run_id, step_id, epoch })
    }
}

/// Writes it down, at most once a second and step.
pub(super) async fn report_progress<P: Outside>(
    State(app): State<Shared<P>>,
    Path(_which): Path<Which>,
    reporter: Reporter,
    Body(message): Body<AgentMessage>,
) -> Result<NoContent, Problem> {
    check(&reporter, &message)?;
    if !app.recent.admit(&reporter.run_id, &reporter.step_id, app.ports.now()) {
        return Ok(NoContent);
    }
    let run = read_run(&app.ports, &reporter.run_id).await?;
    if let Some(run) = run.filter(|run| run.epoch == reporter.epoch && !run.status.is_terminal()) {
        let step = app.catalog.get(&run.workflow_id, run.version).and_then(|it| it.step(&reporter.step_id));
        let progress = Progress {
            step: &reporter.step_id,
            percent: message.context.step_progress,
            headline: message.content.headline,
            figures: step.map(|step| figures(step, message.content.visual_data)),
        };
        report(&app, &run, progress).await?;
    }
    Ok(NoContent)
}

async fn read_run(ports: &impl Read, run: &RunId) -> Result<Option<Run>, Problem> {
    let stored = ports.read(&[Key::Run(run.clone())]).await?;
    Ok(stored.into_iter().find_map(|stored| match stored.record {
        Record::Run(run) => Some(run),
        _ => None,
    }))
}

fn check(reporter: &Reporter, message: &AgentMessage) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if message.run_id != reporter.run_id {
        errors.push(FieldError::new("runId", "must be the run of the address"));
    }
    if message.step_id != reporter.step_id {
        errors.push(FieldError::new("stepId", "must be the step of the address"));
    }
    if message.context.step_progress > 100 {
        errors.push(FieldError::new("context.stepProgress", "must be from 0 to 100"));
    }
    if message.content.headline.chars().count() > LONGEST {
        let what = format!("must have at most {LONGEST} characters");
        errors.push(FieldError::new("content.headline", what));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::bad_request(errors)) }
}

/// The figures that the step says can be followed; whatever else an agent sends along stays behind.
fn figures(step: &Step, data: Option<Value>) -> Map<String, Value> {
    let mut figures = Map::new();
    if let Some(Value::Object(mut data)) = data {
        for tracked in &step.tracking_events {
            if let Some(value) = data.remove(&tracked.figure) {
                figures.insert(tracked.figure.clone(), value);
            }
        }
    }
    figures
}
