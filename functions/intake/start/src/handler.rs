//! A selection: load, decide, write once.

use crate::failed::Failed;
use crate::request::{Request, Wanted};
use crate::resume::resume;
use engine::{Out, Queue, Queued, Recommendation, Run, RunContext, Selection, UserRun, queue};
use events::{RunId, UserId, WorkflowId, WorkflowSelected};
use jiff::Timestamp;
use ports::{Clock, Commit, CommitError, Guard, Key, PortError, Read, Record, Write, keep_event};
use serde::Serialize;
use serde_json::Value;
use statemachines::{Catalog, Status, Workflow};

/// How often the decision is made again because the user's queue changed meanwhile.
const TRIES: u32 = 8;

/// What a selection or resumption led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Started {
    /// The run; none when the selection is an event of a later version, which was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// `false`: the same had led to it before.
    pub created: bool,
}

/// Queues a run for a selection: a `workflow.selected` of the bus, or a caller's [`Request`]; or a stopped run again, for a caller's
/// [`crate::Resumption`].
///
/// # Errors
/// [`Failed`]; nothing was written.
pub async fn handle(
    table: &(impl Read + Commit),
    clock: &impl Clock,
    catalog: &Catalog,
    payload: Value,
) -> Result<Started, Failed> {
    let request = match Wanted::read(payload)? {
        Wanted::Select(request) => request,
        Wanted::Resume(user, wish) => return resume(table, clock, catalog, &user, &wish).await,
        Wanted::Keep(unread) => {
            keep_event(table, "start", unread.into_parts(), clock.now()).await?;
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
    place: Place,
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
        let mut known = Self { selection: None, recommendation: None, place: Place::nowhere(user) };
        for stored in table.read(&keys).await? {
            match stored.record {
                Record::Selection(it) => known.selection = Some(it),
                Record::Recommendation(it) => known.recommendation = Some(it),
                Record::Queue(it) => (known.place.queue, known.place.guard) = (it, Guard::Rev(stored.rev)),
                _ => {}
            }
        }
        known.place.load_same(table, &selected.workflow_id).await?;
        Ok(known)
    }
}

/// The user's queue, as a run is to be put into it.
pub(crate) struct Place {
    pub(crate) queue: Queue,
    pub(crate) guard: Guard,
    /// Runs of the same workflow in the queue.
    same: Vec<Run>,
}

impl Place {
    /// In the queue of a user who has none yet.
    pub(crate) fn nowhere(user: &UserId) -> Self {
        let queue = Queue { user_id: user.clone(), waiting: Vec::new(), running: Vec::new() };
        Self { queue, guard: Guard::Absent, same: Vec::new() }
    }

    /// Reads the runs of the same workflow that are in the queue.
    pub(crate) async fn load_same(
        &mut self,
        table: &impl Read,
        workflow: &WorkflowId,
    ) -> Result<(), PortError> {
        let entries = self.queue.running.iter().chain(&self.queue.waiting);
        let same: Vec<Key> =
            entries.filter(|it| it.workflow_id == *workflow).map(|it| Key::Run(it.run_id.clone())).collect();
        if !same.is_empty() {
            let stored = table.read(&same).await?;
            self.same.extend(stored.into_iter().filter_map(|it| match it.record {
                Record::Run(run) => Some(run),
                _ => None,
            }));
        }
        Ok(())
    }

    /// The run of the same workflow that is under way.
    pub(crate) fn active(&self) -> Option<&RunId> {
        self.same.iter().find(|run| !run.status.is_terminal()).map(|run| &run.run_id)
    }

    /// The queue with a new run, without ended runs of the same workflow.
    pub(crate) fn queue_with(&self, place: Queued) -> Queue {
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
        if let Some(run) = known.place.active() {
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
            queue: known.place.queue_with(queue::place(&run, workflow)),
            queue_guard: known.place.guard,
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
