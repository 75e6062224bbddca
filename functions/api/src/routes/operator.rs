//! `/operator/…`: for members of the user pool's group `operators` alone.

use super::history::all;
use super::{NOTHING, WHO, WRONG, failures};
use crate::app::Shared;
use crate::body::Body;
use crate::caller::Operator;
use crate::openapi::operation;
use crate::outside::Outside;
use crate::page::Page;
use crate::problem::Problem;
use crate::view::{AsksForHelp, EndedLine, Kept, KeptList, LiveRun, LiveRuns, Overview, ReplayRequest};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::{EndedRun, Out, Run, RunStatus, StepEntry, StepStatus, Task, Unread, restated};
use events::RunId;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ports::{CommitError, FindDue, Key, Listing, Record, Stored, Write};
use shell::bus::is_bus_event;
use std::collections::{BTreeMap, BTreeSet};

/// Records looked at for runs under way and open questions: every one of them is due some time.
const MOST: usize = 1_000;

/// Days that the overview looks back.
const DAYS: i32 = 7;

/// Failures that the overview tells one by one.
const FAILURES: usize = 50;

/// Who can be handed a kept event again.
const READERS: [&str; 9] =
    ["recommend", "start", "dispatch", "card", "completion", "push", "in-app", "email", "sms"];

/// Who keeps records of the stream that could not be told of.
const PUBLISH: &str = "publish";

/// For those who operate the system: members of the user pool's group `operators`.
pub(super) fn routes<P: Outside>() -> ApiRouter<Shared<P>> {
    let only = (403, "The caller does not operate the system.");
    ApiRouter::new()
        .api_route(
            "/operator/overview",
            get_with(overview::<P>, move |op| {
                let summary = "Runs by state, the oldest waiting, and failures by class of the last week";
                operation(op, "get_overview", summary, &[WHO, only])
            }),
        )
        .api_route(
            "/operator/runs",
            get_with(runs::<P>, move |op| {
                operation(op, "list_live_runs", "Every run under way, whoever's", &[WHO, only])
            }),
        )
        .api_route(
            "/operator/failures",
            get_with(failures::list::<P>, move |op| {
                let summary = "What no retry could handle, with reason, age and how often it was tried";
                operation(op, "list_failures", summary, &[WHO, only])
            }),
        )
        .api_route(
            "/operator/failures/replay",
            post_with(failures::replay::<P>, move |op| {
                let unfit = (422, "There is nobody to hand it to.");
                let summary = "Hand something that was given up on to its function once more";
                operation(op, "replay_failure", summary, &[WRONG, WHO, only, NOTHING, unfit])
            }),
        )
        .api_route(
            "/operator/kept",
            get_with(kept::<P>, move |op| {
                let summary = "What came in and could not be read, with the reason";
                operation(op, "list_kept", summary, &[WRONG, WHO, only])
            }),
        )
        .api_route(
            "/operator/kept/replay",
            post_with(replay::<P>, move |op| {
                let unfit = (422, "Nothing reads it again.");
                let summary = "Hand something that was kept to its reader once more";
                operation(op, "replay_kept", summary, &[WRONG, WHO, only, NOTHING, unfit])
            }),
        )
}

/// Every run under way.
pub(crate) async fn runs<P: Outside>(
    State(app): State<Shared<P>>,
    Operator(_): Operator,
) -> Result<Json<LiveRuns>, Problem> {
    live(&app.ports).await.map(Json)
}

async fn live(table: &impl FindDue) -> Result<LiveRuns, Problem> {
    let due = table.find_due(Timestamp::MAX, MOST).await?;
    let more = due.len() == MOST;
    let (mut runs, mut tasks): (Vec<LiveRun>, Vec<Task>) = Default::default();
    for stored in due {
        match stored.record {
            Record::Run(run) => runs.push(line(&run)),
            Record::Task(task) => tasks.push(task),
            _ => {}
        }
    }
    for run in &mut runs {
        let asked = tasks.iter().filter(|task| task.run_id == run.run_id).filter_map(asks_for_help);
        run.asks_for_help.extend(asked);
    }
    runs.sort_by(|a, b| a.queued_at.cmp(&b.queued_at).then(a.run_id.cmp(&b.run_id)));
    Ok(LiveRuns { runs, more })
}

fn line(run: &Run) -> LiveRun {
    // A run that is being ended waits for nobody.
    let waits = |entry: &&StepEntry| entry.status == StepStatus::WaitingUser && run.ending.is_none();
    let waiting = run.steps.values().filter(waits);
    LiveRun {
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        workflow_id: run.workflow_id.clone(),
        version: run.version,
        status: run.status.into(),
        progress: run.progress,
        epoch: run.epoch,
        queued_at: run.queued_at,
        waiting_since: waiting.filter_map(|entry| entry.started_at).min(),
        asks_for_help: Vec::new(),
    }
}

/// That a question's user asks for help with it, and has not done without.
fn asks_for_help(task: &Task) -> Option<AsksForHelp> {
    let help = task.help.as_ref().filter(|_| task.open && task.answer.is_none())?;
    Some(AsksForHelp { step_id: task.step_id.clone(), since: help.at, note: help.note.clone() })
}

/// Runs by state, the oldest waiting, failures by class.
pub(crate) async fn overview<P: Outside>(
    State(app): State<Shared<P>>,
    Operator(_): Operator,
) -> Result<Json<Overview>, Problem> {
    let live = live(&app.ports).await?;
    use crate::view::RunStatus as Is;
    let waits = |run: &&LiveRun| {
        run.waiting_since.is_some() || matches!(run.status, Is::Queued | Is::Validating | Is::Ready)
    };
    let since = |run: &&LiveRun| run.waiting_since.unwrap_or(run.queued_at);
    let oldest = live.runs.iter().filter(waits).min_by_key(since).cloned();
    let ended = ended(&app, app.ports.now()).await?;
    let bad = |it: &&EndedRun| !matches!(it.status, RunStatus::Completed | RunStatus::Stopped);
    let class = |it: &EndedRun| it.class.map_or_else(|| "unknown".to_owned(), |class| class.to_string());
    Ok(Json(Overview {
        live: count(live.runs.iter().map(|run| format!("{:?}", run.status))),
        ended: count(ended.iter().map(|it| it.status.as_str().to_owned())),
        failures: count(ended.iter().filter(bad).map(class)),
        oldest_waiting: oldest,
        latest_failures: ended.iter().filter(bad).take(FAILURES).cloned().map(EndedLine::from).collect(),
    }))
}

/// The runs that ended in the last days, the latest first; each as it ended last.
async fn ended<P: Outside>(app: &Shared<P>, now: Timestamp) -> Result<Vec<EndedRun>, Problem> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let (mut ended, mut seen) = (Vec::new(), BTreeSet::new());
    for back in 0..DAYS {
        let Ok(day) = today.checked_sub(back.days()) else { break };
        let listed = all(&app.ports, Listing::Ended(day)).await?;
        ended.extend(listed.into_iter().filter_map(|it| match it.record {
            Record::Ended(it) if seen.insert(it.run_id.clone()) => Some(it),
            _ => None,
        }));
    }
    Ok(ended)
}

fn count(names: impl Iterator<Item = String>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// What came in and could not be read.
pub(crate) async fn kept<P: Outside>(
    State(app): State<Shared<P>>,
    Operator(_): Operator,
    page: Page,
) -> Result<Json<KeptList>, Problem> {
    let stored = app.ports.list(Listing::Unread, page.after, page.limit).await?;
    let next = stored.last().filter(|_| stored.len() == page.limit).map(|it| it.record.key().sk());
    let kept = stored.into_iter().filter_map(|it| match it.record {
        Record::Unread(it) => Some(Kept::of(it, is_replayable)),
        _ => None,
    });
    Ok(Json(KeptList { kept: kept.collect(), next }))
}

/// Hands something that was kept to its reader once more. A record of the stream that could not be told of is told from the state that
/// its run is in now.
pub(crate) async fn replay<P: Outside>(
    State(app): State<Shared<P>>,
    Operator(operator): Operator,
    Body(request): Body<ReplayRequest>,
) -> Result<Json<Kept>, Problem> {
    let key = Key::Unread(format!("{}#{}", request.reader, request.id));
    let Some(Stored { record: Record::Unread(mut unread), rev, .. }) = app.ports.read(&[key]).await?.pop()
    else {
        return Err(Problem::not_found());
    };
    if !is_replayable(&unread) {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Nothing reads it again."));
    }
    match run_of(&unread) {
        Some(run_id) => republish(&app, run_id).await?,
        None => {
            let reader = unread.reader.as_str();
            app.ports.invoke(reader, &unread.event).await.map_err(|error| {
                let detail = format!("{reader} cannot read it: {}", error.class);
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
            })?;
        }
    }
    tracing::info!(operator = %operator, reader = unread.reader, "something that was kept was replayed");
    unread.replayed_at = Some(app.ports.now());
    match app.ports.commit(vec![Write::update(Record::Unread(unread.clone()), rev)]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => Ok(Json(Kept::of(unread, is_replayable))),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// Whether something that was kept can be handed over again: its reader reads events, and it is a whole one; or it is a run's record,
/// whose state can be told.
fn is_replayable(unread: &Unread) -> bool {
    let is_read = READERS.contains(&unread.reader.as_str()) && is_bus_event(&unread.event);
    is_read || run_of(unread).is_some()
}

/// The run whose record of the stream could not be told of.
fn run_of(unread: &Unread) -> Option<RunId> {
    let pk = unread.event.pointer("/pk/S").filter(|_| unread.reader == PUBLISH)?;
    RunId::parse(pk.as_str()?.strip_prefix("RUN#")?).ok()
}

/// Tells the state that a run is in: what its lost events came to.
async fn republish<P: Outside>(app: &Shared<P>, run_id: RunId) -> Result<(), Problem> {
    let Some(Stored { record: Record::Run(run), rev, .. }) = app.ports.read(&[Key::Run(run_id)]).await?.pop()
    else {
        return Err(Problem::not_found());
    };
    let event = restated(&run);
    match app.ports.commit(vec![Write::update(Record::Run(run), rev).telling([Out::Run(event)])]).await {
        Ok(()) => Ok(()),
        // It has changed just now, and told of that.
        Err(CommitError::Conflict { .. }) => Ok(()),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}
