//! The first page: what waits for the user, what is under way, and what is recommended with its reasons.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{Page, Part};
use crate::console::promise;
use crate::console::site::Site;
use crate::console::told::{self, Seen};
use crate::console::words::{self, amount};
use crate::outside::Outside;
use crate::page::Page as Slice;
use crate::problem::Problem;
use crate::routes::{catalog, consents, history, recommendations, runs, selections, tasks};
use crate::view::{
    ConsentState, DeclineRequest, DeclinedView, Question, RecommendationView, RunLine, SelectionRequest,
    WorkflowLine,
};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use events::{RecommendationId, RecommendedAction, SimulationCompleted, WorkflowId};
use jiff::SignedDuration;
use maud::{Markup, html};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// As many as a list gives at once: recommendations are few.
const ALL: Slice = Slice { after: None, limit: 200 };

/// Runs that are looked through for those under way.
const LATEST: Slice = Slice { after: None, limit: 20 };

/// How long what was declined is shown so: as long as it is not suggested.
const LEFT_ALONE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the page is made of.
#[derive(Serialize)]
struct Home {
    recommendation: Option<RecommendationView>,
    workflows: Vec<WorkflowLine>,
    /// The consents that hold.
    allowed: BTreeSet<String>,
    /// The questions that wait, and were not put off.
    tasks: Vec<Question>,
    runs: Vec<RunLine>,
    /// What was lately declined.
    declined: Vec<DeclinedView>,
}

impl Home {
    fn workflow(&self, id: &WorkflowId) -> Option<&WorkflowLine> {
        self.workflows.iter().find(|it| it.workflow_id == *id)
    }
}

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let home = load(&app, &caller).await?;
    let body = html! { h1 { "Your household" } (content(&app.site, &home, &told::version(&home)?, &key()?)) };
    Ok(Page::new(Part::Home, "Home", body))
}

/// The part that changes; nothing where nothing has changed.
pub(super) async fn card<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Query(known): Query<Seen>,
) -> Result<Response, Problem> {
    let home = load(&app, &caller).await?;
    let version = told::version(&home)?;
    if version == known.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(content(&app.site, &home, &version, &key()?)).into_response())
}

fn content(site: &Site, home: &Home, version: &str, key: &str) -> Markup {
    let refresh = site.href(&format!("/card?seen={version}"));
    html! {
        // Whatever run changes is shown here.
        div #home data-run="*" data-live[!home.runs.is_empty()] hx-get=(refresh) hx-trigger="run-changed" hx-swap="morph:outerHTML" hx-ext="morph" {
            (waiting(site, &home.tasks))
            (under_way(site, &home.runs))
            @match &home.recommendation {
                Some(recommendation) => {
                    @if let Some(simulation) = &recommendation.simulation { (figures(simulation)) }
                    (recommended(site, home, recommendation, key))
                },
                None => (nothing_yet()),
            }
        }
    }
}

async fn load<P: Outside>(app: &Shared<P>, caller: &Caller) -> Result<Home, Problem> {
    let state = || State(app.clone());
    let known = recommendations::list(state(), caller.clone(), ALL).await?.0.recommendations;
    let newest = known.into_iter().max_by_key(|it| it.made_at);
    let recommendation = match newest {
        Some(line) => {
            let which = recommendations::Which { recommendation_id: line.recommendation_id.to_string() };
            Some(recommendations::one(state(), caller.clone(), Path(which)).await?.0)
        }
        None => None,
    };
    let consents = consents::list(state(), caller.clone()).await?.0.consents;
    let allowed = consents.into_iter().filter(|it| it.state == ConsentState::Granted).map(|it| it.scope);
    let runs = runs::list(state(), caller.clone(), LATEST).await?.0.runs;
    let tasks = tasks::open(state(), caller.clone()).await?.0.tasks;
    let declined = history::declines(state(), caller.clone()).await?.0.declined;
    let now = app.ports.now();
    Ok(Home {
        recommendation,
        workflows: catalog::list(state(), caller.clone()).await.0.workflows,
        allowed: allowed.collect(),
        tasks: tasks.into_iter().filter(|it| !it.is_put_off(now)).collect(),
        runs: runs.into_iter().filter(|it| !it.status.has_ended()).collect(),
        declined: declined.into_iter().filter(|it| it.at + LEFT_ALONE > now).collect(),
    })
}

fn waiting(site: &Site, tasks: &[Question]) -> Markup {
    html! {
        @if !tasks.is_empty() {
            section.panel.asks aria-labelledby="waiting" {
                h2 #waiting { @if tasks.len() == 1 { "One thing waits for you" } @else { (tasks.len()) " things wait for you" } }
                ul.plain {
                    @for task in tasks {
                        li {
                            a href=(site.href(&format!("/tasks/{}", task.request.task_id))) { (task.request.prompt) }
                            @if !words::is_for_good(task.request.deadline) { span.quiet { " \u{b7} until " (words::time(task.request.deadline)) } }
                        }
                    }
                }
                p { a.button.primary href=(site.href("/tasks")) { "Answer now" } }
            }
        }
    }
}

fn under_way(site: &Site, runs: &[RunLine]) -> Markup {
    html! {
        @if !runs.is_empty() {
            section aria-labelledby="under-way" {
                h2 #under-way { "Under way" }
                ul.cards {
                    @for run in runs {
                        li.card {
                            div.row { h3 { a href=(site.href(&format!("/runs/{}", run.run_id))) { (run.name) } } (words::ending(run.status, run.stopping)) }
                            (bar(run.progress, &run.name))
                            @if let Some(reason) = &run.reason { p.quiet { (reason) } }
                        }
                    }
                }
            }
        }
    }
}

/// A progress bar with its number.
pub(crate) fn bar(percent: u8, what: &str) -> Markup {
    html! {
        div.bar { progress max="100" value=(percent) aria-label=(format!("{what}: {percent} percent")) {} span aria-hidden="true" { (percent) " %" } }
    }
}

fn figures(simulation: &SimulationCompleted) -> Markup {
    let balance = simulation.monthly_income.sub(simulation.monthly_outflow).ok();
    html! {
        section.panel.stand aria-labelledby="figures" {
            h2.eyebrow #figures { "Where you stand, as of " (words::date(simulation.as_of)) }
            dl.figures {
                div.big { dt { "Your money lasts for" } dd { (format!("{:.1}", simulation.runway_months)) span.unit { " months" } } }
                div { dt { "Available now" } dd { (amount(simulation.liquid)) } }
                div { dt { "Monthly income" } dd { (amount(simulation.monthly_income)) } }
                div { dt { "Monthly spending" } dd { (amount(simulation.monthly_outflow)) } }
                @if let Some(balance) = balance { div { dt { "Left over each month" } dd { (amount(balance)) } } }
            }
        }
    }
}

fn recommended(site: &Site, home: &Home, recommendation: &RecommendationView, key: &str) -> Markup {
    let suggestion = |action| Suggestion {
        site,
        home,
        recommendation,
        action,
        workflow: home.workflow(&action.workflow_id),
        key,
    };
    html! {
        section aria-labelledby="recommended" {
            h2 #recommended { "What we recommend" }
            @if recommendation.actions.is_empty() {
                div.panel.empty { p { b { "Nothing needs doing." } } p.quiet { "None of your figures asks for a change at the moment." } }
            } @else {
                ol.cards.two {
                    @for action in &recommendation.actions {
                        li.card { (suggestion(action).card()) }
                    }
                }
            }
            (not_triggered(home, recommendation))
        }
    }
}

/// An action that is recommended, with what starting it takes.
struct Suggestion<'a> {
    site: &'a Site,
    home: &'a Home,
    recommendation: &'a RecommendationView,
    action: &'a RecommendedAction,
    workflow: Option<&'a WorkflowLine>,
    key: &'a str,
}

impl Suggestion<'_> {
    fn card(&self) -> Markup {
        let Self { site, home, action, workflow, .. } = *self;
        html! {
            p.eyebrow { (words::category(action.category)) }
            h3 { (action.name) }
            @if let Some(workflow) = workflow { p { (workflow.description) } }
            h4 { "Why" }
            ul.reasons { @for reason in &action.reasons { li { (reason) } } }
            @if let Some(workflow) = workflow { (what_happens(workflow)) }
            @match home.runs.iter().find(|it| it.workflow_id == action.workflow_id) {
                Some(run) => p.notice { "Under way: " a href=(site.href(&format!("/runs/{}", run.run_id))) { "see " (action.name) } },
                None if !action.available => p.notice { "This one is planned and cannot be started yet." },
                None => (self.start()),
            }
        }
    }

    /// Starting it, what it needs first, and saying that it is not wanted.
    fn start(&self) -> Markup {
        let Self { site, home, recommendation, action, workflow, key } = *self;
        let missing =
            || workflow.into_iter().flat_map(|it| &it.consents).filter(|it| !home.allowed.contains(*it));
        html! {
            @if missing().next().is_some() {
                div.notice.asks {
                    p { "It needs your consent first: " }
                    ul { @for scope in missing() { li { (words::consent(scope)) } } }
                    p { a href=(site.href("/consents")) { "Review permissions" } }
                }
            }
            form method="post" action=(site.href("/runs")) {
                input type="hidden" name="recommendation_id" value=(recommendation.recommendation_id);
                input type="hidden" name="workflow_id" value=(action.workflow_id);
                input type="hidden" name="key" value=(key);
                button.primary type="submit" { "Start " (action.name) }
            }
            (self.decline())
            p.quiet.small { "It asks before each change that costs or binds you." @if let Some(workflow) = workflow { " " (promise::of(&workflow.steps)) } }
        }
    }

    /// Saying that it is not wanted, or that this was said.
    fn decline(&self) -> Markup {
        let Self { site, home, recommendation, action, .. } = *self;
        html! {
            @match home.declined.iter().find(|it| it.workflow_id == action.workflow_id) {
                Some(declined) => p.notice { "You declined this " (words::time(declined.at)) ". It is not suggested for 30 days; you can start it all the same." },
                None => form method="post" action=(site.href("/declines")) {
                    input type="hidden" name="recommendation_id" value=(recommendation.recommendation_id);
                    input type="hidden" name="workflow_id" value=(action.workflow_id);
                    button.link type="submit" { "Not for me" span.hidden { ": " (action.name) } }
                },
            }
        }
    }
}

fn what_happens(workflow: &WorkflowLine) -> Markup {
    html! {
        p.quiet { (workflow.estimated_impact) " Takes " (words::left(workflow.min_seconds, workflow.max_seconds)) "." }
        details {
            summary { "What happens, step by step" }
            ol.steps {
                @for step in &workflow.steps {
                    li { b { (step.name) } " " span.quiet { (kind(step.kind)) } br; (step.description) }
                }
            }
        }
    }
}

fn kind(kind: statemachines::StepKind) -> &'static str {
    match kind {
        statemachines::StepKind::Automated => "by itself",
        statemachines::StepKind::SemiAutomated => "asks you first",
        statemachines::StepKind::Manual => "guides you",
    }
}

fn not_triggered(home: &Home, recommendation: &RecommendationView) -> Markup {
    let name =
        |id: &WorkflowId| home.workflow(id).map_or_else(|| words::title(id.as_str()), |it| it.name.clone());
    html! {
        @if !recommendation.not_triggered.is_empty() {
            details {
                summary { "What we looked at and do not recommend" }
                dl.lines { @for it in &recommendation.not_triggered { div { dt { (name(&it.workflow_id)) } dd { (it.reason) } } } }
            }
        }
    }
}

fn nothing_yet() -> Markup {
    html! {
        section.panel.empty aria-labelledby="nothing" {
            h2 #nothing { "Nothing to recommend yet" }
            p { "As soon as your figures have been looked at, what is worth doing appears here, with the reasons." }
        }
    }
}

/// A key that nobody has used: the same form sent twice starts one run.
fn key() -> Result<String, Problem> {
    let mut bytes = [0; 12];
    let busy =
        |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This cannot be served at the moment; try again.");
    SystemRandom::new().fill(&mut bytes).map_err(busy)?;
    Ok(bytes.iter().fold("console:".to_owned(), |text, byte| format!("{text}{byte:02x}")))
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    recommendation_id: RecommendationId,
    workflow_id: WorkflowId,
    key: String,
}

/// Starts a run, and shows it.
pub(super) async fn select<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Form(choice): Form<Choice>,
) -> Result<Redirect, Problem> {
    let request = SelectionRequest {
        recommendation_id: choice.recommendation_id,
        workflow_id: choice.workflow_id,
        idempotency_key: choice.key,
    };
    let (_, result) = selections::select(State(app.clone()), caller, Body::checked(&request)?).await?;
    Ok(Redirect::to(&app.site.href(&format!("/runs/{}", result.0.run_id))))
}

/// What the form of a recommendation that is not wanted sends.
#[derive(Deserialize)]
pub(super) struct Unwanted {
    recommendation_id: RecommendationId,
    workflow_id: WorkflowId,
}

/// Notes that a workflow is not wanted.
pub(super) async fn decline_it<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Form(Unwanted { recommendation_id, workflow_id }): Form<Unwanted>,
) -> Result<Redirect, Problem> {
    let which = history::Which { recommendation_id: recommendation_id.to_string() };
    let request = Body::checked(&DeclineRequest { workflow_id })?;
    let _declined = history::decline(State(app.clone()), caller, Path(which), request).await?;
    Ok(Redirect::to(&app.site.href("")))
}
