//! Event in, completion written once, with what tells of it.

use crate::failed::Failed;
use engine::fold::{goal_event, totals};
use engine::suggest::{Ended, suggest};
use engine::{Completion, Goal, ImpactLine, LiveImpact, Out, Run, StepRecord};
use events::{
    Envelope, EventType, ImpactKind, ImpactStage, RunId, SimulationCompleted, UserId, WorkflowEvent,
    WorkflowId, WorkflowSuggested,
};
use money::{Currency, Money};
use ports::{Clock, Commit, CommitError, Key, List, Listing, Read, Record, Stored, Write, keep_newer};
use serde_json::Value;
use shell::bus::{Received, receive};
use statemachines::{Catalog, Workflow};
use std::collections::BTreeSet;

/// How often the completion is calculated again because the run changed meanwhile.
const TRIES: u32 = 8;

/// Records of a run read at a time.
const PAGE: usize = 100;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The completion is written.
    Calculated,
    /// It was there already.
    CalculatedBefore,
    /// The event tells of no completed run.
    Nothing,
    /// It is of a later version and was kept.
    Kept,
}

/// Calculates a completed run's impact and suggestion, once, for a `workflow.completed` of the bus.
///
/// # Errors
/// [`Failed`]; nothing was written.
pub async fn handle(
    table: &(impl Read + Commit + List),
    clock: &impl Clock,
    catalog: &Catalog,
    event: Value,
) -> Result<Answer, Failed> {
    match receive::<WorkflowEvent>(event)? {
        Received::Known(it) if it.data.event_type != EventType::WorkflowCompleted => Ok(Answer::Nothing),
        Received::Known(envelope) => complete(table, catalog, envelope).await,
        Received::Newer(newer) => {
            keep_newer(table, "completion", newer.into_parts(), clock.now()).await?;
            Ok(Answer::Kept)
        }
    }
}

async fn complete(
    table: &(impl Read + Commit + List),
    catalog: &Catalog,
    envelope: Envelope<WorkflowEvent>,
) -> Result<Answer, Failed> {
    let run_id = &envelope.data.run_id;
    for _ in 0..TRIES {
        let household = Household::load(table, run_id, &envelope.user_id).await?;
        if household.completed {
            return Ok(Answer::CalculatedBefore);
        }
        let records = read_run(table, run_id).await?;
        let writes = writes(&records, &household, catalog, run_id)?;
        match table.commit(writes).await {
            Ok(()) => return Ok(Answer::Calculated),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}

/// What is known beside the run's own records.
#[derive(Default)]
struct Household {
    completed: bool,
    goals: Vec<Goal>,
    /// The workflows of other runs under way.
    busy: BTreeSet<WorkflowId>,
}

impl Household {
    async fn load(table: &impl Read, run: &RunId, user: &UserId) -> Result<Self, Failed> {
        let keys = [Key::Completion(run.clone()), Key::Goals(user.clone()), Key::Queue(user.clone())];
        let mut household = Self::default();
        for stored in table.read(&keys).await? {
            match stored.record {
                Record::Completion(_) => household.completed = true,
                Record::Goals(it) => household.goals = it.goals,
                Record::Queue(it) => {
                    let runs = it.waiting.into_iter().chain(it.running);
                    household.busy = runs.filter(|it| it.run_id != *run).map(|it| it.workflow_id).collect();
                }
                _ => {}
            }
        }
        Ok(household)
    }
}

/// What a completion is calculated from.
struct Records {
    run: Option<(Run, u64)>,
    steps: Vec<StepRecord>,
    simulation: Option<SimulationCompleted>,
}

async fn read_run(table: &impl List, run: &RunId) -> Result<Records, Failed> {
    let mut records = Records { run: None, steps: Vec::new(), simulation: None };
    let mut after = None;
    loop {
        let page = table.list(Listing::Run(run.clone()), after, PAGE).await?;
        let full = page.len() == PAGE;
        after = page.last().map(|it| it.record.key().sk());
        for stored in page {
            records.add(stored);
        }
        if !full {
            return Ok(records);
        }
    }
}

impl Records {
    fn add(&mut self, stored: Stored) {
        match stored.record {
            Record::Run(run) => self.run = Some((run, stored.rev)),
            Record::Step(step) => self.steps.push(step),
            // Figures that cannot be read suggest nothing.
            Record::Context(it) => self.simulation = serde_json::from_value(it.simulation).ok(),
            _ => {}
        }
    }

    /// The impact of every step, in the order of the definition.
    fn impact(&self, workflow: &Workflow, goals: &[Goal]) -> LiveImpact {
        let steps =
            workflow.steps.iter().filter_map(|it| self.steps.iter().find(|step| step.step_id == it.id));
        let lines = steps.flat_map(|step| {
            step.impact().map(|impact| ImpactLine::of(Some(step.step_id.clone()), impact.clone()))
        });
        totals(lines.collect(), workflow, goals)
    }
}

fn writes(
    records: &Records,
    household: &Household,
    catalog: &Catalog,
    run_id: &RunId,
) -> Result<Vec<Write>, Failed> {
    let unknown = || Failed::UnknownRun(run_id.clone());
    let (run, rev) = records.run.as_ref().ok_or_else(unknown)?;
    let pinned = catalog.get(&run.workflow_id, run.version);
    let workflow = pinned.or_else(|| catalog.latest(&run.workflow_id)).ok_or_else(unknown)?;
    let mut impact = records.impact(workflow, &household.goals);
    if let Some(simulation) = &records.simulation {
        say_nothing_was_saved(&mut impact, simulation.liquid.currency);
    }
    let suggestion = records.simulation.as_ref().and_then(|simulation| {
        suggest(catalog, &Ended { run_id, workflow, impact: &impact, simulation, busy: &household.busy })
    });
    let goal = impact.goal.as_ref().map(|goal| Out::Run(goal_event(goal)));
    let completion = completion(run, impact, suggestion.clone());
    let first = Write::create(completion).telling(suggestion.map(Out::Suggested));
    let goal = goal.map(|goal| Write::update(Record::Run(run.clone()), *rev).telling([goal]));
    Ok(std::iter::once(first).chain(goal).collect())
}

/// That a completed run saved nothing is a result, and has an amount like any other.
fn say_nothing_was_saved(impact: &mut LiveImpact, currency: Currency) {
    let confirmed = |it: &ImpactLine| it.kind == ImpactKind::Savings && it.stage == ImpactStage::Confirmed;
    if !impact.items.iter().any(confirmed) {
        impact.confirmed = Some(Money::zero(currency));
        impact.annual = Some(Money::zero(currency));
    }
}

fn completion(run: &Run, impact: LiveImpact, suggestion: Option<WorkflowSuggested>) -> Record {
    Record::Completion(Completion {
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        impact,
        suggestion,
    })
}

#[cfg(test)]
mod tests;
