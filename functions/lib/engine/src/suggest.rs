//! What to do next, after a run.

use crate::card::LiveImpact;
use crate::recommend::{Opinion, opinion, urgency};
use events::{RunId, SimulationCompleted, WorkflowId, WorkflowSuggested};
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
/// Only one whose trigger fires on the run's own figures fits: without debt nothing is gained by paying it off faster, and a reason
/// that is none is not shown. In order: selectable, the category's urgency, score. A workflow whose triggers cannot be evaluated is
/// not suggested.
pub fn suggest(catalog: &Catalog, ended: &Ended) -> Option<WorkflowSuggested> {
    let mut fitting: Vec<(&Workflow, Opinion)> = catalog
        .newest()
        .filter(|it| it.id != ended.workflow.id && !ended.busy.contains(&it.id))
        .filter_map(|it| Some((it, opinion(it, ended.simulation).ok()?)))
        .filter(|(_, opinion)| opinion.fired)
        .collect();
    fitting.sort_by(|(a, of_a), (b, of_b)| {
        let order = |it: &Workflow| (Reverse(it.status == Status::Available), urgency(it.category));
        order(a).cmp(&order(b)).then(of_b.score.total_cmp(&of_a.score)).then(a.id.cmp(&b.id))
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

/// What the run itself adds to the reasons.
fn freed(ended: &Ended) -> Option<String> {
    let monthly = ended.impact.confirmed.filter(|amount| amount.is_positive())?;
    Some(format!("{} freed {monthly} a month", ended.workflow.name))
}

#[cfg(test)]
mod tests;
