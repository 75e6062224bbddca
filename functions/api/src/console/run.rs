//! A run: its progress card, kept up to date while one looks, the questions that it asks, and ending or resuming it.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::home::bar;
use crate::console::layout::{Page, Part};
use crate::console::site::Site;
use crate::console::task;
use crate::console::told::{self, Seen, Told};
use crate::console::words::{self, amount};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::{ending, resume, runs, tasks};
use crate::view::{
    Completed, Completion, Current, GoalImpact, Impact, RemainingSeconds, ResumeRequest, RunCard, RunStatus,
};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use events::{ImpactKind, ImpactStage};
use jiff::Timestamp;
use maud::{Markup, html};

/// Which run.
pub(super) type Which = Path<String>;

/// The part of the page that changes.
struct Live {
    card: RunCard,
    tasks: Vec<Told>,
    /// Names what is shown: the same name, the same content.
    version: String,
}

async fn load<P: Outside>(
    app: &Shared<P>,
    caller: &Caller,
    run_id: &str,
    known: &Seen,
) -> Result<Live, Problem> {
    let which = || Path(runs::Which { run_id: run_id.to_owned() });
    let card = runs::one(State(app.clone()), caller.clone(), which()).await?.0;
    let open = tasks::of_run(State(app.clone()), caller.clone(), which()).await?.0.tasks;
    let mut shown = told::keeping(app, caller, known, open, &[]).await?;
    // A phone shows one at a time: what waits is not looked for below what was answered.
    shown.sort_by_key(|it| !it.open);
    let tasks = told::all(app, caller, shown).await?;
    // That time passes is nothing new.
    let still = RunCard { elapsed_seconds: None, ..card.clone() };
    let version = told::version(&(&still, tasks.iter().map(Told::shown).collect::<Vec<_>>()))?;
    Ok(Live { card, tasks, version })
}

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(run_id): Which,
) -> Result<Page, Problem> {
    let live = load(&app, &caller, &run_id, &Seen::default()).await?;
    let name = live.card.name.clone();
    let body = card_of(&app.site, &live, app.ports.now());
    Ok(Page::new(Part::Runs, &name, body))
}

/// The part that changes; nothing where nothing has changed.
pub(super) async fn card<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(run_id): Which,
    Query(known): Query<Seen>,
) -> Result<Response, Problem> {
    let live = load(&app, &caller, &run_id, &known).await?;
    if live.version == known.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(card_of(&app.site, &live, app.ports.now())).into_response())
}

fn card_of(site: &Site, live: &Live, now: Timestamp) -> Markup {
    let card = &live.card;
    let refresh =
        site.href(&format!("/runs/{}/card?{}", card.run_id, told::seen(&live.version, &live.tasks)));
    // The steps come a moment after the state, and what is calculated after the end another moment later.
    let calculated = card.completion.is_some() || card.status != RunStatus::Completed;
    let settled = card.status.has_ended() && !card.behind && calculated;
    html! {
        article #run.run data-run=(card.run_id) data-live[!settled] hx-get=(refresh) hx-trigger="run-changed" hx-swap="morph:outerHTML" hx-ext="morph" {
            (head(card, now))
            div.columns {
                div {
                    @for told in &live.tasks {
                        @let label = if told.question.open { "Waits for you" } else { "Answered" };
                        section.panel.asks[told.question.open] aria-label=(label) { (task::question(site, told, None)) }
                    }
                    (current(card, now)) (completed(card)) (upcoming(card))
                }
                div {
                    (impact(card, now))
                    @if let Some(completion) = &card.completion { (next(site, completion)) }
                    (orders(site, card))
                }
            }
        }
    }
}

fn head(card: &RunCard, now: Timestamp) -> Markup {
    let ended = card.status.has_ended();
    html! {
        header.run-head {
            (ring(card.progress, card.status))
            div {
                h1 { (card.name) }
                p.run-state role="status" {
                    (words::ending(card.status, card.stopping))
                    @if !ended { " " span.quiet { (left(card)) } }
                }
                @if let Some(reason) = &card.reason { p { (reason) } }
                p.quiet.small {
                    @if let Some(at) = card.started_at { "Started " (words::time(at)) }
                    @match (card.started_at, card.ended_at) {
                        (Some(began), None) => { " \u{b7} for " (words::elapsed(began, now)) },
                        (_, Some(at)) => {
                            " \u{b7} ended " (words::time(at))
                            @if let Some(seconds) = card.elapsed_seconds { " after " (words::lasting(u32::try_from(seconds).unwrap_or(u32::MAX))) }
                        },
                        (None, None) => {},
                    }
                }
            }
        }
    }
}

/// How much work is left, and apart from it how long people usually take for their part.
fn left(card: &RunCard) -> Markup {
    let range = |it: RemainingSeconds| words::left(it.min, it.max);
    html! {
        (range(card.remaining_seconds)) " of work left"
        @if let Some(waiting) = card.waiting_seconds.filter(|it| it.max > 0) { "; usually waits " (range(waiting)) " for you" }
    }
}

fn ring(percent: u8, status: RunStatus) -> Markup {
    let kind = words::look(status);
    html! {
        div class={ "ring " (kind) } role="progressbar" aria-label="Overall progress" aria-valuenow=(percent) aria-valuemin="0" aria-valuemax="100" {
            svg viewBox="0 0 100 100" aria-hidden="true" {
                circle.track cx="50" cy="50" r="43" {}
                circle.done cx="50" cy="50" r="43" pathLength="100" stroke-dasharray=(format!("{percent} 100")) transform="rotate(-90 50 50)" {}
            }
            span aria-hidden="true" { (percent) small { "%" } }
        }
    }
}

fn current(card: &RunCard, now: Timestamp) -> Markup {
    html! {
        section aria-labelledby="now" {
            h2 #now { "Now" }
            @if card.current.is_empty() {
                p.quiet { @if card.status.has_ended() { "Nothing: it has ended." } @else { "The next step is about to begin." } }
            }
            @for step in &card.current { (current_step(step, now)) }
        }
    }
}

fn current_step(step: &Current, now: Timestamp) -> Markup {
    html! {
        div #{ "now-" (step.step_id) } class={ "step " @if step.waiting_user { "waits" } @else { "works" } } {
            h3 { (step.name) }
            p.status role="status" { @if step.waiting_user { b { "Waits for you. " } } (step.status) }
            @if step.percent > 0 { (bar(step.percent, &step.name)) }
            @if !step.figures.is_empty() {
                dl.lines { @for (label, figure) in &step.figures { div { dt { (label) } dd { (figure) } } } }
            }
            p.quiet.small { "By " (words::title(&step.agent)) " \u{b7} for " (words::elapsed(step.since, now)) }
        }
    }
}

fn completed(card: &RunCard) -> Markup {
    html! {
        @if !card.completed.is_empty() {
            section aria-labelledby="done" {
                h2 #done { "Done" span.count { (card.completed.len()) } }
                ul.done { @for step in &card.completed { li { (completed_step(step)) } } }
            }
        }
    }
}

fn completed_step(step: &Completed) -> Markup {
    let (sign, words) = match step.outcome.as_str() {
        "complete" => ("\u{2713}", ""),
        "skipped" => ("\u{2013}", "left out"),
        "undone" => ("\u{21b6}", "undone"),
        _ => ("!", "failed"),
    };
    html! {
        details #{ "done-" (step.step_id) } class=(step.outcome) {
            summary {
                span.sign aria-hidden="true" { (sign) }
                span.what { (step.name) @if !words.is_empty() { span.quiet { " \u{b7} " (words) } } }
                span.quiet { (words::lasting(step.seconds)) }
            }
            @if !step.message.is_empty() { p { (step.message) } }
            @if let Some(undo) = step.undo { p.quiet.small { (words::undoable(undo)) } }
        }
    }
}

fn upcoming(card: &RunCard) -> Markup {
    html! {
        @if !card.upcoming.is_empty() {
            section aria-labelledby="next" {
                h2 #next { "Next" }
                ul.upcoming { @for step in &card.upcoming { li { (step.name) } } }
            }
        }
    }
}

/// What it brought, live.
fn impact(card: &RunCard, now: Timestamp) -> Markup {
    let impact = card.completion.as_ref().map_or(&card.impact, |it| &it.impact);
    html! {
        section.panel aria-labelledby="impact" {
            h2 #impact { "What it brings" }
            (amounts(impact))
            @if !impact.lines.is_empty() {
                details #impact-lines {
                    summary { "Each figure, and where it comes from" }
                    ul.plain {
                        @for line in &impact.lines {
                            li { b { (amount(line.monthly)) } (words::how_often(line.kind)) (words::term(line.kind, line.months, line.ends, words::day(now))) " \u{b7} " (stage(line.kind, line.stage)) br; (line.label)
                                @if !line.evidence.is_empty() { br; span.quiet.small { "From " (line.evidence.join(", ")) } } }
                        }
                    }
                }
            }
        }
    }
}

fn stage(kind: ImpactKind, stage: ImpactStage) -> &'static str {
    match (kind, stage) {
        (ImpactKind::Fee, _) => "charged by the provider",
        (_, ImpactStage::Promised) => "promised",
        (_, ImpactStage::Confirmed) => "confirmed by the provider",
        (_, ImpactStage::Realised) => "seen on a statement",
    }
}

pub(super) fn amounts(impact: &Impact) -> Markup {
    let lines = [
        ("Promised a month", impact.promised),
        ("Seen on a statement a month", impact.realised),
        ("Set aside a month", impact.set_aside),
        ("Extra income a month", impact.income),
        ("Extra income a month, promised", impact.income_promised),
        ("Fees, paid once", impact.fees),
    ];
    let lines = || lines.into_iter().filter_map(|(words, it)| it.map(|it| (words, it)));
    html! {
        dl.figures {
            div.big {
                dt { "Saved so far" }
                dd { @match impact.confirmed { Some(it) => { (amount(it)) span.unit { " a month" } }, None => span.none { "Nothing yet" } } }
            }
            @if let Some(annual) = impact.annual { div { dt { "Over a year" } dd { (amount(annual)) } } }
            @for (words, it) in lines() { div { dt { (words) } dd { (amount(it)) } } }
            @if let Some(goal) = &impact.goal { (goal_impact(goal)) }
        }
    }
}

fn goal_impact(goal: &GoalImpact) -> Markup {
    html! { div { dt { (goal.name) } dd { (words::share(goal.tenths_of_percent)) } dd.quiet { "in a year of it" } } }
}

/// What to do next.
fn next(site: &Site, completion: &Completion) -> Markup {
    html! {
        @if let Some(next) = &completion.suggestion {
            section.panel aria-labelledby="suggested" {
                h2 #suggested { "What could come next" }
                h3 { (next.name) }
                ul.reasons { @for reason in &next.reasons { li { (reason) } } }
                @if next.available { p { a.button href=(site.href("")) { "See it among the recommendations" } } }
                @else { p.quiet { "It is planned and cannot be started yet." } }
            }
        }
    }
}

/// Ending it, taking it up again, its report.
fn orders(site: &Site, card: &RunCard) -> Markup {
    let order = |order: &str| site.href(&format!("/runs/{}/{order}", card.run_id));
    html! {
        section aria-labelledby="orders" {
            h2 #orders { "This run" }
            p { a href=(order("report")) { "Report and timeline" } }
            @match card.status {
                RunStatus::Stopped => form method="post" action=(order("resume")) { button type="submit" { "Resume" } },
                RunStatus::NeedsAttention => form method="post" action=(order("resume")) { button type="submit" { "Try to undo the rest once more" } },
                RunStatus::RollingBack if card.stopping => p.quiet { "It is being stopped; what was done is kept." },
                RunStatus::RollingBack => p.quiet { "What it did is being undone." },
                status if !status.has_ended() => (end(&order)),
                _ => "",
            }
        }
    }
}

fn end(order: &dyn Fn(&str) -> String) -> Markup {
    html! {
        details #end-it {
            summary { "End it" }
            form.stack method="post" action=(order("stop")) {
                p { "Stop here and keep what was done. You can go on later." }
                button type="submit" { "Stop and keep" }
            }
            form.stack method="post" action=(order("cancel")) {
                p { "Undo everything that it did, the latest first." }
                button.danger type="submit" { "Cancel and undo" }
            }
        }
    }
}

/// Ends a run, or takes it up again.
pub(super) async fn steer<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path((run_id, order)): Path<(String, String)>,
) -> Result<Redirect, Problem> {
    let (state, which) = (State(app.clone()), Path(runs::Which { run_id: run_id.clone() }));
    let _ended = match order.as_str() {
        "stop" => ending::stop(state, caller, which).await?,
        "cancel" => ending::cancel(state, caller, which).await?,
        "resume" => resume::resume(state, caller, which, Body(ResumeRequest::default())).await?,
        _ => return Err(Problem::not_found()),
    };
    Ok(Redirect::to(&app.site.href(&format!("/runs/{run_id}"))))
}
