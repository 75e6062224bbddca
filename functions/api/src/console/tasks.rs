//! Each question on its own with what became of the answer, answering it, and arranging when it is due.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{Page, Part, form_words, is_partial};
use crate::console::site::Site;
use crate::console::task::arrangement;
use crate::console::told::{self, Seen, Told};
use crate::console::{answering, task};
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::{answers, arranging, tasks};
use crate::view::ArrangeRequest;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use events::Answer;
use maud::{Markup, html};
use serde::Deserialize;

async fn load<P: Outside>(app: &Shared<P>, caller: &Caller, task_id: &str) -> Result<Told, Problem> {
    let question = told::one(app, caller, task_id).await?;
    told::all(app, caller, vec![question]).await?.pop().ok_or_else(Problem::not_found)
}

/// One question on a page of its own.
pub(super) async fn one<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
) -> Result<Page, Problem> {
    let told = load(&app, &caller, &task_id).await?;
    page_of(&app.site, &told, None)
}

fn page_of(site: &Site, told: &Told, said: Option<Markup>) -> Result<Page, Problem> {
    let run = site.href(&format!("/runs/{}", told.question.request.run_id));
    let body = html! {
        p.eyebrow { a href=(run) { (told.place()) } }
        h1.hidden { "One thing to do" }
        (panel(site, told, &told::version(&told.shown())?, said))
    };
    Ok(Page::new(Part::Tasks, "To do", body))
}

/// The question; it looks after itself as long as something is to come.
fn panel(site: &Site, told: &Told, version: &str, said: Option<Markup>) -> Markup {
    let id = &told.question.request.task_id;
    let refresh = site.href(&format!("/tasks/{id}/card?seen={version}"));
    html! {
        section.panel data-run=(told.question.request.run_id) data-live[told.is_awaited()] hx-get=(refresh) hx-trigger="run-changed" hx-swap="morph:outerHTML" hx-ext="morph" {
            (task::question(site, told, said))
        }
    }
}

/// The part that changes; nothing where nothing has changed.
pub(super) async fn card<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(task_id): Path<String>,
    Query(known): Query<Seen>,
) -> Result<Response, Problem> {
    let told = match load(&app, &caller, &task_id).await {
        Ok(told) => told,
        // It was asked anew, and whoever looks at it is not to answer what nobody asks any more.
        Err(problem) if problem.status == StatusCode::NOT_FOUND.as_u16() => {
            return Ok(Page::partial(over(&app.site)).into_response());
        }
        Err(problem) => return Err(problem),
    };
    let version = told::version(&told.shown())?;
    if version == known.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(panel(&app.site, &told, &version, None)).into_response())
}

fn over(site: &Site) -> Markup {
    html! {
        section.panel {
            p.notice role="status" { "This question no longer waits." }
            p { a.button href=(site.href("/tasks")) { "See what does" } }
        }
    }
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
    let taken = match answering::answer(&fields).and_then(|it| Body::checked(&it)) {
        Ok(answer) => {
            let said = said(&answer.0);
            answers::answer(State(app.clone()), caller.clone(), which, answer).await.map(|_| said)
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
    let zone = told::zone(&app, &caller).await?;
    let due = wishes.due.map(|it| arrangement::end_of(&it, &zone).ok_or_else(|| wrong("due")));
    let now = app.ports.now();
    let snooze =
        wishes.snooze_hours.map(|it| arrangement::hours_from(now, &it).ok_or_else(|| wrong("snooze_hours")));
    let request = match (due.transpose(), snooze.transpose()) {
        (Ok(due), Ok(snooze_until)) => {
            Body::checked(&ArrangeRequest { due, snooze_until, hand_over: wishes.hand_over })
        }
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    let which = Path(tasks::Which { task_id: task_id.clone() });
    let taken = match request {
        Ok(request) => arranging::change(State(app.clone()), caller.clone(), which, request).await,
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
        Err(problem) => (status_of(problem), form_words(problem, label)),
    };
    let page = if partial {
        Page::partial(task::question(&app.site, &told, Some(words)))
    } else {
        page_of(&app.site, &told, Some(words))?
    };
    Ok((status, page).into_response())
}

/// What a field is called on the form.
fn label(field: &str) -> Option<&'static str> {
    Some(match field {
        "percent" => "Percent done",
        "note" => "Note",
        "reference" | "proof.reference" => "Reference",
        "proof.file" => "File",
        "input" => "What was missing",
        "due" => "Due on",
        "snooze_hours" | "snooze_until" => "Snooze for",
        "hand_over" => "Hand-over note",
        _ if field == "changes" || field.starts_with("changes.") => "Change",
        _ => return None,
    })
}

fn status_of(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn said(answer: &Answer) -> &'static str {
    match answer {
        Answer::Approve { .. } => "Approved. The result appears here shortly.",
        Answer::Modify { .. } => "Noted. We will show it to you again with your change.",
        Answer::Skip { .. } => "Left out.",
        Answer::Progress { .. } => "Noted.",
        Answer::Help { .. } => "Noted. Those who run this service see that you ask for help with this step.",
        Answer::Done { .. } => "Thank you. It is being checked.",
        Answer::Continue { .. } => "Thank you. The run continues.",
        Answer::Override {} => "Taken as it is. The run continues.",
        Answer::Grant {} => "Allowed for a year; you can take it back at any time. The run continues.",
        Answer::Deny {} => "Not allowed. We will ask you what else can be done.",
        Answer::Stop {} => "Stopped. What was done is kept.",
    }
}
