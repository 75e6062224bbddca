//! The action centre: everything that waits for the user, and what became of what was answered while they looked.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::layout::{Page, Part};
use crate::console::site::Site;
use crate::console::told::{self, Seen, Told};
use crate::console::{task, words};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::tasks;
use crate::view::Question;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

/// What the page shows.
struct Todo {
    told: Vec<Told>,
    /// What was put off, until when; it is back among the others then.
    later: Vec<Question>,
    version: String,
}

async fn load<P: Outside>(app: &Shared<P>, caller: &Caller, known: &Seen) -> Result<Todo, Problem> {
    let all = tasks::open(State(app.clone()), caller.clone()).await?.0.tasks;
    let now = app.ports.now();
    let (later, open): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.is_put_off(now));
    let shown = told::keeping(app, caller, known, open, &later).await?;
    let told = told::all(app, caller, shown).await?;
    let version = told::version(&(told.iter().map(Told::shown).collect::<Vec<_>>(), &later))?;
    Ok(Todo { told, later, version })
}

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let todo = load(&app, &caller, &Seen::default()).await?;
    let body = html! { h1 { "To do" } (list(&app.site, &todo)) };
    Ok(Page::new(Part::Tasks, "To do", body))
}

/// The part that changes; nothing where nothing has changed.
pub(super) async fn card<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Query(known): Query<Seen>,
) -> Result<Response, Problem> {
    let todo = load(&app, &caller, &known).await?;
    if todo.version == known.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(list(&app.site, &todo)).into_response())
}

fn list(site: &Site, todo: &Todo) -> Markup {
    let refresh = site.href(&format!("/tasks/card?{}", told::seen(&todo.version, &todo.told)));
    let waits = todo.told.iter().any(|it| it.question.open);
    html! {
        // Whatever run changes may ask something.
        div #todo data-run="*" data-live[todo.told.iter().any(Told::is_awaited)] hx-get=(refresh) hx-trigger="run-changed" hx-swap="morph:outerHTML" hx-ext="morph" {
            @if !waits { (nothing(site, &todo.later)) }
            @for it in &todo.told {
                section.panel {
                    p.eyebrow { a href=(site.href(&format!("/runs/{}", it.question.request.run_id))) { (it.place()) } }
                    (task::question(site, it, None))
                }
            }
            (put_off(site, &todo.later))
        }
    }
}

fn nothing(site: &Site, later: &[Question]) -> Markup {
    html! {
        div.panel.empty {
            p { b { "Nothing waits for you" @if !later.is_empty() { " now" } "." } }
            p.quiet { "When a run needs a decision, it appears here and you are notified." }
            p { a.button href=(site.href("/runs")) { "See your runs" } }
        }
    }
}

fn put_off(site: &Site, later: &[Question]) -> Markup {
    html! {
        @if !later.is_empty() {
            section aria-labelledby="later" {
                h2 #later { "Snoozed" span.count { (later.len()) } }
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
