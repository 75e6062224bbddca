//! A stopped run is taken up again: it goes back into its user's queue, by a new execution of the same run.

use crate::failed::Failed;
use crate::handler::{Place, Started};
use engine::{Change, Out, Queue, Run, RunStatus, StepRecord, StepStatus, apply, queue, reopen, reopened};
use events::{RunId, StepId, UserId};
use jiff::Timestamp;
use ports::{Clock, Commit, CommitError, Guard, Key, Read, Record, Write};
use serde::Deserialize;
use statemachines::{Catalog, Progress, Workflow, compatible};
use std::collections::BTreeMap;

/// How often the decision is made again because the run or the queue changed meanwhile.
const TRIES: u32 = 8;

/// A user's wish to take a stopped run up again, as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resumption {
    /// The run.
    pub run_id: RunId,
    /// An earlier checkpoint to go back to; by default it goes on where it was stopped.
    #[serde(default)]
    pub checkpoint: Option<String>,
    /// The version to go on with; by default its own.
    #[serde(default)]
    pub version: Option<u32>,
}

/// Queues a stopped run again; one that waits in the queue already stays there.
///
/// # Errors
/// [`Failed`]; nothing was written.
pub(crate) async fn resume(
    table: &(impl Read + Commit),
    clock: &impl Clock,
    catalog: &Catalog,
    user: &UserId,
    wish: &Resumption,
) -> Result<Started, Failed> {
    for _ in 0..TRIES {
        let found = Found::load(table, catalog, user, wish).await?;
        if found.is_queued_so(wish) {
            return Ok(Started { run_id: Some(found.run.run_id), created: false });
        }
        let writes = found.plan(catalog, wish, clock.now())?;
        match table.commit(writes).await {
            Ok(()) => {
                tracing::info!(run.id = %wish.run_id, "run {} is queued again", wish.run_id);
                return Ok(Started { run_id: Some(wish.run_id.clone()), created: true });
            }
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}

/// A run with what is needed to take it up again.
struct Found {
    run: Run,
    rev: u64,
    /// Its steps' records, with their revisions.
    records: Vec<(StepRecord, u64)>,
    place: Place,
}

impl Found {
    async fn load(
        table: &impl Read,
        catalog: &Catalog,
        user: &UserId,
        wish: &Resumption,
    ) -> Result<Self, Failed> {
        let id = &wish.run_id;
        let mut run = None;
        for stored in table.read(&[Key::Run(id.clone())]).await? {
            if let Record::Run(it) = stored.record {
                run = Some((it, stored.rev));
            }
        }
        let (run, rev) =
            run.filter(|(run, _)| run.user_id == *user).ok_or_else(|| Failed::NoRun(id.clone()))?;
        let of_workflow = catalog.iter().filter(|it| it.id == run.workflow_id).flat_map(|it| &it.steps);
        let keys: Vec<Key> = of_workflow
            .map(|step| Key::Step(id.clone(), step.id.clone()))
            .chain([Key::Queue(user.clone())])
            .collect();
        let mut records = Vec::new();
        let mut place = Place::nowhere(user);
        for stored in table.read(&keys).await? {
            match stored.record {
                Record::Step(it) => records.push((it, stored.rev)),
                Record::Queue(it) => (place.queue, place.guard) = (it, Guard::Rev(stored.rev)),
                _ => {}
            }
        }
        place.load_same(table, &run.workflow_id).await?;
        Ok(Self { run, rev, records, place })
    }

    /// Whether the run waits in the queue already, as is wished for.
    fn is_queued_so(&self, wish: &Resumption) -> bool {
        let resumed = self.run.epoch > 1 && self.run.status.is_before_execution();
        let same = wish.checkpoint.is_none() && wish.version.is_none_or(|it| it == self.run.version);
        resumed && same
    }

    /// All of it at once: the run is queued with its records ready to be gone through again, or nothing has changed.
    fn plan(self, catalog: &Catalog, wish: &Resumption, now: Timestamp) -> Result<Vec<Write>, Failed> {
        let Self { run, rev, records, place } = self;
        if run.status != RunStatus::Stopped {
            return Err(engine::NotResumable::Status(run.status).into());
        }
        let version = wish.version.unwrap_or(run.version);
        let to = version_of(catalog, &run, version)?;
        let again = reopened(&run, to, wish.checkpoint.as_deref())?;
        if version != run.version {
            check(version_of(catalog, &run, run.version)?, to, &run, &again)?;
        }
        if let Some(other) = place.active().filter(|other| **other != run.run_id) {
            return Err(Failed::Active { name: to.name.clone(), run: other.clone() });
        }
        let change = Change::Resume { version, reopened: again.clone() };
        let (after, events) = apply(&run, to, &change, now)
            .map_err(|source| Failed::Illegal { run: run.run_id.clone(), source })?;
        let queue: Queue = place.queue_with(queue::place(&after, to));
        // From an earlier checkpoint the steps before are gone through again: what was proposed on their results is not valid any more.
        let anew = |record: &StepRecord| {
            let entry = run.entry(&record.step_id);
            let over =
                entry.status.is_settled() || entry.status == StepStatus::Undone || entry.fatal.is_some();
            again.contains(&record.step_id) && (over || wish.checkpoint.is_some())
        };
        let records = records.into_iter().filter(|(record, _)| anew(record)).map(|(mut record, rev)| {
            reopen(&mut record);
            Write::update(Record::Step(record), rev)
        });
        let mut writes = vec![
            Write::update(Record::Run(after), rev).telling(events.into_iter().map(Out::Run)),
            Write { record: Record::Queue(queue), guard: place.guard, out: Vec::new() },
        ];
        writes.extend(records);
        Ok(writes)
    }
}

fn version_of<'a>(catalog: &'a Catalog, run: &Run, version: u32) -> Result<&'a Workflow, Failed> {
    catalog.get(&run.workflow_id, version).ok_or_else(|| {
        let known = catalog.iter().filter(|it| it.id == run.workflow_id).map(|it| it.version.to_string());
        Failed::NoVersion { workflow: run.workflow_id.clone(), version, known: known.collect() }
    })
}

/// Refuses a version that cannot go on from where the run is, and says why.
fn check(from: &Workflow, to: &Workflow, run: &Run, again: &[StepId]) -> Result<(), Failed> {
    let begun = run.steps.iter().filter(|(_, entry)| entry.order > 0 || entry.status.is_settled());
    let progress: BTreeMap<StepId, Progress> = begun
        .map(|(id, entry)| {
            let over = entry.status.is_settled() || from.step(id).is_some_and(|step| run.is_over(step));
            let settled = over && !again.contains(id);
            (id.clone(), if settled { Progress::Settled } else { Progress::Begun })
        })
        .collect();
    let reasons = compatible(from, to, &progress);
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Failed::Incompatible {
        version: to.version,
        reasons: reasons.iter().map(ToString::to_string).collect(),
    })
}

#[cfg(test)]
mod tests;
