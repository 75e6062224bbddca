//! Approvals: each thing with its exact effect, what it is worth, and whether and until when it can be undone.

use super::{Task, confirmed, decided};
use crate::console::answering::CHANGE;
use crate::console::words::{self, amount};
use crate::view::UndoTerms;
use events::{Choice, TaskItem};
use maud::{Markup, html};
use serde_json::Value;

pub(super) fn view(task: &Task<'_>) -> Markup {
    let request = &task.question.request;
    let undecided = request.items.iter().filter(|it| task.decision(Some(&it.item_id)).is_none());
    html! {
        h2 { (request.prompt) }
        ul.items { @for it in &request.items { li.item id=(task.anchor(&it.item_id)) { (item(task, it)) } } }
        @if task.question.open && undecided.count() > 1 {
            (task.form("skip", html! { button.link type="submit" { "Skip all that are left" } }))
        }
    }
}

fn item(task: &Task<'_>, item: &TaskItem) -> Markup {
    html! {
        div.row { h3 { (item.title) } @if let Some(monthly) = item.monthly { p.worth { (amount(monthly)) span.unit { " a month" } } } }
        @if !item.reasons.is_empty() { ul.reasons { @for reason in &item.reasons { li { (reason) } } } }
        p.quiet.small {
            @if let Some(reversibility) = task.question.request.reversibility {
                (words::undoable(UndoTerms { reversibility, until: item.undo_until })) " \u{b7} "
            }
            span title="The fingerprint of exactly what is done; an approval is good for this alone" { "effect " code { (&item.effect_hash[..item.effect_hash.len().min(8)]) } }
        }
        @match task.decision(Some(&item.item_id)) {
            Some(decision) => {
                (decided(decision))
                @if let Some(outcome) = task.outcome(&item.item_id) { (confirmed(outcome)) }
            },
            None if task.question.open => div.choices { (choices(task, item)) },
            None => p.quiet { "Not decided." },
        }
    }
}

fn choices(task: &Task<'_>, item: &TaskItem) -> Markup {
    let offers = |choice| item.choices.contains(&choice);
    let id = html! { input type="hidden" name="item_id" value=(item.item_id); };
    html! {
        @if offers(Choice::Approve) {
            (task.form("approve", html! {
                (id)
                input type="hidden" name="effect_hash" value=(item.effect_hash);
                button.primary type="submit" { "Approve" span.hidden { ": " (item.title) } }
            }))
        }
        @if offers(Choice::Skip) {
            (task.form("skip", html! { (id) button type="submit" { "Skip" span.hidden { ": " (item.title) } } }))
        }
        @if offers(Choice::Modify) && !item.modifications.is_empty() {
            details.modify #{ "modify-" (item.item_id) } {
                summary { "Change" span.hidden { ": " (item.title) } }
                (task.form("modify", html! { div.stack {
                    (id)
                    @for (name, values) in &item.modifications {
                        label { (words::title(name)) span.hidden { ": " (item.title) }
                            select name={ (CHANGE) (name) } {
                                option value="" { "As it is" }
                                @for value in values { option value=(value) { (shown(value)) } }
                            }
                        }
                    }
                    button type="submit" { "Show me the change" span.hidden { ": " (item.title) } }
                } }))
            }
        }
    }
}

/// A value as a person writes it.
fn shown(value: &Value) -> String {
    let money = serde_json::from_value::<money::Money>(value.clone());
    match (value, money) {
        (_, Ok(money)) => amount(money),
        (Value::String(text), _) => words::title(text),
        (other, _) => other.to_string(),
    }
}
