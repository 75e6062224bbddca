//! The action centre: everything that waits for the user, and each question on its own with what became of the answer.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{Page, Part, is_partial, problem_words};
use crate::console::site::Site;
use crate::console::task::arrangement;
use crate::console::{answering, assets, task, words};
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::{answers, arranging, report, runs, tasks};
use crate::view::{ArrangeRequest, ItemOutcome, Question, ReportItem};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use events::Answer;
use maud::{Markup, html};
use serde::Deserialize;

/// A question with what became of the answers.
struct Told {
    question: Question,
    outcomes: Vec<ReportItem>,
    version: String,
}

/// All that wait.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let all = tasks::open(State(app.clone()), caller).await?.0.tasks;
    let (later, open): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.is_put_off(app.ports.now()));
    let body = html! {
        h1 { "To do" }
        @if open.is_empty() {
            div.panel.empty {
                p { b { "Nothing waits for you" @if !later.is_empty() { " now" } "." } }
                p.quiet { "When a run needs a decision, it stands here and you are told." }
                p { a.button href=(app.site.href("/runs")) { "See your runs" } }
            }
        }
        @for it in &open {
            section.panel {
                p.eyebrow { a href=(app.site.href(&format!("/runs/{}", it.request.run_id))) { "The run it belongs to" } }
                (task::question(&app.site, it, &[], None))
            }
        }
        (put_off(&app.site, &later))
    };
    Ok(Page::new(Part::Tasks, "To do", body))
}

/// What the user put off, until when; it is back among the others then.
fn put_off(site: &Site, later: &[Question]) -> Markup {
    html! {
        @if !later.is_empty() {
            section aria-labelledby="later" {
                h2 #later { "Put off" span.count { (later.len()) } }
                ul.cards {
                    @for it in later {
                        li.card {
                            h3 { a href=(site.href(&format!("/tasks/{}", it.request.task_id))) { (it.request.prompt) } }
                            p.quiet {
                                @if let Some(until) = it.arranged.as_ref().and_then(|it| it.snoozed_until) { "Back " (words::time(until)) " \u{b7} " }
                                "due " (words::time(it.request.deadline))
                            }
                        }
                    }
                }
            }
        }
    }
}

async fn load<P: Outside>(app: &Shared<P>, caller: &Caller, task_id: &str) -> Result<Told, Problem> {
    let which = tasks::Which { task_id: task_id.to_owned() };
    let question = tasks::one(State(app.clone()), caller.clone(), Path(which)).await?.0;
    let outcomes = outcomes(app, caller, &question).await?;
    let shown = serde_json::to_vec(&(&question, &outcomes)).map_err(|error| Problem::internal(&error))?;
    Ok(Told { version: assets::hash(&shown), question, outcomes })
}

/// What became of the items that were decided on, as the run's report has it.
async fn outcomes<P: Outside>(
    app: &Shared<P>,
    caller: &Caller,
    question: &Question,
) -> Result<Vec<ReportItem>, Problem> {
    if question.decisions.iter().all(|it| it.item_id.is_none()) {
        return Ok(Vec::new());
    }
    let which = runs::Which { run_id: question.request.run_id.to_string() };
    let report = report::of(app, &caller.0, which).await?;
    let step = report.steps.into_iter().find(|it| it.step_id == question.request.step_id);
    let decided =
        |item: &ReportItem| question.decisions.iter().any(|it| it.item_id.as_ref() == Some(&item.item_id));
    Ok(step.into_iter().flat_map(|it| it.items).filter(decided).collect())
}

/// One question on a page of its own.
pub(super) async fn one<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
) -> Result<Page, Problem> {
    let told = load(&app, &caller, &task_id).await?;
    Ok(page_of(&app, &told, None))
}

fn page_of<P: Outside>(app: &Shared<P>, told: &Told, said: Option<Markup>) -> Page {
    let run = app.site.href(&format!("/runs/{}", told.question.request.run_id));
    let body = html! {
        p.eyebrow { a href=(run) { "The run it belongs to" } }
        h1.hidden { "One thing to do" }
        (panel(app, told, said))
    };
    Page::new(Part::Tasks, "To do", body)
}

/// The question; it looks after itself as long as something is to come.
fn panel<P: Outside>(app: &Shared<P>, told: &Told, said: Option<Markup>) -> Markup {
    let id = &told.question.request.task_id;
    let refresh = app.site.href(&format!("/tasks/{id}/card?seen={}", told.version));
    html! {
        section.panel data-run=(told.question.request.run_id) data-live[is_awaited(told)] hx-get=(refresh) hx-trigger="run-changed" hx-swap="morph:outerHTML" hx-ext="morph" {
            (task::question(&app.site, &told.question, &told.outcomes, said))
        }
    }
}

/// Whether something may still change: it waits, or what was approved is under way.
fn is_awaited(told: &Told) -> bool {
    let under_way = |it: &ReportItem| matches!(it.outcome, ItemOutcome::Open | ItemOutcome::InDoubt);
    let approved = told.question.decisions.iter().any(|it| matches!(it.answer, Answer::Approve { .. }));
    told.question.open || (approved && told.outcomes.iter().any(under_way))
}

/// What the page knows already.
#[derive(Default, Deserialize)]
pub(super) struct Seen {
    #[serde(default)]
    seen: String,
}

/// The part that changes; nothing where nothing has changed.
pub(super) async fn card<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
    Query(seen): Query<Seen>,
) -> Result<Response, Problem> {
    let told = load(&app, &caller, &task_id).await?;
    if told.version == seen.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(panel(&app, &told, None)).into_response())
}

/// Answers; shows the question as it is then, and what stood in the way.
pub(super) async fn answer<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let which = Path(tasks::Which { task_id: task_id.clone() });
    let taken = match answering::answer(&fields) {
        Ok(answer) => {
            let said = said(&answer);
            answers::answer(State(app.clone()), caller.clone(), which, Body(answer)).await.map(|_| said)
        }
        Err(problem) => Err(problem),
    };
    shown(&app, &caller, &task_id, taken, is_partial(&headers)).await
}

/// What a form about a manual step sends.
#[derive(Deserialize)]
pub(super) struct Wishes {
    due: Option<String>,
    snooze_hours: Option<String>,
    hand_over: Option<String>,
}

/// Moves the due date of a manual step, snoozes it, or keeps a note.
pub(super) async fn arrange<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
    headers: HeaderMap,
    Form(wishes): Form<Wishes>,
) -> Result<Response, Problem> {
    let wrong = |field: &str| Problem::bad_request(vec![FieldError::new(field, "is not a value here")]);
    let due = wishes.due.map(|it| arrangement::end_of(&it).ok_or_else(|| wrong("due")));
    let now = app.ports.now();
    let snooze =
        wishes.snooze_hours.map(|it| arrangement::hours_from(now, &it).ok_or_else(|| wrong("snooze_hours")));
    let request = match (due.transpose(), snooze.transpose()) {
        (Ok(due), Ok(snooze_until)) => Ok(ArrangeRequest { due, snooze_until, hand_over: wishes.hand_over }),
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    let which = Path(tasks::Which { task_id: task_id.clone() });
    let taken = match request {
        Ok(request) => arranging::change(State(app.clone()), caller.clone(), which, Body(request)).await,
        Err(problem) => Err(problem),
    };
    shown(&app, &caller, &task_id, taken.map(|_| "Noted."), is_partial(&headers)).await
}

/// The question after an answer, or with what stood in the way of it.
async fn shown<P: Outside>(
    app: &Shared<P>,
    caller: &Caller,
    task_id: &str,
    taken: Result<&'static str, Problem>,
    partial: bool,
) -> Result<Response, Problem> {
    if taken.is_ok() && !partial {
        return Ok(Redirect::to(&app.site.href(&format!("/tasks/{task_id}"))).into_response());
    }
    let told = match load(app, caller, task_id).await {
        Ok(told) => told,
        // It was asked anew: the refusal is all that there is to show.
        Err(problem) => return Err(taken.err().unwrap_or(problem)),
    };
    let (status, words) = match &taken {
        Ok(said) => (StatusCode::OK, html! { p.notice.good role="status" { (said) } }),
        Err(problem) => (status_of(problem), problem_words(problem)),
    };
    let page = if partial {
        Page::partial(task::question(&app.site, &told.question, &told.outcomes, Some(words)))
    } else {
        page_of(app, &told, Some(words))
    };
    Ok((status, page).into_response())
}

fn status_of(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn said(answer: &Answer) -> &'static str {
    match answer {
        Answer::Approve { .. } => "Approved. It is done now; the result stands here in a moment.",
        Answer::Modify { .. } => "Noted. You are shown it again as it will be then.",
        Answer::Skip { .. } => "Left out.",
        Answer::Progress { .. } => "Noted.",
        Answer::Help { .. } => {
            "We have noted what is unclear. Go through the steps once more; help is on its way."
        }
        Answer::Done { .. } => "Thank you. It is being checked.",
        Answer::Continue { .. } => "Thank you. It goes on.",
        Answer::Override {} => "Taken as it is. It goes on.",
        Answer::Grant {} => "Allowed for a year; you can take it back at any time. It goes on.",
        Answer::Deny {} => "Not allowed. You are asked what else can be done.",
        Answer::Stop {} => "Stopped. What was done is kept.",
    }
}
