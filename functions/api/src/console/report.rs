//! A run's report: what was done, undone and left, how to reverse the rest, and a timeline of what happened.

use crate::app::Shared;
use crate::caller::Caller;
use crate::console::layout::{Page, Part};
use crate::console::site::Site;
use crate::console::words::{self, amount};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::{report, runs};
use crate::view::{ItemOutcome, Moment, Recovery, ReportItem, ReportStep, RunReport};
use axum::extract::{Path, State};
use events::EventType;
use maud::{Markup, html};

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(run_id): Path<String>,
) -> Result<Page, Problem> {
    let report = report::of(&app, &caller.0, runs::Which { run_id }).await?;
    let site = &app.site;
    let body = html! {
        p.eyebrow { a href=(site.href(&format!("/runs/{}", report.run_id))) { "Back to the run" } }
        h1 { "Report: " (report.name) }
        p { (words::badge(report.status)) " " (report.outcome) }
        @if let Some(reason) = &report.reason { p { (reason) } }
        @if !report.recovery.is_empty() { (recovery(site, &report.recovery)) }
        (steps(&report))
        (timeline(&report.timeline))
        details { summary { "The whole report as text, to copy or print" } pre tabindex="0" aria-label="The report as text" { (report.text) } }
        p.quiet.small { "Run " code { (report.run_id) } " \u{b7} version " (report.version) }
    };
    Ok(Page::new(Part::Runs, format!("Report: {}", report.name), body))
}

fn recovery(site: &Site, recoveries: &[Recovery]) -> Markup {
    html! {
        section.panel.asks aria-labelledby="recovery" {
            h2 #recovery { "What you can reverse yourself" }
            @for it in recoveries {
                h3 { (it.name) }
                ul { @for item in &it.items { li { (item.title) @if !item.reference.is_empty() { " \u{b7} reference " code { (item.reference) } } } } }
                ol.steps { @for step in &it.steps { li { (step) } } }
                dl.lines { div { dt { "Who helps" } dd { (it.contact) } } div { dt { "What proves it" } dd { (it.proof) } } }
                @if let Some(task) = &it.task_id { p { a.button.primary href=(site.href(&format!("/tasks/{task}"))) { "Tell us that it is reversed" } } }
            }
        }
    }
}

fn steps(report: &RunReport) -> Markup {
    html! {
        section aria-labelledby="steps" {
            h2 #steps { "What was done" }
            @if report.steps.is_empty() { p.quiet { "No step has begun." } }
            @for it in &report.steps { (step(it)) }
            @if let Some(annual) = report.impact.annual { p { "In total it saves " b { (amount(annual)) } " over the next twelve months." } }
            @if let Some(fees) = report.impact.fees { p { "Fees of " b { (amount(fees)) } " are paid once for it." } }
        }
    }
}

fn step(step: &ReportStep) -> Markup {
    html! {
        section.card {
            div.row { h3 { (step.name) } span.quiet { (words::title(&step.outcome)) } }
            @if !step.headline.is_empty() { p { (step.headline) } }
            @if !step.items.is_empty() { ul.checks { @for it in &step.items { li class=(look(it.outcome)) { (item(it)) } } } }
        }
    }
}

fn look(outcome: ItemOutcome) -> &'static str {
    match outcome {
        ItemOutcome::Done => "ok",
        ItemOutcome::NotUndone | ItemOutcome::InDoubt => "stuck",
        ItemOutcome::Undone | ItemOutcome::NotDone | ItemOutcome::Open => "not",
    }
}

fn item(item: &ReportItem) -> Markup {
    let (sign, words) = match item.outcome {
        ItemOutcome::Done => ("\u{2713}", "Done"),
        ItemOutcome::Undone => ("\u{21b6}", "Undone"),
        ItemOutcome::NotUndone => ("\u{26a0}", "Not undone"),
        ItemOutcome::InDoubt => ("?", "Being checked"),
        ItemOutcome::NotDone => ("\u{2013}", "Not done"),
        ItemOutcome::Open => ("\u{2026}", "Open"),
    };
    html! {
        span aria-hidden="true" { (sign) }
        span {
            span.hidden { (words) ": " } b { (item.title) }
            @if !item.words.is_empty() && item.words != item.title { br; (item.words) }
            @if !item.reference.is_empty() { br; span.quiet.small { "Reference " code { (item.reference) } } }
            @if let Some(undo) = item.undo { br; span.quiet.small { (words::undoable(undo)) } }
        }
    }
}

fn timeline(moments: &[Moment]) -> Markup {
    html! {
        section aria-labelledby="timeline" {
            h2 #timeline { "What happened" }
            ol.timeline {
                @for it in moments {
                    li class=(mark(it.kind)) {
                        p.quiet.small { (words::time(it.at)) @if let Some(step) = &it.step { " \u{b7} " (step) } }
                        p { (it.message) }
                    }
                }
            }
        }
    }
}

fn mark(kind: EventType) -> &'static str {
    match kind {
        EventType::WorkflowCompleted | EventType::StepCompleted => "good",
        EventType::WorkflowFailed | EventType::StepFailed => "bad",
        EventType::StepWaitingUser
        | EventType::StepRetrying
        | EventType::DependencyIssue
        | EventType::PartialSuccess
        | EventType::ManualReview => "asks",
        _ => "",
    }
}
