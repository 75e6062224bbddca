//! What the user was told, the newest first.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::layout::{Page, Part, encoded};
use crate::console::site::Site;
use crate::console::words;
use crate::outside::Outside;
use crate::page::Page as Slice;
use crate::problem::Problem;
use crate::routes::told;
use crate::view::NoticeView;
use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    slice: Slice,
) -> Result<Page, Problem> {
    let list = told::list(State(app.clone()), caller, slice).await?.0;
    let site = &app.site;
    let body = html! {
        h1 { "What you were told" }
        @if list.unread > 0 { p { (list.unread) " unread" } }
        @if list.notices.is_empty() {
            div.panel.empty { p { b { "Nothing yet." } } p.quiet { "Whatever you are told, on whichever way, stands here too." } }
        }
        ul.cards { @for it in &list.notices { li.card.unread[!it.read] { (notice(site, it)) } } }
        @if let Some(next) = &list.next { p { a.button href=(site.href(&format!("/notices?after={}", encoded(next)))) { "Older" } } }
        p { a href=(site.href("/preferences")) { "Change how you are told" } }
    };
    Ok(Page::new(Part::Notices, "What you were told", body))
}

fn notice(site: &Site, notice: &NoticeView) -> Markup {
    html! {
        div.row { h2 { (notice.title) } span.quiet.small { @if !notice.read { b { "New" } " \u{b7} " } (words::time(notice.at)) } }
        @for line in &notice.lines { p { (line) } }
        div.choices {
            @if let Some(action) = &notice.action { a.button.primary href=(site.href(&format!("/tasks/{}", action.task_id))) { (action.label) } }
            @if let Some(run) = &notice.run_id { a.button href=(site.href(&format!("/runs/{run}"))) { "See the run" span.hidden { ": " (notice.title) } } }
            @if !notice.read {
                form method="post" action=(site.href(&format!("/notices/{}/read", encoded(&notice.notice_id)))) {
                    button.link type="submit" { "Mark as read" span.hidden { ": " (notice.title) } }
                }
            }
        }
    }
}

/// Marks one as read.
pub(super) async fn read<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(notice_id): Path<String>,
) -> Result<Redirect, Problem> {
    let _read = told::read(State(app.clone()), caller, Path(told::Which { notice_id })).await?;
    Ok(Redirect::to(&app.site.href("/notices")))
}
