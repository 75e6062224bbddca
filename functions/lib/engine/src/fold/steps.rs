//! The steps on the card: to come, under way, settled.

use super::impact;
use crate::card::{Card, CompletedStep, CurrentStep, UpcomingStep};
use crate::status::RunStatus;
use crate::user::Goal;
use events::{Figure, StepId, WorkflowEvent};
use jiff::Timestamp;
use statemachines::{Step, Workflow};

/// The step of an event, put under way if it is not yet.
fn current<'a>(
    card: &'a mut Card,
    event: &WorkflowEvent,
    workflow: &Workflow,
    at: Timestamp,
) -> Option<&'a mut CurrentStep> {
    let id = event.step_id.as_ref()?;
    card.upcoming.retain(|it| it.step_id != *id);
    let place = match card.current.iter().position(|it| it.step_id == *id) {
        Some(place) => place,
        None => {
            card.current.push(began(id, workflow.step(id), at));
            card.current.len() - 1
        }
    };
    card.current.get_mut(place)
}

fn began(id: &StepId, step: Option<&Step>, since: Timestamp) -> CurrentStep {
    let first = step.and_then(|it| it.actions.first());
    CurrentStep {
        step_id: id.clone(),
        name: step.map_or_else(|| id.to_string(), |it| it.name.clone()),
        agent: step.map_or_else(String::new, |it| display_name(it.agent.as_str())),
        status: first.map_or_else(String::new, |it| it.name.clone()),
        percent: 0,
        waiting_user: false,
        since,
        figures: Vec::new(),
    }
}

/// An agent's name as people read it: `Bill Negotiator` of `bill-negotiator`.
fn display_name(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    };
    id.split('-').map(word).collect::<Vec<_>>().join(" ")
}

/// It began.
pub(super) fn started(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, at: Timestamp) {
    current(card, event, workflow, at);
}

/// Its agent reported: `details` has `percent`, `headline` and `figures` by name. A report that comes after its step is settled is
/// dropped; the engine's own notes have no details and may take a settled step up again, to undo it. Only such a note tells that a
/// step goes on which waited for its user: who waits may well report how far they are.
pub(super) fn progressed(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, at: Timestamp) {
    let settled = card.completed.iter().any(|it| Some(&it.step_id) == event.step_id.as_ref());
    let note = event.data.details.is_null();
    if card.status.is_terminal() || (settled && !note) {
        return;
    }
    let step = event.step_id.as_ref().and_then(|id| workflow.step(id));
    let Some(current) = current(card, event, workflow, at) else {
        return;
    };
    let details = &event.data.details;
    current.waiting_user &= !note;
    current.status = details["headline"].as_str().unwrap_or(&event.data.message).to_owned();
    let percent = details["percent"].as_u64().map_or(0, |it| it.min(100));
    current.percent = current.percent.max(u8::try_from(percent).unwrap_or(100));
    for (name, figure) in details["figures"].as_object().into_iter().flatten() {
        if let Ok(figure) = serde_json::from_value(figure.clone()) {
            follow(&mut current.figures, label(step, name), figure);
        }
    }
}

/// What the definition calls an agent's figure; the agent's own name where it has none.
fn label(step: Option<&Step>, figure: &str) -> String {
    let tracked = step.and_then(|it| it.tracking_events.iter().find(|it| it.figure == figure));
    tracked.map_or_else(|| figure.to_owned(), |it| it.label.clone())
}

fn follow(figures: &mut Vec<(String, Figure)>, label: String, figure: Figure) {
    match figures.iter_mut().find(|(name, _)| *name == label) {
        Some((_, shown)) => *shown = figure,
        None => figures.push((label, figure)),
    }
}

/// It waits for the user. A review of the whole run has no step.
pub(super) fn waits(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, at: Timestamp) {
    if let Some(current) = current(card, event, workflow, at) {
        current.waiting_user = true;
        current.status.clone_from(&event.data.message);
    }
}

/// It is tried again.
pub(super) fn retries(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, at: Timestamp) {
    if let Some(current) = current(card, event, workflow, at) {
        current.waiting_user = false;
        current.status = format!("Trying again: {}", event.data.message);
    }
}

/// It failed: for good when its effects could not all be undone, else until a person has helped. What a partly undone step brought
/// is what the event says is `in_force` still.
pub(super) fn failed(
    card: &mut Card,
    event: &WorkflowEvent,
    workflow: &Workflow,
    goals: &[Goal],
    at: Timestamp,
) {
    let undo = event.data.details["outcome"] == "undo-failed";
    let Some(current) = current(card, event, workflow, at) else {
        return;
    };
    current.waiting_user = false;
    current.status.clone_from(&event.data.message);
    if undo {
        let step = current.clone();
        settle(card, &step.step_id, &step.name, "failed", &event.data.message, seconds_since(step.since, at));
        if let Some(left) = detail(event, "in_force") {
            impact::replace(card, &step.step_id, left, workflow, goals);
        }
    }
}

/// It is settled, skipped or undone. What an undone step brought is taken back, but for what the event says is `in_force` still.
pub(super) fn completed(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, goals: &[Goal]) {
    let Some(id) = &event.step_id else {
        return;
    };
    let outcome = event.data.details["outcome"].as_str().unwrap_or("complete");
    let name = workflow.step(id).map_or_else(|| id.to_string(), |it| it.name.clone());
    // What was done before it was undone has taken as long as it took to do.
    let before = card.completed.iter().find(|it| it.step_id == *id && outcome == "undone");
    let took = u32::try_from(event.metrics.duration / 1000).unwrap_or(u32::MAX);
    settle(card, id, &name, outcome, &event.data.message, before.map_or(took, |it| it.seconds));
    if let Some(step) = card.completed.last_mut() {
        step.undo = detail(event, "undo");
    }
    if let Some(fees) = detail(event, "fees") {
        impact::charge(card, id, fees, workflow, goals);
    }
    if outcome == "undone" {
        let left = detail(event, "in_force").unwrap_or_default();
        impact::replace(card, id, left, workflow, goals);
    }
}

/// Some of its items were not done: its line says which.
pub(super) fn left(card: &mut Card, event: &WorkflowEvent) {
    let step = card.completed.iter_mut().find(|it| Some(&it.step_id) == event.step_id.as_ref());
    if let Some(step) = step {
        step.message = format!("{} (not done: {})", step.message, event.data.message);
    }
}

fn settle(card: &mut Card, id: &StepId, name: &str, outcome: &str, message: &str, seconds: u32) {
    card.upcoming.retain(|it| it.step_id != *id);
    card.current.retain(|it| it.step_id != *id);
    card.completed.retain(|it| it.step_id != *id);
    card.completed.push(CompletedStep {
        step_id: id.clone(),
        name: name.to_owned(),
        outcome: outcome.to_owned(),
        message: message.to_owned(),
        seconds,
        undo: None,
    });
}

/// The run is taken up again: these steps are to come once more.
pub(super) fn reopen(card: &mut Card, reopened: &[StepId], workflow: &Workflow) {
    let again = |id: &StepId| reopened.contains(id);
    card.current.retain(|it| !again(&it.step_id));
    card.completed.retain(|it| !again(&it.step_id));
    let steps = workflow.steps.iter().filter(|step| again(&step.id) && !workflow.is_fallback(&step.id));
    card.upcoming =
        steps.map(|step| UpcomingStep { step_id: step.id.clone(), name: step.name.clone() }).collect();
}

/// The run is being ended: nobody is asked any more. A step that only waited is left out; one that had raised an alert has failed.
pub(super) fn ask_no_more(card: &mut Card, alerted: bool, at: Timestamp) {
    for mut step in std::mem::take(&mut card.current) {
        let waited = std::mem::take(&mut step.waiting_user);
        if waited && !alerted {
            let message = "The run was ended before this was decided.";
            settle(card, &step.step_id, &step.name, "skipped", message, seconds_since(step.since, at));
        } else {
            card.current.push(step);
        }
    }
}

/// The run has ended: nothing is under way or to come any more.
pub(super) fn close(card: &mut Card, at: Timestamp) {
    let outcome = if card.status == RunStatus::Stopped { "skipped" } else { "failed" };
    for step in std::mem::take(&mut card.current) {
        let took = seconds_since(step.since, at);
        settle(card, &step.step_id, &step.name, outcome, &step.status, took);
    }
    card.upcoming.clear();
}

fn seconds_since(since: Timestamp, at: Timestamp) -> u32 {
    u32::try_from(at.as_second() - since.as_second()).unwrap_or(0)
}

/// A detail of an event, if it is there and is a `T`.
pub(super) fn detail<T: serde::de::DeserializeOwned>(event: &WorkflowEvent, name: &str) -> Option<T> {
    event.data.details.get(name).cloned().and_then(|value| serde_json::from_value(value).ok())
}
