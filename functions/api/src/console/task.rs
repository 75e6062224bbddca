//! A question as its user sees and answers it: approvals item by item, guides, recovery alerts, undoing by hand.

mod alert;
mod approve;
pub(crate) mod arrangement;
mod by_hand;
mod guide;

use crate::console::site::Site;
use crate::console::told::Told;
use crate::console::words;
use crate::view::{Decision, Question, ReportItem};
use events::{Answer, ItemId, TaskKind};
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// A question with what was decided on it, what became of that, and what was just said to an answer.
pub(crate) fn question(site: &Site, told: &Told, said: Option<Markup>) -> Markup {
    let Told { question, outcomes, zone } = told;
    let task = &question.request;
    let part = Task { site, question, outcomes, zone };
    html! {
        article.task #{ "task-" (task.task_id) } {
            @if let Some(said) = said { (said) }
            @match task.kind {
                TaskKind::Approve => (approve::view(&part)),
                TaskKind::Guide => (guide::view(&part)),
                TaskKind::Help => (alert::view(&part)),
                TaskKind::Undo => (by_hand::view(&part)),
            }
            @if question.open {
                p.quiet.small {
                    "Asked " (words::time(question.asked_at))
                    // What is to be undone by hand waits for good.
                    @if !words::is_for_good(task.deadline) {
                        " \u{b7} waits for you until " (words::time(task.deadline))
                        @if let Some(then) = &question.afterwards { "; after that, " (then) }
                    }
                }
            }
        }
    }
}

/// What the parts of a question are made of.
struct Task<'a> {
    site: &'a Site,
    question: &'a Question,
    outcomes: &'a [ReportItem],
    /// The zone of its reader's clock.
    zone: &'a TimeZone,
}

impl Task<'_> {
    /// A form that answers. With a script the question alone is shown anew, without one its page.
    fn form(&self, kind: &str, fields: Markup) -> Markup {
        let action = self.site.href(&format!("/tasks/{}/answers", self.question.request.task_id));
        html! {
            form method="post" action=(action) hx-post=(action) hx-target="closest article.task" hx-swap="morph:outerHTML" hx-ext="morph" hx-disabled-elt="find button" {
                input type="hidden" name="type" value=(kind);
                (fields)
            }
        }
    }

    /// The id of an item's place: by it the page finds the item again when others come or go, with what is being written there.
    fn anchor(&self, item: &ItemId) -> String {
        format!("item-{}-{item}", self.question.request.task_id)
    }

    /// What was decided on an item; on the whole where there are no items.
    fn decision(&self, item: Option<&ItemId>) -> Option<&Decision> {
        self.question.decisions.iter().find(|it| it.item_id.as_ref() == item)
    }

    /// What became of an item.
    fn outcome(&self, item: &ItemId) -> Option<&ReportItem> {
        self.outcomes.iter().find(|it| it.item_id == *item)
    }
}

/// What was decided, by whom and when.
fn decided(decision: &Decision) -> Markup {
    let what = match &decision.answer {
        Answer::Approve { .. } => "Approved",
        Answer::Modify { .. } => "Changed; we will show it to you again with your change",
        Answer::Skip { .. } => "Left out",
        Answer::Done { .. } => "Reported as done; being checked",
        Answer::Continue { .. } => "Tried again",
        Answer::Override {} => "Taken as it is",
        Answer::Grant {} => "Allowed",
        Answer::Deny {} => "Not allowed",
        Answer::Stop {} => "Stopped",
        Answer::Progress { .. } | Answer::Help { .. } => "Noted",
    };
    html! {
        p.decided {
            span aria-hidden="true" { "\u{2713} " } b { (what) }
            @if decision.by_deadline { " by its deadline" } " \u{b7} " (words::time(decision.at))
        }
    }
}

/// What became of what was decided, as the provider confirmed it.
fn confirmed(outcome: &ReportItem) -> Markup {
    use crate::view::ItemOutcome as Is;
    let words = match outcome.outcome {
        Is::Done => "Done",
        Is::Undone => "Undone",
        Is::NotUndone => "Could not be undone",
        Is::InDoubt => "Being checked",
        Is::NotDone => "Not done",
        Is::Open => return html! {},
    };
    html! {
        dl.confirmed {
            div { dt { "Result" } dd { b { (words) } @if !outcome.words.is_empty() { ": " (outcome.words) } } }
            @if !outcome.reference.is_empty() { div { dt { "Reference" } dd { code { (outcome.reference) } } } }
            @if let Some(undo) = outcome.undo { div { dt { "Undo" } dd { (words::undoable(undo)) } } }
        }
    }
}
