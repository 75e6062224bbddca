//! Load, decide, write once.

use crate::failed::Failed;
use crate::request::Request;
use engine::{Out, Queue, Queued, Recommendation, Run, RunContext, Selection, UserRun, queue};
use events::{RunId, UserId, WorkflowSelected};
use jiff::Timestamp;
use ports::{Clock, Commit, CommitError, Guard, Key, Read, Record, Write, keep_newer};
use serde::Serialize;
use serde_json::Value;
use statemachines::{Catalog, Status, Workflow};

/// How often the decision is made again because the user's queue changed meanwhile.
const TRIES: u32 = 8;

/// What a selection led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Started {
    /// The run; none when the selection is an event of a later version, which was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// `false`: the same selection had led to it before.
    pub created: bool,
}

/// Queues a run for a selection: a `workflow.selected` of the bus, or a caller's [`Request`].
///
/// # Errors
/// [`Failed`]; nothing was written.
pub async fn handle(
    table: &(impl Read + Commit),
    clock: &impl Clock,
    catalog: &Catalog,
    payload: Value,
) -> Result<Started, Failed> {
    let request = match Request::read(payload)? {
        Ok(request) => request,
        Err(newer) => {
            keep_newer(table, "start", newer.into_parts(), clock.now()).await?;
            return Ok(Started { run_id: None, created: false });
        }
    };
    for _ in 0..TRIES {
        let known = Known::load(table, &request).await?;
        if let Some(selection) = &known.selection {
            return again(selection, &request.selection);
        }
        let plan = Plan::of(&request, &known, catalog, clock.now())?;
        let run_id = plan.run.run_id.clone();
        match table.commit(plan.writes(&request)).await {
            Ok(()) => {
                tracing::info!(run.id = run_id.as_str(), "queued run {run_id}");
                return Ok(Started { run_id: Some(run_id), created: true });
            }
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}

/// The same key again: the same run, if it is the same selection.
fn again(before: &Selection, now: &WorkflowSelected) -> Result<Started, Failed> {
    if before.workflow_id != now.workflow_id || before.recommendation_id != now.recommendation_id {
        return Err(Failed::KeyTaken {
            workflow: before.workflow_id.clone(),
            recommendation: before.recommendation_id.clone(),
        });
    }
    Ok(Started { run_id: Some(before.run_id.clone()), created: false })
}

/// What is known when a selection comes.
struct Known {
    selection: Option<Selection>,
    recommendation: Option<Recommendation>,
    queue: Queue,
    queue_guard: Guard,
    /// Runs of the same workflow in the queue.
    same: Vec<Run>,
}

impl Known {
    async fn load(table: &impl Read, request: &Request) -> Result<Self, Failed> {
        let user = &request.user_id;
        let selected = &request.selection;
        let keys = [
            Key::Selection(user.clone(), selected.idempotency_key.clone()),
            Key::Recommendation(user.clone(), selected.recommendation_id.clone()),
            Key::Queue(user.clone()),
        ];
        let mut known = Self::nothing(user);
        for stored in table.read(&keys).await? {
            match stored.record {
                Record::Selection(it) => known.selection = Some(it),
                Record::Recommendation(it) => known.recommendation = Some(it),
                Record::Queue(it) => {
                    known.queue = it;
                    known.queue_guard = Guard::Rev(stored.rev);
                }
                _ => {}
            }
        }
        let entries = known.queue.running.iter().chain(&known.queue.waiting);
        let same: Vec<Key> = entries
            .filter(|it| it.workflow_id == selected.workflow_id)
            .map(|it| Key::Run(it.run_id.clone()))
            .collect();
        if !same.is_empty() {
            let stored = table.read(&same).await?;
            known.same.extend(stored.into_iter().filter_map(|it| match it.record {
                Record::Run(run) => Some(run),
                _ => None,
            }));
        }
        Ok(known)
    }

    fn nothing(user: &UserId) -> Self {
        Self {
            selection: None,
            recommendation: None,
            queue: Queue { user_id: user.clone(), waiting: Vec::new(), running: Vec::new() },
            queue_guard: Guard::Absent,
            same: Vec::new(),
        }
    }

    fn active(&self) -> Option<&RunId> {
        self.same.iter().find(|run| !run.status.is_terminal()).map(|run| &run.run_id)
    }

    /// The queue with a new run, without ended runs of the same workflow.
    fn queue_with(&self, place: Queued) -> Queue {
        let mut queue = self.queue.clone();
        let ended = |entry: &Queued| entry.workflow_id == place.workflow_id;
        queue.waiting.retain(|entry| !ended(entry));
        queue.running.retain(|entry| !ended(entry));
        queue.waiting.push(place);
        queue
    }
}

/// What will be written.
struct Plan<'a> {
    run: Run,
    workflow: &'a Workflow,
    context: RunContext,
    queue: Queue,
    queue_guard: Guard,
}

impl<'a> Plan<'a> {
    fn of(request: &Request, known: &Known, catalog: &'a Catalog, now: Timestamp) -> Result<Self, Failed> {
        let selected = &request.selection;
        let recommendation = known
            .recommendation
            .as_ref()
            .ok_or_else(|| Failed::NoRecommendation(selected.recommendation_id.clone()))?;
        let workflow = workflow(recommendation, selected, catalog)?;
        if let Some(run) = known.active() {
            return Err(Failed::Active { name: workflow.name.clone(), run: run.clone() });
        }
        let run_id = queue::run_id(&request.user_id, &selected.idempotency_key)?;
        let simulation = &recommendation.simulation;
        let run = Run::queued(run_id.clone(), request.user_id.clone(), workflow, simulation.as_of, now);
        Ok(Self {
            context: RunContext {
                run_id,
                simulation: serde_json::to_value(simulation).map_err(Failed::Figures)?,
            },
            queue: known.queue_with(queue::place(&run, workflow)),
            queue_guard: known.queue_guard,
            run,
            workflow,
        })
    }

    /// All of it at once: the run exists with everything that belongs to it, or not at all.
    fn writes(self, request: &Request) -> Vec<Write> {
        let Self { run, workflow, context, queue, queue_guard } = self;
        let selection = Selection {
            user_id: run.user_id.clone(),
            idempotency_key: request.selection.idempotency_key.clone(),
            recommendation_id: request.selection.recommendation_id.clone(),
            workflow_id: run.workflow_id.clone(),
            run_id: run.run_id.clone(),
        };
        let line = UserRun {
            user_id: run.user_id.clone(),
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            queued_at: run.queued_at,
        };
        vec![
            Write::create(Record::Run(run)).telling([Out::Run(queue::queued(workflow))]),
            Write::create(Record::Context(context)),
            Write { record: Record::Queue(queue), guard: queue_guard, out: Vec::new() },
            Write::create(Record::Selection(selection)),
            Write::create(Record::UserRun(line)),
        ]
    }
}

/// The definition of the selected workflow: the version that was recommended, or the newest where that is gone.
fn workflow<'a>(
    recommendation: &Recommendation,
    selected: &WorkflowSelected,
    catalog: &'a Catalog,
) -> Result<&'a Workflow, Failed> {
    let action = recommendation.actions.actions.iter().find(|it| it.workflow_id == selected.workflow_id);
    let action = action.ok_or_else(|| Failed::NotRecommended {
        workflow: selected.workflow_id.clone(),
        recommendation: selected.recommendation_id.clone(),
    })?;
    let pinned = catalog.get(&action.workflow_id, action.version);
    pinned
        .or_else(|| catalog.latest(&action.workflow_id))
        .filter(|it| it.status == Status::Available && action.available)
        .ok_or_else(|| Failed::NotAvailable { name: action.name.clone() })
}

#[cfg(test)]
mod tests;
