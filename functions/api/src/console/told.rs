//! Questions with what became of the answers to them, for whichever page shows them.

use crate::app::{App, Shared};
use crate::caller::Caller;
use crate::console::assets;
use crate::console::layout::encoded;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::{preferences, report, runs, tasks};
use crate::view::{ItemOutcome, Question, ReportItem, RunReport};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use events::{Answer, RunId};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A question with what became of what was decided on it.
pub(crate) struct Told {
    /// The question.
    pub question: Question,
    /// What became of the items that were decided on, as the run's report has it.
    pub outcomes: Vec<ReportItem>,
    /// The zone of its reader's clock.
    pub zone: TimeZone,
}

impl Told {
    /// Whether something may still change: it waits, or what was approved is under way.
    pub(crate) fn is_awaited(&self) -> bool {
        let under_way = |it: &ReportItem| matches!(it.outcome, ItemOutcome::Open | ItemOutcome::InDoubt);
        let approved = self.question.decisions.iter().any(|it| matches!(it.answer, Answer::Approve { .. }));
        self.question.open || (approved && self.outcomes.iter().any(under_way))
    }

    /// Where it belongs: its workflow and step.
    pub(crate) fn place(&self) -> String {
        format!("{}: {}", self.question.workflow, self.question.step)
    }

    /// What of it makes one version differ from another.
    pub(crate) fn shown(&self) -> (&Question, &[ReportItem]) {
        (&self.question, &self.outcomes)
    }
}

/// What a page knows already.
#[derive(Default, Deserialize)]
pub(crate) struct Seen {
    /// The version that it shows.
    #[serde(default)]
    pub seen: String,
    /// The questions that it shows, by their names and with commas.
    #[serde(default)]
    pub kept: String,
}

/// Names what is shown: the same name, the same content.
pub(crate) fn version(shown: &impl Serialize) -> Result<String, Problem> {
    let shown = serde_json::to_vec(shown).map_err(|error| Problem::internal(&error))?;
    Ok(assets::hash(&shown))
}

/// One question of the caller's.
pub(crate) async fn one<P: Outside>(
    app: &Shared<P>,
    caller: &Caller,
    task_id: &str,
) -> Result<Question, Problem> {
    let which = tasks::Which { task_id: task_id.to_owned() };
    Ok(tasks::one(State(app.clone()), caller.clone(), Path(which)).await?.0)
}

/// The most questions that stay on a page after they were answered.
const KEPT: usize = 20;

/// The open questions of a page. What it shows already keeps its place, also when it waits no longer: so whoever approved sees what came
/// of it; but for what is left out.
pub(crate) async fn keeping<P: Outside>(
    app: &Shared<P>,
    caller: &Caller,
    known: &Seen,
    mut open: Vec<Question>,
    left_out: &[Question],
) -> Result<Vec<Question>, Problem> {
    let mut shown = Vec::new();
    for id in known.kept.split(',').filter(|it| !it.is_empty()).take(KEPT) {
        let is_it = |it: &Question| it.request.task_id.as_str() == id;
        if let Some(place) = open.iter().position(is_it) {
            shown.push(open.remove(place));
        } else if !left_out.iter().any(is_it) {
            match one(app, caller, id).await {
                Ok(question) => shown.push(question),
                // It was asked anew.
                Err(problem) if problem.status == StatusCode::NOT_FOUND.as_u16() => {}
                Err(problem) => return Err(problem),
            }
        }
    }
    shown.extend(open);
    Ok(shown)
}

/// What a page's refresh says of what it shows: the same questions, and the version.
pub(crate) fn seen(version: &str, told: &[Told]) -> String {
    let ids: Vec<_> = told.iter().map(|it| it.question.request.task_id.as_str()).collect();
    format!("seen={version}&kept={}", encoded(&ids.join(",")))
}

/// Questions of the caller's with what became of the answers to them.
pub(crate) async fn all<P: Outside>(
    app: &Shared<P>,
    caller: &Caller,
    questions: Vec<Question>,
) -> Result<Vec<Told>, Problem> {
    // Only what is done by hand has times that its user chooses.
    let by_hand = questions.iter().any(|it| it.arranged.is_some());
    let zone = if by_hand { zone(app, caller).await? } else { TimeZone::UTC };
    let mut reports: BTreeMap<RunId, RunReport> = BTreeMap::new();
    let mut told = Vec::with_capacity(questions.len());
    for question in questions {
        let run = &question.request.run_id;
        if question.decisions.iter().any(|it| it.item_id.is_some()) && !reports.contains_key(run) {
            let which = runs::Which { run_id: run.to_string() };
            reports.insert(run.clone(), report::of(app, &caller.0, which).await?);
        }
        let outcomes = reports.get(run).map(|report| outcomes(&question, report)).unwrap_or_default();
        told.push(Told { question, outcomes, zone: zone.clone() });
    }
    Ok(told)
}

/// What became of the items that were decided on.
fn outcomes(question: &Question, report: &RunReport) -> Vec<ReportItem> {
    let decided =
        |item: &&ReportItem| question.decisions.iter().any(|it| it.item_id.as_ref() == Some(&item.item_id));
    let step = report.steps.iter().find(|it| it.step_id == question.request.step_id);
    step.into_iter().flat_map(|it| &it.items).filter(decided).cloned().collect()
}

/// The zone of the caller's clock.
pub(crate) async fn zone<P: Outside>(app: &App<P>, caller: &Caller) -> Result<TimeZone, Problem> {
    Ok(preferences::read(app, &caller.0).await?.0.zone())
}
