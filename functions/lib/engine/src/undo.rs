//! What is undone next when a run rolls back.

use crate::run::Run;
use crate::status::{Ending, StepStatus};
use crate::step::StepRecord;
use events::StepId;
use statemachines::{RetryPolicy, Workflow};

/// The step whose effects are undone next, of the whole run or of a group: by the rollback plan first, then the latest started
/// first. `None` when nothing is left.
pub fn next_undo(run: &Run, workflow: &Workflow, group: Option<&str>) -> Option<StepId> {
    let inside = |id: &StepId| match group {
        Some(group) => workflow.step(id).is_some_and(|step| step.group.as_deref() == Some(group)),
        None => true,
    };
    let open: Vec<_> = run
        .steps
        .iter()
        .filter(|(id, entry)| entry.open_effects && entry.status != StepStatus::UndoFailed && inside(id))
        .collect();
    let planned = workflow.rollback_plan.iter().find(|plan| open.iter().any(|(id, _)| **id == plan.step));
    if let Some(plan) = planned {
        return Some(plan.step.clone());
    }
    open.into_iter().max_by_key(|(_, entry)| entry.order).map(|(id, _)| id.clone())
}

/// The step in whose middle a stop came, latest first: what is done in it is kept. Not of a group that is undone, whatever the run's
/// end.
pub fn next_unfinished(run: &Run, workflow: &Workflow) -> Option<StepId> {
    let kept = |id: &StepId| {
        let group = workflow.step(id).and_then(|step| step.group.as_deref());
        group.is_none_or(|group| !run.is_broken(workflow, group))
    };
    let open = run.steps.iter().filter(|(id, entry)| {
        let left = !entry.status.is_settled() && entry.status != StepStatus::UndoFailed;
        entry.open_effects && left && kept(id)
    });
    open.max_by_key(|(_, entry)| entry.order).map(|(id, _)| id.clone())
}

/// The group of a stopped run of which something is left to undo: it has failed, or the stop came in its middle.
pub fn next_broken_group<'a>(run: &Run, workflow: &'a Workflow) -> Option<&'a str> {
    let mut groups = workflow.steps.iter().filter_map(|step| step.group.as_deref());
    groups.find(|group| run.is_broken(workflow, group) && next_undo(run, workflow, Some(group)).is_some())
}

/// Whether anything is left to do in a run that is being ended: to keep and to undo of half a group where it is stopped, else to undo.
pub fn is_left(run: &Run, workflow: &Workflow) -> bool {
    if run.ending == Some(Ending::Stop) {
        next_unfinished(run, workflow).is_some() || next_broken_group(run, workflow).is_some()
    } else {
        next_undo(run, workflow, None).is_some()
    }
}

/// Whether another attempt of an undo is allowed by its retry policy.
pub fn may_retry_undo(run: &Run, workflow: &Workflow, step: &StepId) -> bool {
    let undo = workflow.step(step).and_then(|it| it.undo.as_ref());
    let attempts = undo.map_or_else(|| RetryPolicy::default().attempts, |undo| undo.retry.attempts);
    run.entry(step).attempt < attempts
}

/// The effects of a step that may be in force, latest first.
pub fn open_items(record: &StepRecord) -> impl Iterator<Item = &crate::step::Item> {
    record.items.iter().rev().filter(|item| item.state.may_be_in_force())
}
