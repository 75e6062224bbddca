//! `GET /tasks`, `GET /tasks/{task_id}` and `GET /runs/{run_id}/tasks`.

use crate::app::Shared;
use crate::asked::{self, Found};
use crate::caller::{Caller, id, owned};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::runs;
use crate::view::{Question, QuestionList};
use axum::Json;
use axum::extract::{Path, State};
use engine::{Run, StepRecord, Task};
use ports::{PortError, Read};
use schemars::JsonSchema;
use serde::Deserialize;

/// Which question.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Which {
    /// The question.
    pub(super) task_id: String,
}

/// All that wait for the caller.
pub(super) async fn open<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<QuestionList>, Problem> {
    let runs = asked::active(&app.ports, &user).await?;
    Ok(Json(questions(&app.ports, &runs).await?))
}

/// All that wait in a run.
pub(super) async fn of_run<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(runs::Which { run_id }): Path<runs::Which>,
) -> Result<Json<QuestionList>, Problem> {
    let found = owned(&app.ports, &user, &id(&run_id)?, []).await?;
    Ok(Json(questions(&app.ports, &[found.run]).await?))
}

/// One question, open or not.
pub(super) async fn one<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { task_id }): Path<Which>,
) -> Result<Json<Question>, Problem> {
    match asked::find(&app.ports, &user, &task_id).await? {
        Found::Here(asked) => Ok(Json(Question::of(&asked.task, asked.record.as_ref()))),
        Found::Replaced => Err(Problem::not_found()),
    }
}

async fn questions(ports: &impl Read, runs: &[Run]) -> Result<QuestionList, PortError> {
    let open = asked::open(ports, runs).await?;
    let question = |(task, record): (Task, Option<StepRecord>)| Question::of(&task, record.as_ref());
    Ok(QuestionList { tasks: open.into_iter().map(question).collect() })
}
