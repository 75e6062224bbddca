//! `GET /runs`, `GET /runs/{run_id}` and `GET /runs/{run_id}/events`.

use crate::app::Shared;
use crate::caller::{Caller, id, owned};
use crate::outside::Outside;
use crate::page::Page;
use crate::problem::{FieldError, Problem};
use crate::view::{Completion, RunCard, RunLine, RunList};
use axum::Json;
use axum::extract::{Path, State};
use events::{RunId, WorkflowEvent};
use jiff::tz::TimeZone;
use ports::{Key, Listing, Record};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Which run.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// The run.
    pub(crate) run_id: String,
}

/// Events of a run, and where to go on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct EventList {
    /// The events of this page, by number.
    pub events: Vec<WorkflowEvent>,
    /// The numbers of those that this version cannot read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<u64>,
    /// What to ask for as `after` to see more, now or later.
    pub next: u64,
}

/// A page of the caller's runs, the newest first.
pub(crate) async fn list<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    page: Page,
) -> Result<Json<RunList>, Problem> {
    let list = Listing::UserRuns(user.clone());
    let (_, prefix) = list.partition();
    let after = page.after.map(|after| format!("{prefix}{after}"));
    let lines = app.ports.list(list, after, page.limit).await?;
    let last = lines.last().filter(|_| lines.len() == page.limit).map(|stored| stored.record.key().sk());
    let next = last.and_then(|key| key.strip_prefix(prefix).map(str::to_owned));
    let ids: Vec<RunId> = lines
        .into_iter()
        .filter_map(|stored| match stored.record {
            Record::UserRun(it) => Some(it.run_id),
            _ => None,
        })
        .collect();
    let keys: Vec<_> = ids.iter().cloned().map(Key::Run).collect();
    let mut found = HashMap::with_capacity(keys.len());
    for stored in app.ports.read(&keys).await? {
        match stored.record {
            Record::Run(run) if run.user_id == user => {
                let line = RunLine::of(&run, app.catalog.get(&run.workflow_id, run.version));
                found.insert(run.run_id, line);
            }
            _ => {}
        }
    }
    // How far the steps under way are, their cards know.
    let under_way = found.values().filter(|line: &&RunLine| !line.status.has_ended());
    let cards: Vec<_> = under_way.map(|line| Key::Card(line.run_id.clone())).collect();
    for stored in app.ports.read(&cards).await? {
        if let Record::Card(card) = stored.record
            && let Some(line) = found.get_mut(&card.run_id)
        {
            line.progress = line.progress.max(card.progress);
        }
    }
    let runs = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(Json(RunList { runs, next }))
}

/// The card of a run.
pub(crate) async fn one<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
) -> Result<Json<RunCard>, Problem> {
    let run_id: RunId = id(&run_id)?;
    let others = [Key::Card(run_id.clone()), Key::Completion(run_id.clone())];
    let found = owned(&app.ports, &user, &run_id, others).await?;
    let now = app.ports.now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut folded = None;
    let mut completion = None;
    for stored in found.others {
        match stored.record {
            Record::Card(card) => folded = Some(RunCard::folded(card, &found.run, found.seq, today)),
            Record::Completion(it) => completion = Some(Completion::at(it, &found.run, today)),
            _ => {}
        }
    }
    let workflow = app.catalog.get(&found.run.workflow_id, found.run.version);
    let card = folded.unwrap_or_else(|| RunCard::unfolded(&found.run, workflow, found.seq));
    let completion =
        completion.map(|it: Completion| Completion { impact: it.impact.with_realised(&card.impact), ..it });
    Ok(Json(RunCard { completion, ..card }.at(now)))
}

/// A page of a run's events.
pub(crate) async fn events<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { run_id }): Path<Which>,
    page: Page,
) -> Result<Json<EventList>, Problem> {
    let run_id: RunId = id(&run_id)?;
    let after = page.after.map_or(Ok(0), |after| after.parse::<u64>()).map_err(|_| {
        Problem::bad_request(vec![FieldError::new("after", "must be the number of an event")])
    })?;
    let found = owned(&app.ports, &user, &run_id, []).await?;
    let start = Key::Event(found.run.run_id.clone(), after).sk();
    let stored = app.ports.list(Listing::Events(run_id), Some(start), page.limit).await?;
    let (mut events, mut unread, mut next) = (Vec::new(), Vec::new(), after);
    for stored in stored {
        match stored.record {
            Record::Event(event) => {
                next = event.seq;
                events.push(event);
            }
            Record::UnreadEvent { seq, .. } => {
                next = seq;
                unread.push(seq);
            }
            _ => {}
        }
    }
    Ok(Json(EventList { events, unread, next }))
}
