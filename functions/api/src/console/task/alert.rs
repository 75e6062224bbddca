//! The recovery alert: what happened, what has been done, the options, the impact so far.

use super::{Task, decided};
use crate::console::words::{self, amount};
use crate::view::{Alert, AlertImpact, AlertOption};
use events::Choice;
use maud::{Markup, html};

pub(super) fn view(task: &Task<'_>) -> Markup {
    let Some(alert) = &task.question.alert else { return html! {} };
    html! {
        div.alert {
            h2 { (alert.status) }
            section {
                h3 { "What happened" }
                p.said { (alert.what_happened) }
            }
            (done(alert))
            @match task.decision(None) {
                Some(decision) => (decided(decision)),
                None if task.question.open => section {
                    h3 { "Your options" }
                    ul.options { @for it in &alert.options { li { (option(task, it)) } } }
                },
                None => p.quiet { "This question no longer waits." },
            }
            (impact(&alert.impact))
        }
    }
}

fn done(alert: &Alert) -> Markup {
    html! {
        section {
            h3 { "What's been done" }
            ul.checks {
                @for it in &alert.done { li.ok { span aria-hidden="true" { "\u{2713}" } span { (it) } } }
                @for it in &alert.stuck { li.stuck { span aria-hidden="true" { "\u{26a0}" } span { b { "Stuck: " } (it) } } }
            }
        }
    }
}

/// A way on. What is told in colour is told by its words too.
fn option(task: &Task<'_>, option: &AlertOption) -> Markup {
    let (kind, look) = match option.choice {
        Choice::Continue => ("continue", "go"),
        Choice::Override => ("override", "go"),
        Choice::Grant => ("grant", "go"),
        Choice::Deny => ("deny", "around"),
        Choice::Stop => ("stop", "end"),
        _ => ("skip", "around"),
    };
    let asks = option.choice == Choice::Continue && option.label != "Try again";
    task.form(
        kind,
        html! { div.stack {
            @if asks {
                label { (option.label) span.hint { "If there is something to tell, such as a number or a code" }
                    input name="input" maxlength="2000" autocomplete="off";
                }
            }
            div class={ "option " (look) } {
                button type="submit" { (option.label) }
                span { span aria-hidden="true" { "\u{2192} " } (option.leads_to) }
            }
        } },
    )
}

fn impact(impact: &AlertImpact) -> Markup {
    html! {
        section {
            h3 { "Impact so far" }
            dl.figures {
                div { dt { "Saved" } dd { @match impact.saved { Some(it) => { (amount(it)) span.unit { " a month" } }, None => "Nothing yet" } } }
                @if let Some(pending) = impact.pending { div { dt { "Pending on this step" } dd { (amount(pending)) span.unit { " a month" } } } }
                div { dt { "Time invested" } dd { (words::lasting(impact.seconds_invested)) } }
                @if impact.items_remaining > 0 { div { dt { "Still open in this step" } dd { (impact.items_remaining) } } }
                @if !impact.steps_remaining.is_empty() { div { dt { "Still to come" } dd.words { (impact.steps_remaining.join(", ")) } } }
            }
        }
    }
}
