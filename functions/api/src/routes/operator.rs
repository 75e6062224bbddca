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
use crate::view::{EndedLine, Kept, KeptList, LiveRun, LiveRuns, Overview, ReplayRequest};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::{EndedRun, Out, Run, RunStatus, StepStatus, Unread, restated};
use events::RunId;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ports::{CommitError, FindDue, Key, Listing, Record, Stored, Write};
use std::collections::BTreeMap;

/// Records looked at for runs under way: every one of them is due some time.
const MOST: usize = 1_000;

/// Days that the overview looks back.
const DAYS: i32 = 7;

/// Failures that the overview tells one by one.
const FAILURES: usize = 50;

/// Who can be handed a kept event again.
const READERS: [&str; 4] = ["recommend", "start", "card", "completion"];

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
    let runs = due.into_iter().filter_map(|it| match it.record {
        Record::Run(run) => Some(line(&run)),
        _ => None,
    });
    let mut runs: Vec<LiveRun> = runs.collect();
    runs.sort_by(|a, b| a.queued_at.cmp(&b.queued_at).then(a.run_id.cmp(&b.run_id)));
    Ok(LiveRuns { runs, more })
}

fn line(run: &Run) -> LiveRun {
    let waiting = run.steps.values().filter(|entry| entry.status == StepStatus::WaitingUser);
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
    }
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

/// The runs that ended in the last days, the latest first.
async fn ended<P: Outside>(app: &Shared<P>, now: Timestamp) -> Result<Vec<EndedRun>, Problem> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut ended = Vec::new();
    for back in 0..DAYS {
        let Ok(day) = today.checked_sub(back.days()) else { break };
        let listed = all(&app.ports, Listing::Ended(day)).await?;
        ended.extend(listed.into_iter().filter_map(|it| match it.record {
            Record::Ended(it) => Some(it),
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
        Record::Unread(it) => Some(Kept::from(it)),
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
    match unread.reader.as_str() {
        "publish" => republish(&app, &unread).await?,
        reader if READERS.contains(&reader) => {
            app.ports.invoke(reader, &unread.event).await.map_err(|error| {
                let detail = format!("{reader} cannot read it: {}", error.class);
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
            })?;
        }
        _ => {
            let detail = "Nothing reads it again.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
        }
    }
    tracing::info!(operator = %operator, reader = unread.reader, "something that was kept was replayed");
    unread.replayed_at = Some(app.ports.now());
    match app.ports.commit(vec![Write::update(Record::Unread(unread.clone()), rev)]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => Ok(Json(unread.into())),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// Tells the state that a run is in: what its lost events came to.
async fn republish<P: Outside>(app: &Shared<P>, unread: &Unread) -> Result<(), Problem> {
    let name = unread.event.pointer("/pk/S").and_then(|pk| pk.as_str()?.strip_prefix("RUN#"));
    let run_id = name.and_then(|name| RunId::parse(name).ok()).ok_or_else(|| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "It is of no run, whose state could be told.")
    })?;
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
