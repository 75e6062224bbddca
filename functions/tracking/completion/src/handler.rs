//! Event in, completion written once, with what tells of it.

mod achievements;
mod ended;
mod household;
mod kept;
mod learning;
mod realising;

use crate::failed::Failed;
use engine::fold::{goal_event, risk_event, totals};
use engine::suggest::suggest;
use engine::{Completion, Goal, ImpactLine, LiveImpact, Out, Run, RunImpact, StepRecord};
use events::{
    Envelope, EventType, ImpactKind, ImpactStage, RunId, SimulationCompleted, WorkflowEvent,
    WorkflowSuggested,
};
use household::Household;
use jiff::Timestamp;
use money::{Currency, Money};
use ports::{Clock, Commit, CommitError, List, Listing, Read, Record, Stored, Write, keep_event};
use serde_json::Value;
use shell::bus::{Received, receive};
use statemachines::{Catalog, Workflow};

/// How often something is calculated again because a record changed meanwhile.
const TRIES: u32 = 8;

/// Records read at a time.
const PAGE: usize = 100;

/// The upstream's word, in whose figures savings are seen.
const SIMULATED: &str = "simulation.completed";

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The completion is written.
    Calculated,
    /// It was there already.
    CalculatedBefore,
    /// Achievements or savings were seen in a simulation's figures; so many runs.
    Seen(usize),
    /// The run's end, or what is in force of it now, is accounted for.
    Accounted,
    /// The event tells of nothing that is looked at here.
    Nothing,
    /// It is of a kind or a version that is not known, and was kept.
    Kept,
}

/// Calculates a completed run's impact and suggestion, once, for a `workflow.completed` of the bus; keeps account of a run that ended,
/// for its `run.state_changed`, and of what it has left in force, also when something of it is undone later; looks for savings that show
/// in the figures of a `simulation.completed`. Each may unlock achievements.
///
/// # Errors
/// [`Failed`]; what was written stands, and the same event again goes on from there.
pub async fn handle(
    table: &(impl Read + Commit + List),
    clock: &impl Clock,
    catalog: &Catalog,
    event: Value,
) -> Result<Answer, Failed> {
    let unread = if event["detail-type"] == SIMULATED {
        match receive::<SimulationCompleted>(event) {
            Ok(Received::Known(simulated)) => return realising::realise(table, clock.now(), simulated).await,
            Ok(Received::Unread(unread)) => unread.into_parts(),
            // `recommend` gives it up with the reason: once is enough for whoever looks after it.
            Err(_) => return Ok(Answer::Nothing),
        }
    } else {
        match receive::<WorkflowEvent>(event)? {
            Received::Known(it) if it.data.event_type == EventType::WorkflowCompleted => {
                return complete(table, clock.now(), catalog, it).await;
            }
            Received::Known(it) if it.data.event_type == EventType::RunStateChanged => {
                return ended::keep_account(table, clock.now(), catalog, it).await;
            }
            Received::Known(it) if kept::is_undone(&it.data) => {
                kept::count(table, clock.now(), catalog, &it.data.run_id, &it.user_id).await?;
                return Ok(Answer::Accounted);
            }
            Received::Known(_) => return Ok(Answer::Nothing),
            Received::Unread(unread) => unread.into_parts(),
        }
    };
    keep_event(table, "completion", unread, clock.now()).await?;
    Ok(Answer::Kept)
}

async fn complete(
    table: &(impl Read + Commit + List),
    now: Timestamp,
    catalog: &Catalog,
    envelope: Envelope<WorkflowEvent>,
) -> Result<Answer, Failed> {
    let run_id = &envelope.data.run_id;
    for _ in 0..TRIES {
        let household = Household::load(table, catalog, run_id, &envelope.user_id).await?;
        if household.completed {
            return Ok(Answer::CalculatedBefore);
        }
        let records = read_run(table, run_id).await?;
        let completed = completed(&records, &household, catalog, run_id, now)?;
        match table.commit(completed.writes).await {
            Ok(()) => {
                learning::learn(table, run_id, &completed.impact).await;
                return Ok(Answer::Calculated);
            }
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}

/// What a completion is calculated from.
struct Records {
    run: Option<(Run, u64)>,
    steps: Vec<StepRecord>,
    simulation: Option<SimulationCompleted>,
}

async fn read_run(table: &impl List, run: &RunId) -> Result<Records, Failed> {
    let mut records = Records { run: None, steps: Vec::new(), simulation: None };
    for stored in all(table, Listing::Run(run.clone())).await? {
        records.add(stored);
    }
    Ok(records)
}

/// Everything that a listing has.
async fn all(table: &impl List, list: Listing) -> Result<Vec<Stored>, Failed> {
    let mut found: Vec<Stored> = Vec::new();
    loop {
        let after = found.last().map(|it| it.record.key().sk());
        let page = table.list(list.clone(), after, PAGE).await?;
        let full = page.len() == PAGE;
        found.extend(page);
        if !full {
            return Ok(found);
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

    /// The run, its revision, and its definition.
    fn run_and_workflow<'a>(
        &'a self,
        catalog: &'a Catalog,
        run_id: &RunId,
    ) -> Result<(&'a Run, u64, &'a Workflow), Failed> {
        let unknown = || Failed::UnknownRun(run_id.clone());
        let (run, rev) = self.run.as_ref().ok_or_else(unknown)?;
        let pinned = catalog.get(&run.workflow_id, run.version);
        let workflow = pinned.or_else(|| catalog.latest(&run.workflow_id)).ok_or_else(unknown)?;
        Ok((run, *rev, workflow))
    }

    /// The household's currency.
    fn currency(&self) -> Currency {
        self.simulation.as_ref().map_or(Currency::USD, |it| it.liquid.currency)
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

/// What is written of a completed run.
struct Completed {
    writes: Vec<Write>,
    impact: RunImpact,
}

fn completed(
    records: &Records,
    household: &Household,
    catalog: &Catalog,
    run_id: &RunId,
    now: Timestamp,
) -> Result<Completed, Failed> {
    let (run, rev, workflow) = records.run_and_workflow(catalog, run_id)?;
    let mut impact = records.impact(workflow, &household.goals);
    let currency = records.currency();
    if records.simulation.is_some() {
        say_nothing_was_saved(&mut impact, currency);
    }
    let suggestion = records.simulation.as_ref().and_then(|simulation| {
        suggest(catalog, &household.ended(run_id, workflow, &impact, simulation, now))
    });
    let goal = impact.goal.as_ref().and_then(goal_event).map(Out::Run);
    let risk = records.simulation.as_ref().and_then(|it| risk_event(&impact, workflow, it)).map(Out::Run);
    let before = household.before.as_ref().map(|(it, _)| it);
    let brought = RunImpact::of(run, workflow, &impact, currency, before);
    let completion = completion(run, impact, suggestion.clone());
    let mut writes =
        vec![Write::create(Record::Completion(completion)).telling(suggestion.map(Out::Suggested))];
    if goal.is_some() || risk.is_some() {
        writes.push(Write::update(Record::Run(run.clone()), rev).telling(goal.into_iter().chain(risk)));
    }
    writes.extend(household.counting(brought.clone(), now));
    Ok(Completed { writes, impact: brought })
}

/// That a completed run saved nothing is a result, and has an amount like any other.
fn say_nothing_was_saved(impact: &mut LiveImpact, currency: Currency) {
    let confirmed = |it: &ImpactLine| it.kind == ImpactKind::Savings && it.stage == ImpactStage::Confirmed;
    if !impact.items.iter().any(confirmed) {
        impact.confirmed = Some(Money::zero(currency));
        impact.annual = Some(Money::zero(currency));
    }
}

fn completion(run: &Run, impact: LiveImpact, suggestion: Option<WorkflowSuggested>) -> Completion {
    Completion { run_id: run.run_id.clone(), user_id: run.user_id.clone(), impact, suggestion }
}

#[cfg(test)]
mod tests;
