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
use engine::{ItemState, Run, StepRecord, StepStatus};
use events::{AgentMessage, MessageType, RunId, StepId};
use money::Money;
use ports::{Clock, Key, Read, Record};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shell::progress_token::verify;
use statemachines::Step;
use std::collections::BTreeMap;

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

/// Writes it down, at most once a second and step; the last word of a turn of work always.
pub(super) async fn report_progress<P: Outside>(
    State(app): State<Shared<P>>,
    Path(_which): Path<Which>,
    reporter: Reporter,
    Body(message): Body<AgentMessage>,
) -> Result<NoContent, Problem> {
    check(&reporter, &message)?;
    let admitted = app.recent.admit(&reporter.run_id, &reporter.step_id, app.ports.now());
    if !admitted && message.message_type == MessageType::Status {
        return Ok(NoContent);
    }
    let (run, record) = read(&app.ports, &reporter).await?;
    if let Some(run) = run.filter(|run| run.epoch == reporter.epoch && !run.status.is_terminal()) {
        let step = app.catalog.get(&run.workflow_id, run.version).and_then(|it| it.step(&reporter.step_id));
        let turn = Turn::of(&run, &reporter.step_id, record);
        let progress = Progress {
            step: &reporter.step_id,
            percent: turn.percent(message.context.step_progress),
            headline: message.content.headline,
            figures: step.map(|step| turn.figures(step, message.content.visual_data)),
        };
        report(&app, &run, progress).await?;
    }
    Ok(NoContent)
}

async fn read(ports: &impl Read, reporter: &Reporter) -> Result<(Option<Run>, Option<StepRecord>), Problem> {
    let keys =
        [Key::Run(reporter.run_id.clone()), Key::Step(reporter.run_id.clone(), reporter.step_id.clone())];
    let (mut run, mut step) = (None, None);
    for stored in ports.read(&keys).await? {
        match stored.record {
            Record::Run(found) => run = Some(found),
            Record::Step(found) => step = Some(found),
            _ => {}
        }
    }
    Ok((run, step))
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

/// One turn of a step's agent, which knows of its own items alone: what earlier turns came to is in the step's record.
struct Turn {
    /// The step's items, where it goes forward.
    items: Vec<ItemState>,
    /// What earlier turns came to.
    outputs: BTreeMap<String, Value>,
    /// The step has gone on without this report: its amounts may be in the outputs by now.
    late: bool,
}

impl Turn {
    fn of(run: &Run, step: &StepId, record: Option<StepRecord>) -> Self {
        let forward = record.filter(|_| run.ending.is_none());
        let late = !matches!(run.entry(step).status, StepStatus::Pending | StepStatus::InProgress);
        let (items, outputs) = forward.map_or_else(Default::default, |record| {
            let items = record.items.into_iter().map(|item| item.state).collect();
            (items, if record.executed { record.outputs } else { BTreeMap::new() })
        });
        Self { items, outputs, late }
    }

    /// The step's percent: what is settled counts whole, what this turn works on by the agent's own percent, the rest not at all.
    fn percent(&self, reported: u8) -> u8 {
        let settled = self.items.iter().filter(|it| it.is_settled()).count();
        let working = self.items.iter().filter(|it| matches!(it, ItemState::Executing)).count();
        let done = settled * 100 + working * usize::from(reported);
        done.checked_div(self.items.len()).and_then(|it| u8::try_from(it).ok()).unwrap_or(reported)
    }

    /// The figures that the step says can be followed, amounts added to those of earlier turns; whatever else an agent sends along
    /// stays behind.
    fn figures(&self, step: &Step, data: Option<Value>) -> Map<String, Value> {
        let mut figures = Map::new();
        if let Some(Value::Object(mut data)) = data {
            for tracked in &step.tracking_events {
                if let Some(value) =
                    data.remove(&tracked.figure).and_then(|it| self.in_all(&tracked.figure, it))
                {
                    figures.insert(tracked.figure.clone(), value);
                }
            }
        }
        figures
    }

    fn in_all(&self, figure: &str, value: Value) -> Option<Value> {
        let amount = |value: &Value| serde_json::from_value::<Money>(value.clone()).ok();
        match (self.outputs.get(figure).and_then(amount), amount(&value)) {
            (Some(before), Some(more)) => before.add(more).ok().filter(|_| !self.late).map(|sum| json!(sum)),
            _ => Some(value),
        }
    }
}
