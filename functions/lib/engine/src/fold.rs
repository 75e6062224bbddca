//! The progress card, folded event by event: the same events give the same card, whenever they are folded.

mod impact;
mod steps;

pub(crate) use impact::sums;
pub use impact::{goal_event, goal_progress, nearer, risk_event, tenths, totals};

use crate::card::{Card, UpcomingStep};
use crate::learn::Learned;
use crate::progress;
use crate::run::Run;
use crate::status::RunStatus;
use crate::user::Goal;
use events::{EventType, WorkflowEvent};
use jiff::Timestamp;
use statemachines::{Seconds, Step, Workflow};

/// The card of a run before its first event: every step to come, those that only run in another's place left out.
pub fn blank(run: &Run, workflow: &Workflow) -> Card {
    let steps = workflow.steps.iter().filter(|step| !workflow.is_fallback(&step.id));
    let upcoming = steps.map(|step| UpcomingStep { step_id: step.id.clone(), name: step.name.clone() });
    let mut card = Card {
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        workflow_id: run.workflow_id.clone(),
        name: workflow.name.clone(),
        status: RunStatus::Queued,
        reason: None,
        progress: 0,
        remaining_seconds: (0, 0),
        waiting_seconds: None,
        started_at: None,
        ended_at: None,
        current: Vec::new(),
        completed: Vec::new(),
        upcoming: upcoming.collect(),
        impact: crate::card::LiveImpact::default(),
        seq: 0,
    };
    card.remaining_seconds = remaining(&card, workflow, None);
    card
}

/// Folds an event into a card. An event that the card has seen changes nothing. `goals` are the user's, for what the impact means;
/// `learned` is how long the workflow's steps have taken before.
#[must_use]
pub fn card(
    mut card: Card,
    event: &WorkflowEvent,
    workflow: &Workflow,
    goals: &[Goal],
    learned: Option<&Learned>,
) -> Card {
    if event.seq <= card.seq {
        return card;
    }
    card.seq = event.seq;
    let at = Timestamp::from_millisecond(event.timestamp).unwrap_or_default();
    match event.event_type {
        EventType::RunStateChanged => change_state(&mut card, event, workflow, at),
        EventType::WorkflowStarted => card.started_at = Some(at),
        // What a run ends with is told by the change of its state.
        EventType::WorkflowCompleted | EventType::WorkflowFailed => {}
        EventType::StepStarted => steps::started(&mut card, event, workflow, at),
        EventType::StepProgress => steps::progressed(&mut card, event, workflow, at),
        EventType::StepWaitingUser | EventType::ManualReview => steps::waits(&mut card, event, workflow, at),
        EventType::StepRetrying => steps::retries(&mut card, event, workflow, at),
        EventType::StepFailed => steps::failed(&mut card, event, workflow, goals, at),
        EventType::StepCompleted => steps::completed(&mut card, event, workflow, goals),
        EventType::SavingsAchieved | EventType::RiskReduced => impact::add(&mut card, event, workflow, goals),
        EventType::GoalProgressed => impact::progress_goal(&mut card, event),
        EventType::PartialSuccess => steps::left(&mut card, event),
        // It is the reason of the change of state that follows.
        EventType::DependencyIssue => {}
    }
    card.progress = progress(&card, event, workflow);
    card.remaining_seconds = remaining(&card, workflow, learned);
    card.waiting_seconds = learned.and_then(|learned| waiting(&card, workflow, learned));
    card
}

fn change_state(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, at: Timestamp) {
    let details = &event.data.details;
    let alerted = card.status == RunStatus::Paused;
    if let Ok(to) = serde_json::from_value(details["to"].clone()) {
        card.status = to;
    }
    card.reason = details["reason"].as_str().map(str::to_owned);
    card.ended_at = card.status.is_terminal().then_some(at);
    if card.status == RunStatus::RollingBack {
        steps::ask_no_more(card, alerted, at);
    }
    if card.status.is_terminal() {
        steps::close(card, at);
    }
    if let Some(reopened) = steps::detail::<Vec<events::StepId>>(event, "reopened") {
        steps::reopen(card, &reopened, workflow);
    }
}

/// Overall progress: the event's own, or more where a step's agent has reported; 100 only when completed; never less than before.
fn progress(card: &Card, event: &WorkflowEvent, workflow: &Workflow) -> u8 {
    if card.status == RunStatus::Completed {
        return 100;
    }
    let percent = progress::percent(workflow, |step| {
        let current = card.current.iter().find(|it| it.step_id == step.id);
        let settled = card.completed.iter().any(|it| it.step_id == step.id);
        let takes_part = !workflow.is_fallback(&step.id) || current.is_some() || settled;
        takes_part.then(|| if settled { 100 } else { current.map_or(0, |it| it.percent) })
    });
    percent.max(event.data.progress).min(99).max(card.progress)
}

/// Work left, at best and at worst. Of a step that enough runs have had, what it took in them; of any other what it is expected to
/// take, stretched to the workflow's own range.
fn remaining(card: &Card, workflow: &Workflow, learned: Option<&Learned>) -> (u32, u32) {
    let left = left(card, workflow);
    let all: u64 = left.iter().map(|(step, _)| seconds(step)).sum();
    let range = workflow.estimated_duration;
    // Hundredths of seconds of what was learnt, and of what is expected times the weight of all steps.
    let (mut learnt, mut expected) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for (step, percent) in left {
        let left = |seconds: u32| u64::from(seconds) * u64::from(percent);
        match learned.and_then(|it| it.worked(step)) {
            Some((low, high)) => learnt = (learnt.0 + left(low), learnt.1 + left(high)),
            None => {
                let share = |bound: Seconds| left(bound.get()) * seconds(step);
                expected = (expected.0 + share(range.min), expected.1 + share(range.max));
            }
        }
    }
    let whole = |learnt: u64, expected: u64| {
        let hundredths = learnt + expected.checked_div(all).unwrap_or(0);
        u32::try_from(hundredths / 100).unwrap_or(u32::MAX)
    };
    (whole(learnt.0, expected.0), whole(learnt.1, expected.1))
}

/// How long the steps that are left usually wait for people.
fn waiting(card: &Card, workflow: &Workflow, learned: &Learned) -> Option<(u32, u32)> {
    let left = left(card, workflow);
    let ranges = left.iter().filter(|(_, percent)| *percent > 0).map(|(step, _)| learned.waited(step));
    ranges.flatten().reduce(|(a, b), (c, d)| (a.saturating_add(c), b.saturating_add(d)))
}

/// Every step that takes part, with how much of it is left, in percent. One that runs in another's place does once it began.
fn left<'a>(card: &Card, workflow: &'a Workflow) -> Vec<(&'a Step, u8)> {
    let of = |step: &'a Step| {
        let current = card.current.iter().find(|it| it.step_id == step.id);
        let settled = card.completed.iter().any(|it| it.step_id == step.id);
        if workflow.is_fallback(&step.id) && current.is_none() && !settled {
            return None;
        }
        let over = settled || card.status.is_terminal();
        Some((step, if over { 0 } else { 100 - current.map_or(0, |it| it.percent.min(100)) }))
    };
    workflow.steps.iter().filter_map(of).collect()
}

fn seconds(step: &Step) -> u64 {
    u64::from(step.expected_duration.get().max(1))
}

#[cfg(test)]
mod tests;
