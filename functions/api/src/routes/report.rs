//! `GET /runs/{run_id}/report`: what a run has done, undone and left, as JSON or, for `Accept: text/plain`, as text alone.

use crate::app::{App, Shared};
use crate::asked::Asked;
use crate::caller::{Caller, Owned, id, owned};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::runs::Which;
use crate::view::RunReport;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use engine::{Run, StepRecord, Task};
use events::{RunId, UserId, WorkflowEvent};
use jiff::tz::TimeZone;
use ports::{Key, List, Listing, PortError, Read, Record, Slot};
use std::collections::BTreeMap;

/// Events read at a time.
const PAGE: usize = 200;

/// Pages of events that a report tells at most; a run has far fewer.
const PAGES: usize = 10;

/// Reports.
pub(crate) async fn report<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let report = of(&app, &user, Which { run_id }).await?;
    if wants_text(&headers) {
        return Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], report.text).into_response());
    }
    Ok(Json(report).into_response())
}

/// The report itself.
pub(crate) async fn of<P: Outside>(app: &App<P>, user: &UserId, which: Which) -> Result<RunReport, Problem> {
    let run_id: RunId = id(&which.run_id)?;
    let Owned { run, others, .. } = owned(&app.ports, user, &run_id, [Key::Card(run_id.clone())]).await?;
    let card = others.into_iter().find_map(|it| match it.record {
        Record::Card(card) => Some(card),
        _ => None,
    });
    let (records, tasks) = details(app, &run).await?;
    let events = events(&app.ports, &run_id).await?;
    let workflow = app.catalog.get(&run.workflow_id, run.version);
    let asks = |task: &Task, run: &Run| {
        let asked = Asked { run: run.clone(), task: task.clone(), rev: 0, records: BTreeMap::new() };
        task.open && asked.takes_answers()
    };
    let tasks: Vec<Task> = tasks.into_iter().filter(|task| asks(task, &run)).collect();
    let today = app.ports.now().to_zoned(TimeZone::UTC).date();
    Ok(RunReport::of(&run, workflow, &records, &tasks, &events, card, today))
}

/// Whether the caller asks for text before anything else.
fn wants_text(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    accept.trim_start().starts_with("text/plain")
}

/// What its steps have done, and what is to be reversed by hand.
async fn details<P: Read>(app: &App<P>, run: &Run) -> Result<(Vec<StepRecord>, Vec<Task>), PortError> {
    let keys: Vec<Key> = run
        .steps
        .keys()
        .flat_map(|step| {
            let (run, step) = (run.run_id.clone(), step.clone());
            [Key::Step(run.clone(), step.clone()), Key::Task(run, step, Slot::Undo)]
        })
        .collect();
    let (mut records, mut tasks) = (Vec::new(), Vec::new());
    for stored in app.ports.read(&keys).await? {
        match stored.record {
            Record::Step(record) => records.push(record),
            Record::Task(task) => tasks.push(task),
            _ => {}
        }
    }
    Ok((records, tasks))
}

async fn events(ports: &impl List, run: &RunId) -> Result<Vec<WorkflowEvent>, PortError> {
    let (mut events, mut after) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = ports.list(Listing::Events(run.clone()), after, PAGE).await?;
        let full = page.len() == PAGE;
        after = page.last().map(|it| it.record.key().sk());
        events.extend(page.into_iter().filter_map(|stored| match stored.record {
            Record::Event(event) => Some(event),
            _ => None,
        }));
        if !full {
            break;
        }
    }
    Ok(events)
}
