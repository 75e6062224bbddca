//! The loop: look at the queue, take the next run, bring it as far as it gets.

use crate::failed::Failed;
use crate::flight::Flight;
use crate::request::{Wanted, read};
use crate::scene::Scene;
use engine::{Change, Out, Queue, Run, RunStatus, after, apply, queue};
use events::{RunId, UserId};
use jiff::Timestamp;
use ports::{AskAgent, Clock, Commit, CommitError, Read, Record, StartExecution, Write, keep_event};
use serde::Serialize;
use serde_json::Value;
use statemachines::{Catalog, Seconds, Workflow};

/// How long a dispatcher that took a run keeps it: longer than the function may run (`Timeout` in the template).
pub(crate) const LEASE: Seconds = Seconds(150);

/// How often one change is decided again because the queue changed meanwhile.
pub(crate) const TRIES: u32 = 8;

/// How many turns one invocation takes; what is left has its turn in the next.
const TURNS: u32 = 20;

/// The dispatcher with what it needs from outside.
pub struct Dispatcher<T, A, M, C> {
    /// The table.
    pub table: T,
    /// The agents.
    pub agents: A,
    /// The state machines.
    pub machines: M,
    /// The clock.
    pub clock: C,
    /// The workflows.
    pub catalog: Catalog,
}

/// What became of a run that had its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// The run.
    pub run_id: RunId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a run that had its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its execution runs.
    Started,
    /// It waits for a dependency.
    Held,
    /// It failed its checks, or waited too long.
    Refused,
    /// It changed under our hands: another dispatcher or its user was faster.
    Lost,
}

impl<T: Read + Commit, A: AskAgent, M: StartExecution, C: Clock> Dispatcher<T, A, M, C> {
    /// Handles a `run.state_changed` of the bus, or a request `{user_id}`: takes turns until no run of the user has one.
    ///
    /// # Errors
    /// [`Failed`]; what was done before stays, and the next invocation goes on from there.
    pub async fn handle(&self, payload: Value) -> Result<Vec<Turn>, Failed> {
        match read(payload)? {
            Wanted::Look(user) => self.look(&user).await,
            Wanted::Nothing => Ok(Vec::new()),
            Wanted::Keep(unread) => {
                keep_event(&self.table, "dispatch", unread.into_parts(), self.clock.now()).await?;
                Ok(Vec::new())
            }
        }
    }

    async fn look(&self, user: &UserId) -> Result<Vec<Turn>, Failed> {
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            let Some(scene) = Scene::load(&self.table, user).await? else {
                break;
            };
            let live = queue::without_ended(&scene.queue, &scene.runs);
            let Some(run_id) = queue::next_turn(&live, &scene.runs, &scene.access, self.clock.now()) else {
                if !self.tidy(&scene, &live).await? {
                    continue;
                }
                break;
            };
            let outcome = self.turn(&scene, live, &run_id).await?;
            tracing::info!(run.id = run_id.as_str(), outcome = ?outcome, "run {run_id} had its turn");
            turns.push(Turn { run_id, outcome });
        }
        Ok(turns)
    }

    /// Writes the queue without the ended runs. `false` when it changed meanwhile.
    async fn tidy(&self, scene: &Scene, live: &Queue) -> Result<bool, Failed> {
        let Some(write) = scene.queue_write(live) else {
            return Ok(true);
        };
        match self.table.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(CommitError::Port(error)) => Err(error.into()),
        }
    }

    async fn turn(&self, scene: &Scene, mut queue: Queue, id: &RunId) -> Result<Outcome, Failed> {
        let Some((run, rev)) = scene.run(id) else {
            return Ok(Outcome::Lost);
        };
        let now = self.clock.now();
        let workflow = self.workflow(run)?;
        let waits = matches!(run.status, RunStatus::Queued | RunStatus::Ready);
        let expired = waits && run.expires <= now;
        let mut events = Vec::new();
        let mut taken = run.clone();
        if expired {
            let refuse = Change::Refuse { failures: vec![waited_too_long(run)] };
            (taken, events) = transition(run, workflow, &refuse, now)?;
            queue::remove(&mut queue, id);
        } else {
            if run.status == RunStatus::Queued {
                (taken, events) = transition(run, workflow, &Change::Validate, now)?;
                queue::take(&mut queue, id);
            }
            taken.check_at = Some(after(now, LEASE));
        }
        let write = Write::update(Record::Run(taken.clone()), rev).telling(events.into_iter().map(Out::Run));
        let writes = std::iter::once(write).chain(scene.queue_write(&queue)).collect();
        match self.table.commit(writes).await {
            Ok(()) if expired => Ok(Outcome::Refused),
            Ok(()) => {
                let held = run.reason.as_deref();
                let flight = Flight { dispatcher: self, workflow, access: &scene.access, held };
                flight.fly(taken, rev + 1).await
            }
            Err(CommitError::Conflict { .. }) => Ok(Outcome::Lost),
            Err(CommitError::Port(error)) => Err(error.into()),
        }
    }

    /// The definition that a run is pinned to; the newest of its workflow where that version is gone, for the words of its end.
    fn workflow(&self, run: &Run) -> Result<&Workflow, Failed> {
        let pinned = self.catalog.get(&run.workflow_id, run.version);
        pinned
            .or_else(|| self.catalog.latest(&run.workflow_id))
            .ok_or_else(|| Failed::UnknownWorkflow(run.run_id.clone()))
    }
}

/// The transition function, with the run in its error.
pub(crate) fn transition(
    run: &Run,
    workflow: &Workflow,
    change: &Change,
    now: Timestamp,
) -> Result<(Run, Vec<engine::RunEvent>), Failed> {
    apply(run, workflow, change, now).map_err(|source| Failed::Illegal { run: run.run_id.clone(), source })
}

fn waited_too_long(run: &Run) -> String {
    match &run.reason {
        _ if run.status == RunStatus::Ready => "it could not be started until it expired".to_owned(),
        Some(reason) => format!("{reason}, and did not until the run expired"),
        None => "its turn did not come until the run expired".to_owned(),
    }
}

#[cfg(test)]
mod tests;
