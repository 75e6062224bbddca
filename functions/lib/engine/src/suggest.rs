//! What to do next, after a run.

use crate::card::LiveImpact;
use crate::recommend::{Opinion, opinion, urgency};
use events::{Category, RunId, SimulationCompleted, WorkflowId, WorkflowSuggested};
use statemachines::{Catalog, Status, Workflow};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A run that ended, as the next suggestion reads it.
pub struct Ended<'a> {
    /// The run.
    pub run_id: &'a RunId,
    /// Its definition.
    pub workflow: &'a Workflow,
    /// What it brought.
    pub impact: &'a LiveImpact,
    /// The figures it was started from.
    pub simulation: &'a SimulationCompleted,
    /// Workflows that are not suggested: those under way.
    pub busy: &'a BTreeSet<WorkflowId>,
}

/// The workflow that fits best after a run; `None` when none does.
///
/// One whose trigger fires on the run's own figures fits, and so does one of a category that comes after the run's. In order: fired,
/// selectable, the category's urgency, score. A workflow whose triggers cannot be evaluated is not suggested.
pub fn suggest(catalog: &Catalog, ended: &Ended) -> Option<WorkflowSuggested> {
    let mut fitting: Vec<(&Workflow, Opinion)> = catalog
        .newest()
        .filter(|it| it.id != ended.workflow.id && !ended.busy.contains(&it.id))
        .filter_map(|it| Some((it, opinion(it, ended.simulation).ok()?)))
        .filter(|(it, opinion)| opinion.fired || follows(ended.workflow.category, it.category))
        .collect();
    fitting.sort_by(|(a, of_a), (b, of_b)| {
        let order = |it: &Workflow, opinion: &Opinion| {
            (Reverse(opinion.fired), Reverse(it.status == Status::Available), urgency(it.category))
        };
        order(a, of_a).cmp(&order(b, of_b)).then(of_b.score.total_cmp(&of_a.score)).then(a.id.cmp(&b.id))
    });
    let (workflow, opinion) = fitting.into_iter().next()?;
    let mut reasons = opinion.reasons;
    reasons.extend(freed(ended));
    Some(WorkflowSuggested {
        run_id: ended.run_id.clone(),
        workflow_id: workflow.id.clone(),
        name: workflow.name.clone(),
        available: workflow.status == Status::Available,
        reasons,
    })
}

/// Whether a category comes after another: once the emergency is over, guard, spare, then earn.
fn follows(done: Category, next: Category) -> bool {
    urgency(next) > urgency(done)
}

/// What the run itself adds to the reasons.
fn freed(ended: &Ended) -> Option<String> {
    let monthly = ended.impact.confirmed.filter(|amount| amount.is_positive())?;
    Some(format!("{} freed {monthly} a month", ended.workflow.name))
}

#[cfg(test)]
mod tests;
