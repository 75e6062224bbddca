//! For those who operate the system: runs by state, what waits longest, failures by class, what was given up on, and what came
//! in and could not be read; both can be handed over again. Who asks for help is shown with what they wrote, and else nothing of a
//! household's.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Operator;
use crate::console::layout::{Page, Part};
use crate::console::site::Site;
use crate::console::words;
use crate::outside::Outside;
use crate::page::Page as Slice;
use crate::problem::Problem;
use crate::routes::{failures, operator};
use crate::view::{EndedLine, FailureLine, FailureReplay, Kept, LiveRun, Overview, ReplayRequest};
use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    who: Operator,
    slice: Slice,
) -> Result<Page, Problem> {
    let overview = operator::overview(State(app.clone()), who.clone()).await?.0;
    let live = operator::runs(State(app.clone()), who.clone()).await?.0;
    let kept = operator::kept(State(app.clone()), who.clone(), slice).await?.0;
    let given_up = failures::list(State(app.clone()), who).await?.0;
    let site = &app.site;
    let body = html! {
        h1 { "Operation" }
        (figures(&overview))
        section aria-labelledby="live" {
            h2 #live { "Under way" span.count { (live.runs.len()) @if live.more { "+" } } }
            (runs(&live.runs))
        }
        (asks_for_help(&live.runs))
        (ended_badly(&overview.latest_failures))
        section aria-labelledby="given-up" {
            h2 #given-up { "Given up on" span.count { (given_up.failures.len()) @if given_up.more { "+" } } }
            @if given_up.failures.is_empty() { div.panel.empty { p.quiet { "No function has given up on anything." } } }
            ul.cards { @for it in &given_up.failures { li.card { (dead_letter(site, it)) } } }
        }
        section aria-labelledby="kept" {
            h2 #kept { "Could not be read" span.count { (kept.kept.len()) } }
            @if kept.kept.is_empty() { div.panel.empty { p.quiet { "Everything that came in was read." } } }
            ul.cards { @for it in &kept.kept { li.card { (unread(site, it)) } } }
            @if let Some(next) = &kept.next { p { a.button href=(site.href(&format!("/operation?after={}", crate::console::layout::encoded(next)))) { "More" } } }
        }
    };
    Ok(Page::new(Part::Operation, "Operation", body))
}

fn figures(overview: &Overview) -> Markup {
    html! {
        div.cards.three {
            section.card aria-labelledby="by-state" { h2 #by-state { "Under way, by state" } (counts(&overview.live, "Nothing is under way.")) }
            section.card aria-labelledby="ended" { h2 #ended { "Ended in the last seven days" } (counts(&overview.ended, "Nothing has ended.")) }
            section.card aria-labelledby="failed" { h2 #failed { "Failures, by class" } (counts(&overview.failures, "Nothing has failed.")) }
        }
        @if let Some(oldest) = &overview.oldest_waiting {
            p.notice.asks { "The oldest that waits: " code { (oldest.run_id) } ", since " (words::time(oldest.waiting_since.unwrap_or(oldest.queued_at))) }
        }
    }
}

fn counts(counts: &BTreeMap<String, u32>, none: &str) -> Markup {
    html! {
        @if counts.is_empty() { p.quiet { (none) } }
        dl.counts { @for (name, count) in counts { div { dt { (name) } dd { (count) } } } }
    }
}

fn runs(runs: &[LiveRun]) -> Markup {
    html! {
        @if runs.is_empty() { div.panel.empty { p.quiet { "Nothing is under way." } } }
        @else {
            div.wide tabindex="0" role="region" aria-label="Runs under way" {
                table {
                    thead { tr { th scope="col" { "Run" } th scope="col" { "Workflow" } th scope="col" { "State" } th scope="col" { "Done" } th scope="col" { "Queued" } th scope="col" { "Waits since" } } }
                    tbody {
                        @for it in runs {
                            tr {
                                th scope="row" { code { (it.run_id) } }
                                td { (it.workflow_id) " " span.quiet { "v" (it.version) } }
                                td { (words::badge(it.status)) }
                                td { (it.progress) " %" }
                                td { (words::time(it.queued_at)) }
                                td { @match it.waiting_since { Some(at) => (words::time(at)), None => "\u{2013}" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who asks for help, the first first.
fn asks_for_help(runs: &[LiveRun]) -> Markup {
    let mut asked: Vec<_> =
        runs.iter().flat_map(|run| run.asks_for_help.iter().map(move |it| (run, it))).collect();
    asked.sort_by_key(|(_, it)| it.since);
    html! {
        @if !asked.is_empty() {
            section aria-labelledby="help" {
                h2 #help { "Asks for help" span.count { (asked.len()) } }
                ul.cards {
                    @for (run, it) in asked {
                        li.card {
                            div.row { h3 { (words::title(it.step_id.as_str())) } span.quiet.small { "Since " (words::time(it.since)) } }
                            @if !it.note.is_empty() { p { (it.note) } }
                            p.quiet.small { code { (run.run_id) } " \u{b7} " (run.workflow_id) " \u{b7} of " code { (run.user_id) } }
                        }
                    }
                }
            }
        }
    }
}

fn ended_badly(failures: &[EndedLine]) -> Markup {
    html! {
        @if !failures.is_empty() {
            section aria-labelledby="failures" {
                h2 #failures { "The latest failures" }
                ul.plain {
                    @for it in failures {
                        li { code { (it.run_id) } " " (words::badge(it.status)) " " span.quiet {
                            @if let Some(class) = it.class { (class.as_str()) " \u{b7} " } (it.workflow_id) " \u{b7} " (words::time(it.at)) } }
                    }
                }
            }
        }
    }
}

fn dead_letter(site: &Site, it: &FailureLine) -> Markup {
    let times =
        |many: u32, one: &str, more: &str| if many == 1 { one.to_owned() } else { format!("{many} {more}") };
    html! {
        div.row { h3 { (it.function.as_deref().unwrap_or("Not known")) } span.quiet.small { (words::time(it.at)) } }
        p { (it.reason) }
        p.quiet.small {
            @if it.tries > 0 { "Tried " (times(it.tries, "once", "times")) }
            @if it.alike > 1 { " \u{b7} " (it.alike) " alike" }
            @if let Some(about) = &it.about { " \u{b7} " code { (about) } }
        }
        @if it.replayable {
            form method="post" action=(site.href("/operation/failures")) {
                input type="hidden" name="id" value=(it.id);
                button type="submit" { "Try it again" span.hidden { ": " (it.about.as_deref().unwrap_or(&it.id)) } }
            }
        } @else { p.quiet.small { "Nothing of it is left that could be tried again." } }
    }
}

fn unread(site: &Site, kept: &Kept) -> Markup {
    html! {
        div.row { h3 { (kept.reader) } span.quiet.small { (words::time(kept.at)) } }
        p { (kept.reason) }
        p.quiet.small { code { (kept.id) } @if let Some(at) = kept.replayed_at { " \u{b7} handed over again " (words::time(at)) } }
        @if kept.replayable {
            form method="post" action=(site.href("/operation")) {
                input type="hidden" name="reader" value=(kept.reader);
                input type="hidden" name="id" value=(kept.id);
                button type="submit" { "Hand it over again" span.hidden { ": " (kept.id) } }
            }
        } @else { p.quiet.small { "It cannot be handed over again." } }
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Replay {
    reader: String,
    id: String,
}

/// Hands something over again.
pub(super) async fn replay<P: Outside>(
    State(app): State<Shared<P>>,
    who: Operator,
    Form(Replay { reader, id }): Form<Replay>,
) -> Result<Redirect, Problem> {
    let _handed =
        operator::replay(State(app.clone()), who, Body::checked(&ReplayRequest { reader, id })?).await?;
    Ok(Redirect::to(&app.site.href("/operation")))
}

/// What the form of something given up on sends.
#[derive(Deserialize)]
pub(super) struct Again {
    id: String,
}

/// Has something that was given up on tried again.
pub(super) async fn try_again<P: Outside>(
    State(app): State<Shared<P>>,
    who: Operator,
    Form(Again { id }): Form<Again>,
) -> Result<Redirect, Problem> {
    let _handed = failures::replay(State(app.clone()), who, Body::checked(&FailureReplay { id })?).await?;
    Ok(Redirect::to(&app.site.href("/operation")))
}
