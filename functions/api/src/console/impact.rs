//! What all runs have brought: agreed, confirmed and realised over time, as a chart and as a table, and run by run.

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
use crate::view::{DatedLine, GoalShare, ImpactView, PointView, RunImpactView, RunStatus};
use axum::extract::State;
use events::ImpactKind;
use jiff::civil::Date;
use maud::{Markup, html};

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let today = words::day(app.ports.now());
    let impact = history::impact(State(app.clone()), caller).await?.0;
    let body = html! {
        h1 { "Impact" }
        @if impact.runs.is_empty() {
            div.panel.empty {
                p { b { "Nothing to show yet." } }
                p.quiet { "What your runs save appears here: what was agreed, what the other side confirmed, and what was seen on your statements." }
                p { a.button href=(app.site.href("")) { "See what is recommended" } }
            }
        } @else { (whole(&app.site, &impact, today)) }
    };
    Ok(Page::new(Part::Impact, "Impact", body))
}

fn whole(site: &Site, impact: &ImpactView, today: Date) -> Markup {
    html! {
        section.panel aria-labelledby="totals" {
            h2 #totals { "Total" }
            (amounts(&impact.totals))
            @for goal in &impact.goals { p { (nearer(goal)) } }
        }
        section.panel aria-labelledby="series" {
            h2 #series { "Savings a month, over time" }
            p.quiet.small { "What is agreed counts from the day you approved it, until it ends; what of it nobody has confirmed yet is called promised above." }
            (chart::savings(&impact.series))
            details { summary { "The same as a table" } (table(&impact.series)) }
        }
        section aria-labelledby="by-run" {
            h2 #by-run { "Run by run" }
            ul.cards { @for it in &impact.runs { li.card { (run(site, it, today)) } } }
        }
    }
}

fn nearer(goal: &GoalShare) -> Markup {
    html! { "A year of it: " b { (goal.name) } " " b { (words::share(goal.tenths_of_percent)) } "." }
}

fn table(series: &[PointView]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Savings a month, over time" {
            table {
                thead { tr { th scope="col" { "Day" } th scope="col" { "Agreed" } th scope="col" { "Confirmed" } th scope="col" { "Seen" } } }
                tbody {
                    @for it in series {
                        tr { th scope="row" { (words::date(it.date)) } td { (amount(it.agreed)) } td { (amount(it.confirmed)) } td { (amount(it.realised)) } }
                    }
                }
            }
        }
    }
}

fn run(site: &Site, run: &RunImpactView, today: Date) -> Markup {
    html! {
        div.row { h3 { a href=(site.href(&format!("/runs/{}", run.run_id))) { (run.name) } } span.quiet.small { (ended(run.status)) (words::time(run.ended_at)) } }
        @if run.lines.is_empty() { p.quiet { "It changed nothing." } }
        ul.plain { @for it in &run.lines { li { (line(it, today)) } } }
    }
}

/// What is in force of a run that was not completed counts too.
fn ended(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "",
        RunStatus::Stopped => "stopped and kept \u{b7} ",
        _ => "still in force \u{b7} ",
    }
}

fn line(line: &DatedLine, today: Date) -> Markup {
    html! {
        b { (amount(line.monthly)) (words::how_often(line.kind)) (words::term(line.kind, line.months, line.ends, today)) } " \u{b7} " (line.label) br;
        span.quiet.small {
            "Agreed " (words::time(line.promised_at))
            @match line.confirmed_at { Some(at) => { " \u{b7} confirmed " (words::time(at)) }, None => " \u{b7} not confirmed yet" }
            @match &line.realised {
                Some(seen) => { " \u{b7} seen on a statement: " (amount(seen.monthly)) " on " (words::date(seen.on)) },
                // Charges show savings alone.
                None if line.kind == ImpactKind::Savings => " \u{b7} not seen on a statement yet",
                None => "",
            }
        }
        @if !line.evidence.is_empty() { details { summary.small { "Where it comes from" } p.quiet.small { (line.evidence.join(", ")) } } }
    }
}
