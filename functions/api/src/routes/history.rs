//! `GET /impact`, `GET /achievements`, and what a user declines: `POST /recommendations/{recommendation_id}/declines`.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::{Caller, id};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::view::{AchievementsView, DeclineRequest, DeclinedView, DeclinesView, GoalShare, ImpactView};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::fold::nearer;
use engine::history::sums;
use engine::{Declined, Goal, RunImpact};
use events::UserId;
use indexmap::IndexMap;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ports::{CommitError, Guard, Key, List, Listing, Record, Stored, Write};
use schemars::JsonSchema;
use serde::Deserialize;
use statemachines::Catalog;

/// Records read at a time.
const PAGE: usize = 100;

/// How often a word is written again because another came meanwhile.
const TRIES: u32 = 8;

/// Which recommendation.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// The recommendation.
    pub(crate) recommendation_id: String,
}

/// What all runs of the caller have brought.
pub(crate) async fn impact<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<ImpactView>, Problem> {
    let runs: Vec<RunImpact> = all(&app.ports, Listing::Impacts(user.clone()))
        .await?
        .into_iter()
        .filter_map(|it| match it.record {
            Record::Impact(it) => Some(it),
            _ => None,
        })
        .collect();
    let mut goals = Vec::new();
    for stored in app.ports.read(&[Key::Goals(user)]).await? {
        if let Record::Goals(it) = stored.record {
            goals = it.goals;
        }
    }
    let today = app.ports.now().to_zoned(TimeZone::UTC).date();
    let shares = goals.iter().filter_map(|goal| share(&runs, goal, &app.catalog, today)).collect();
    let sums = sums(&runs, today);
    Ok(Json(ImpactView::of(runs, sums, shares, today)))
}

/// How near the runs of the workflows that serve a goal bring it.
fn share(runs: &[RunImpact], goal: &Goal, catalog: &Catalog, today: Date) -> Option<GoalShare> {
    let serves = |run: &&RunImpact| {
        catalog.latest(&run.workflow_id).is_some_and(|it| it.estimated_impact.goals.contains(&goal.kind))
    };
    let progress = nearer(&sums(runs.iter().filter(serves), today), goal)?;
    Some(GoalShare { name: progress.name, tenths_of_percent: progress.tenths_of_percent })
}

/// The caller's achievements, and those to come.
pub(crate) async fn achievements<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<AchievementsView>, Problem> {
    let stored = all(&app.ports, Listing::Achievements(user)).await?;
    let achieved = stored.into_iter().filter_map(|it| match it.record {
        Record::Achievement(it) => Some(it),
        _ => None,
    });
    Ok(Json(AchievementsView::of(achieved.collect())))
}

/// Everything that a listing has.
pub(super) async fn all(table: &impl List, list: Listing) -> Result<Vec<Stored>, Problem> {
    let mut found: Vec<Stored> = Vec::new();
    loop {
        let after = found.last().map(|it| it.record.key().sk());
        let page = table.list(list.clone(), after, PAGE).await?;
        let full = page.len() == PAGE;
        found.extend(page);
        if !full {
            return Ok(found);
        }
    }
}

/// The caller does not want a workflow of a recommendation: it is not suggested for 30 days, and after others later.
pub(crate) async fn decline<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { recommendation_id }): Path<Which>,
    Body(request): Body<DeclineRequest>,
) -> Result<Json<DeclinesView>, Problem> {
    let key = Key::Recommendation(user.clone(), id(&recommendation_id)?);
    let recommended = app.ports.read(&[key]).await?.pop().map(|it| it.record);
    let Some(Record::Recommendation(recommended)) = recommended else { return Err(Problem::not_found()) };
    if !recommended.actions.actions.iter().any(|it| it.workflow_id == request.workflow_id) {
        let detail = "This workflow was not recommended here.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    for _ in 0..TRIES {
        let (mut declined, guard) = declined(&app, &user).await?;
        declined.workflows.insert(request.workflow_id.clone(), app.ports.now());
        let write = Write { record: Record::Declined(declined.clone()), guard, out: Vec::new() };
        match app.ports.commit(vec![write]).await {
            Ok(()) => return Ok(Json(view(declined))),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Too much is being declined at once; try again."))
}

/// What the caller has declined.
pub(crate) async fn declines<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<DeclinesView>, Problem> {
    Ok(Json(view(declined(&app, &user).await?.0)))
}

async fn declined<P: Outside>(app: &Shared<P>, user: &UserId) -> Result<(Declined, Guard), Problem> {
    Ok(match app.ports.read(&[Key::Declined(user.clone())]).await?.pop() {
        Some(Stored { record: Record::Declined(it), rev, .. }) => (it, Guard::Rev(rev)),
        _ => (Declined { user_id: user.clone(), workflows: IndexMap::new() }, Guard::Absent),
    })
}

fn view(declined: Declined) -> DeclinesView {
    let line = |(workflow_id, at)| DeclinedView { workflow_id, at };
    DeclinesView { declined: declined.workflows.into_iter().map(line).collect() }
}
