//! Every run of the user's, the newest first.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::home::bar;
use crate::console::layout::{Page, Part, encoded};
use crate::console::words;
use crate::outside::Outside;
use crate::page::Page as Slice;
use crate::problem::Problem;
use crate::routes::runs;
use crate::view::RunLine;
use axum::extract::State;
use maud::{Markup, html};

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    slice: Slice,
) -> Result<Page, Problem> {
    let first = slice.after.is_none();
    let list = runs::list(State(app.clone()), caller, slice).await?.0;
    let site = &app.site;
    let body = html! {
        h1 { "Runs" }
        @if list.runs.is_empty() && first {
            div.panel.empty {
                p { b { "No run yet." } }
                p.quiet { "What you start appears here, with everything that it did." }
                p { a.button href=(site.href("")) { "See what is recommended" } }
            }
        }
        ul.cards { @for run in &list.runs { li.card { (line(&site.href(&format!("/runs/{}", run.run_id)), run)) } } }
        @if let Some(next) = &list.next {
            p { a.button href=(site.href(&format!("/runs?after={}", encoded(next)))) { "Older runs" } }
        }
    };
    Ok(Page::new(Part::Runs, "Runs", body))
}

fn line(address: &str, run: &RunLine) -> Markup {
    html! {
        div.row { h2 { a href=(address) { (run.name) } } (words::ending(run.status, run.stopping)) }
        @if !run.status.has_ended() { (bar(run.progress, &run.name)) }
        @if let Some(reason) = &run.reason { p { (reason) } }
        p.quiet.small {
            "Started " (words::time(run.queued_at))
            @if let Some(at) = run.ended_at { " \u{b7} ended " (words::time(at)) }
            " \u{b7} " a href={ (address) "/report" } { "Report" span.hidden { " of " (run.name) } }
        }
    }
}
