//! `GET /tasks`, `GET /tasks/{task_id}` and `GET /runs/{run_id}/tasks`.

use crate::app::{App, Shared};
use crate::asked::{self, Asked, Found};
use crate::caller::{Caller, id, owned};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::runs;
use crate::view::{Question, QuestionList};
use axum::Json;
use axum::extract::{Path, State};
use engine::Run;
use ports::{PortError, Read};
use schemars::JsonSchema;
use serde::Deserialize;
use statemachines::{Catalog, Workflow};

/// Which question.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// The question.
    pub(crate) task_id: String,
}

/// All that wait for the caller.
pub(crate) async fn open<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<QuestionList>, Problem> {
    let runs = asked::active(&app.ports, &user).await?;
    Ok(Json(questions(&app, &runs).await?))
}

/// All that wait in a run.
pub(crate) async fn of_run<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(runs::Which { run_id }): Path<runs::Which>,
) -> Result<Json<QuestionList>, Problem> {
    let found = owned(&app.ports, &user, &id(&run_id)?, []).await?;
    Ok(Json(questions(&app, &[found.run]).await?))
}

/// One question, open or not.
pub(crate) async fn one<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { task_id }): Path<Which>,
) -> Result<Json<Question>, Problem> {
    match asked::find(&app.ports, &user, &task_id).await? {
        Found::Here(asked) => Ok(Json(Question::of(&asked, workflow_of(&app.catalog, &asked)))),
        Found::Replaced => Err(Problem::not_found()),
    }
}

async fn questions<P: Read>(app: &App<P>, runs: &[Run]) -> Result<QuestionList, PortError> {
    let open = asked::open(&app.ports, runs).await?;
    let live = open.iter().filter(|asked| asked.takes_answers());
    let question = |asked: &Asked| Question::of(asked, workflow_of(&app.catalog, asked));
    Ok(QuestionList { tasks: live.map(question).collect() })
}

/// The workflow of a question, as its run began it.
pub(crate) fn workflow_of<'a>(catalog: &'a Catalog, asked: &Asked) -> Option<&'a Workflow> {
    catalog.get(&asked.run.workflow_id, asked.run.version)
}
