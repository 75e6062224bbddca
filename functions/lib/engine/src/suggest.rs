//! What to do next, after a run.

use crate::card::LiveImpact;
use crate::history::Declined;
use crate::learn::Learned;
use crate::preflight::lacking;
use crate::recommend::{Opinion, opinion, urgency};
use crate::run::after;
use crate::user::Access;
use events::{RunId, SimulationCompleted, WorkflowId, WorkflowSuggested};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::Money;
use statemachines::{Catalog, Seconds, Status, Workflow};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How long a workflow that the user declined is not suggested again.
const LEFT_ALONE: Seconds = Seconds(30 * 24 * 3600);

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
    /// What the user allows.
    pub access: &'a Access,
    /// What the user declined before.
    pub declined: Option<&'a Declined>,
    /// What was learnt of workflows from earlier runs of anybody.
    pub learned: &'a BTreeMap<WorkflowId, Learned>,
    /// Now.
    pub now: Timestamp,
}

/// A workflow that could come next, with what speaks for and against it.
struct Candidate<'a> {
    workflow: &'a Workflow,
    opinion: Opinion,
    lacking: Vec<String>,
    declined: Option<Timestamp>,
    /// What its runs usually confirm a month in the household's currency, and of how many.
    usual: Option<(Money, usize)>,
}

/// The workflow that fits best after a run; `None` when none does.
///
/// Only one whose trigger fires on the run's own figures fits: without debt nothing is gained by paying it off faster, and a reason
/// that is none is not shown. One that was declined in the last 30 days does not. In order: selectable, never declined, nothing
/// lacking for it, what its runs have usually confirmed, the category's urgency, score. A workflow whose triggers cannot be evaluated
/// is not suggested.
pub fn suggest(catalog: &Catalog, ended: &Ended) -> Option<WorkflowSuggested> {
    let simulation = serde_json::to_value(ended.simulation).unwrap_or_default();
    let currency = ended.simulation.liquid.currency;
    let mut fitting: Vec<Candidate> = catalog
        .newest()
        .filter(|it| it.id != ended.workflow.id && !ended.busy.contains(&it.id))
        .filter_map(|it| Some((it, opinion(it, ended.simulation).ok().filter(|it| it.fired)?)))
        .map(|(workflow, opinion)| Candidate {
            lacking: lacking(workflow, ended.access, &simulation, ended.now),
            declined: ended.declined.and_then(|it| it.workflows.get(&workflow.id).copied()),
            usual: ended.learned.get(&workflow.id).and_then(|it| it.usually_confirms(currency)),
            workflow,
            opinion,
        })
        .filter(|it| it.declined.is_none_or(|at| after(at, LEFT_ALONE) <= ended.now))
        .collect();
    fitting.sort_by(|a, b| {
        let order = |it: &Candidate| {
            let available = it.workflow.status == Status::Available;
            let brings = it.usual.map_or(0, |(amount, _)| amount.minor);
            let category = urgency(it.workflow.category);
            (Reverse(available), it.declined.is_some(), it.lacking.len(), Reverse(brings), category)
        };
        order(a)
            .cmp(&order(b))
            .then(b.opinion.score.total_cmp(&a.opinion.score))
            .then(a.workflow.id.cmp(&b.workflow.id))
    });
    let best = fitting.into_iter().next()?;
    let reasons = best.reasons(ended);
    Some(WorkflowSuggested {
        run_id: ended.run_id.clone(),
        workflow_id: best.workflow.id.clone(),
        name: best.workflow.name.clone(),
        available: best.workflow.status == Status::Available,
        reasons,
    })
}

impl Candidate<'_> {
    /// Why it, in words: the trigger's figures, what the run revealed, what earlier runs brought, and what speaks against it.
    fn reasons(&self, ended: &Ended) -> Vec<String> {
        let mut reasons = self.opinion.reasons.clone();
        reasons.extend(freed(ended));
        if let Some((amount, runs)) = self.usual.filter(|(amount, _)| amount.is_positive()) {
            reasons.push(match runs {
                1 => format!("its latest run has confirmed {amount} a month"),
                runs => format!("its latest {runs} runs have usually confirmed {amount} a month"),
            });
        }
        reasons.extend(self.lacking.iter().map(|what| format!("before it begins: {what}")));
        if let Some(at) = self.declined {
            reasons.push(format!("you left it out on {}", at.to_zoned(TimeZone::UTC).date()));
        }
        reasons
    }
}

/// What the run itself adds to the reasons.
fn freed(ended: &Ended) -> Option<String> {
    let monthly = ended.impact.confirmed.filter(|amount| amount.is_positive())?;
    Some(format!("{} freed {monthly} a month", ended.workflow.name))
}

#[cfg(test)]
mod tests;
