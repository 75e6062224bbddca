//! What all runs have brought: promised, confirmed and realised over time, as a chart and as a table, and run by run.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::chart;
use crate::console::layout::{Page, Part};
use crate::console::run::amounts;
use crate::console::site::Site;
use crate::console::words::{self, amount};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::history;
use crate::view::{DatedLine, GoalShare, ImpactView, PointView, RunImpactView};
use axum::extract::State;
use maud::{Markup, html};

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let impact = history::impact(State(app.clone()), caller).await?.0;
    let body = html! {
        h1 { "Impact" }
        @if impact.runs.is_empty() {
            div.panel.empty {
                p { b { "Nothing to show yet." } }
                p.quiet { "What your runs save stands here: what was promised, what the other side confirmed, and what was seen on your statements." }
                p { a.button href=(app.site.href("")) { "See what is recommended" } }
            }
        } @else { (whole(&app.site, &impact)) }
    };
    Ok(Page::new(Part::Impact, "Impact", body))
}

fn whole(site: &Site, impact: &ImpactView) -> Markup {
    html! {
        section.panel aria-labelledby="totals" {
            h2 #totals { "In all" }
            (amounts(&impact.totals))
            @for goal in &impact.goals { p { (nearer(goal)) } }
        }
        section.panel aria-labelledby="series" {
            h2 #series { "Savings a month, over time" }
            (chart::savings(&impact.series))
            details { summary { "The same as a table" } (table(&impact.series)) }
        }
        section aria-labelledby="by-run" {
            h2 #by-run { "Run by run" }
            ul.cards { @for it in &impact.runs { li.card { (run(site, it)) } } }
        }
    }
}

fn nearer(goal: &GoalShare) -> Markup {
    let (whole, tenths) = (goal.tenths_of_percent / 10, (goal.tenths_of_percent % 10).abs());
    html! { "A year of it brings " b { (goal.name) } " nearer by " b { (whole) "." (tenths) " %" } "." }
}

fn table(series: &[PointView]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Savings a month, over time" {
            table {
                thead { tr { th scope="col" { "Day" } th scope="col" { "Promised" } th scope="col" { "Confirmed" } th scope="col" { "Seen" } } }
                tbody {
                    @for it in series {
                        tr { th scope="row" { (words::date(it.date)) } td { (amount(it.promised)) } td { (amount(it.confirmed)) } td { (amount(it.realised)) } }
                    }
                }
            }
        }
    }
}

fn run(site: &Site, run: &RunImpactView) -> Markup {
    html! {
        div.row { h3 { a href=(site.href(&format!("/runs/{}", run.run_id))) { (run.name) } } span.quiet.small { (words::time(run.completed_at)) } }
        @if run.lines.is_empty() { p.quiet { "It changed nothing." } }
        ul.plain { @for it in &run.lines { li { (line(it)) } } }
    }
}

fn line(line: &DatedLine) -> Markup {
    html! {
        b { (amount(line.monthly)) " a month" } " \u{b7} " (line.label) br;
        span.quiet.small {
            "Promised " (words::time(line.promised_at))
            @match line.confirmed_at { Some(at) => { " \u{b7} confirmed " (words::time(at)) }, None => " \u{b7} not confirmed yet" }
            @match &line.realised {
                Some(seen) => { " \u{b7} seen on a statement: " (amount(seen.monthly)) " on " (words::date(seen.on)) },
                None => " \u{b7} not seen on a statement yet",
            }
        }
        @if !line.evidence.is_empty() { details { summary.small { "Where it comes from" } p.quiet.small { (line.evidence.join(", ")) } } }
    }
}
