//! What the user was told, the newest first.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::layout::{Page, Part, encoded};
use crate::console::site::Site;
use crate::console::told::{Seen, version};
use crate::console::words;
use crate::outside::Outside;
use crate::page::Page as Slice;
use crate::problem::Problem;
use crate::routes::told;
use crate::view::{NoticeList, NoticeView};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

/// Notices of a page.
const SHOWN: usize = 50;

/// The page. Older notices do not change; the newest are shown anew when another comes.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    slice: Slice,
) -> Result<Page, Problem> {
    let older = slice.after.is_some();
    let notices = told::list(State(app.clone()), caller, Slice { limit: SHOWN, ..slice }).await?.0;
    let site = &app.site;
    let body = html! {
        h1 { "Notifications" }
        @if older { div { (list(site, &notices)) } } @else { (newest(site, &notices)?) }
        p { a href=(site.href("/preferences")) { "Change notification settings" } }
    };
    Ok(Page::new(Part::Notices, "Notifications", body))
}

/// The part that changes; nothing where nothing has changed.
pub(super) async fn card<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Query(known): Query<Seen>,
) -> Result<Response, Problem> {
    let notices = told::list(State(app.clone()), caller, Slice { after: None, limit: SHOWN }).await?.0;
    if version(&notices)? == known.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(newest(&app.site, &notices)?).into_response())
}

fn newest(site: &Site, notices: &NoticeList) -> Result<Markup, Problem> {
    let refresh = site.href(&format!("/notices/card?seen={}", version(notices)?));
    Ok(html! {
        div #notices data-run="*" hx-get=(refresh) hx-trigger="run-changed" hx-swap="morph:outerHTML" hx-ext="morph" { (list(site, notices)) }
    })
}

fn list(site: &Site, notices: &NoticeList) -> Markup {
    html! {
        @if notices.unread > 0 {
            div.row {
                p { (notices.unread) " unread" }
                form method="post" action=(site.href("/notices/read")) { button type="submit" { "Mark all as read" } }
            }
        }
        @if notices.notices.is_empty() {
            div.panel.empty { p { b { "Nothing yet." } } p.quiet { "What happens to your runs is told here, but for the kinds that you have switched off for the app." } }
        }
        ul.cards {
            @for it in &notices.notices { li.card.unread[!it.read] #{ "notice-" (it.notice_id) } { (notice(site, it)) } }
        }
        @if let Some(next) = &notices.next { p { a.button href=(site.href(&format!("/notices?after={}", encoded(next)))) { "Older" } } }
    }
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

/// How many are unread, for the frame of every page; nothing where none is.
pub(super) async fn unread<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
) -> Result<Page, Problem> {
    let unread = told::list(State(app), caller, Slice { after: None, limit: 1 }).await?.0.unread;
    Ok(Page::partial(html! { @if unread > 0 { (unread) span.hidden { " unread" } } }))
}

/// Marks all as read.
pub(super) async fn read_all<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
) -> Result<Redirect, Problem> {
    let _read = told::read_all(State(app.clone()), caller).await?;
    Ok(Redirect::to(&app.site.href("/notices")))
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
