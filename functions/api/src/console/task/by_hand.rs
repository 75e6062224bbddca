//! Undoing by hand what no agent could undo: what is in force, how to reverse it, whom to ask, and the proof.

use super::{Task, confirmed, decided};
use crate::view::{ByHand, LeftItem};
use events::Choice;
use maud::{Markup, html};

pub(super) fn view(task: &Task<'_>) -> Markup {
    let request = &task.question.request;
    html! {
        h2 { (request.prompt) }
        @if let Some(by_hand) = &task.question.by_hand {
            (how(by_hand))
            ul.items { @for it in &by_hand.items { li.item id=(task.anchor(&it.item_id)) { (left(task, it, &by_hand.proof)) } } }
        }
    }
}

fn how(by_hand: &ByHand) -> Markup {
    html! {
        p { "This could not be undone for you. It takes a few minutes by hand:" }
        ol.steps { @for step in &by_hand.steps { li { (step) } } }
        dl.lines { div { dt { "Who helps" } dd { (by_hand.contact) } } div { dt { "What proves it" } dd { (by_hand.proof) } } }
    }
}

fn left(task: &Task<'_>, left: &LeftItem, proof: &str) -> Markup {
    let offered = task.question.request.items.iter().find(|it| it.item_id == left.item_id);
    let skips = offered.is_some_and(|it| it.choices.contains(&Choice::Skip));
    let id = html! { input type="hidden" name="item_id" value=(left.item_id); };
    html! {
        h3 { (left.title) }
        @if !left.reference.is_empty() { p { "Reference " code { (left.reference) } } }
        @if !left.why.is_empty() { p.quiet { (left.why) } }
        @match task.decision(Some(&left.item_id)) {
            Some(decision) => {
                (decided(decision))
                @if let Some(outcome) = task.outcome(&left.item_id) { (confirmed(outcome)) }
            },
            None if task.question.open => div.choices {
                (task.form("done", html! {
                    (id)
                    div.stack {
                        label { "Proof" span.hidden { ": " (left.title) } span.hint { (proof) } input name="reference" required maxlength="2000" autocomplete="off"; }
                        button.primary type="submit" { "It is reversed" span.hidden { ": " (left.title) } }
                    }
                }))
                @if skips { (task.form("skip", html! { (id) button type="submit" { "Leave it in force" span.hidden { ": " (left.title) } } })) }
            },
            None => "",
        }
    }
}
