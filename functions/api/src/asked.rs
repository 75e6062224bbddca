//! Finding questions: by their name, or all that wait.

use crate::caller::owned;
use crate::problem::Problem;
use engine::{Run, RunStatus, StepRecord, StepStatus, Task};
use events::{RunId, StepId, TaskId, TaskKind, UserId};
use jiff::Timestamp;
use ports::{Key, List, Listing, PortError, Read, Record, Slot};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of a user's list of runs that are read at a time.
const LINES: usize = 100;

/// A question with what belongs to it.
pub(crate) struct Asked {
    /// The run that asks.
    pub run: Run,
    /// The question.
    pub task: Task,
    /// Its revision.
    pub rev: u64,
    /// The record of the step that asks; of a run that shows an alert those of all its steps.
    pub records: BTreeMap<StepId, StepRecord>,
}

impl Asked {
    /// The record of the step that asks.
    pub(crate) fn record(&self) -> Option<&StepRecord> {
        self.records.get(&self.task.step_id)
    }

    /// Whether an answer is taken: the run waits for it. What could not be undone can be reversed by hand once the run has ended.
    pub(crate) fn takes_answers(&self) -> bool {
        let (status, entry) = (self.run.status, self.run.entry(&self.task.step_id));
        if self.task.kind != TaskKind::Undo {
            return !status.is_terminal() && self.run.ending.is_none();
        }
        match entry.status {
            StepStatus::UndoFailed => status == RunStatus::NeedsAttention,
            // Without a token nothing waits: an agent tries once more.
            StepStatus::Undoing => !status.is_terminal() && !self.task.token.is_empty(),
            _ => false,
        }
    }
}

/// What stands where a question is, or was.
pub(crate) enum Found {
    /// The question itself.
    Here(Box<Asked>),
    /// Its step asked anew since.
    Replaced,
}

/// The question of this name, if it is of this user.
pub(crate) async fn find(ports: &impl Read, user: &UserId, id: &str) -> Result<Found, Problem> {
    let id = TaskId::parse(id).map_err(|_| Problem::not_found())?;
    let Some(Key::Task(run, step, slot)) = Key::of_task(&id) else { return Err(Problem::not_found()) };
    let keys = [Key::Task(run.clone(), step.clone(), slot), Key::Step(run.clone(), step)];
    let found = owned(ports, user, &run, keys).await?;
    let mut asked = None;
    let mut records = BTreeMap::new();
    for stored in found.others {
        match stored.record {
            Record::Task(task) => asked = Some((task, stored.rev)),
            Record::Step(it) => drop(records.insert(it.step_id.clone(), it)),
            _ => {}
        }
    }
    if slot == Slot::Help {
        records = read_records(ports, &found.run).await?;
    }
    match asked {
        None => Err(Problem::not_found()),
        Some((task, rev)) if task.task_id == id => {
            Ok(Found::Here(Box::new(Asked { run: found.run, task, rev, records })))
        }
        Some((task, _)) if round(&task.task_id) > round(&id) => Ok(Found::Replaced),
        Some(_) => Err(Problem::not_found()),
    }
}

fn round(id: &TaskId) -> u64 {
    id.as_str().rsplit(':').next().and_then(|text| text.parse().ok()).unwrap_or(0)
}

async fn read_records(ports: &impl Read, run: &Run) -> Result<BTreeMap<StepId, StepRecord>, PortError> {
    let keys: Vec<Key> = run.steps.keys().map(|step| Key::Step(run.run_id.clone(), step.clone())).collect();
    let stored = ports.read(&keys).await?;
    let record = |record| match record {
        Record::Step(it) => Some((it.step_id.clone(), it)),
        _ => None,
    };
    Ok(stored.into_iter().filter_map(|it| record(it.record)).collect())
}

/// The open questions of runs, soonest due first.
pub(crate) async fn open(ports: &impl Read, runs: &[Run]) -> Result<Vec<Asked>, PortError> {
    let keys: Vec<Key> = runs.iter().flat_map(keys_of).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    let mut records: BTreeMap<RunId, BTreeMap<StepId, StepRecord>> = BTreeMap::new();
    for stored in ports.read(&keys).await? {
        match stored.record {
            Record::Task(task) if task.open => tasks.push((task, stored.rev)),
            Record::Step(record) => {
                records.entry(record.run_id.clone()).or_default().insert(record.step_id.clone(), record);
            }
            _ => {}
        }
    }
    tasks.sort_by(|(a, _), (b, _)| (a.deadline, &a.task_id).cmp(&(b.deadline, &b.task_id)));
    let asked = |(task, rev): (Task, u64)| {
        let run = runs.iter().find(|run| run.run_id == task.run_id)?.clone();
        let records = records.get(&task.run_id).cloned().unwrap_or_default();
        Some(Asked { run, task, rev, records })
    };
    Ok(tasks.into_iter().filter_map(asked).collect())
}

/// Which of these questions can still be answered, and until when.
pub(crate) async fn open_among(
    ports: &impl Read,
    ids: impl Iterator<Item = &TaskId>,
) -> Result<BTreeMap<TaskId, Timestamp>, PortError> {
    let ids: BTreeSet<&TaskId> = ids.collect();
    let of_task = |id: &&TaskId| match Key::of_task(id) {
        Some(Key::Task(run, step, slot)) => vec![Key::Run(run.clone()), Key::Task(run, step, slot)],
        _ => Vec::new(),
    };
    let keys: BTreeSet<Key> = ids.iter().flat_map(of_task).collect();
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (mut runs, mut tasks) = (BTreeMap::new(), Vec::new());
    for stored in ports.read(&keys.into_iter().collect::<Vec<_>>()).await? {
        match stored.record {
            Record::Run(run) => drop(runs.insert(run.run_id.clone(), run)),
            Record::Task(task) if task.open && ids.contains(&task.task_id) => tasks.push((task, stored.rev)),
            _ => {}
        }
    }
    let asked = tasks.into_iter().filter_map(|(task, rev)| {
        let run = runs.get(&task.run_id)?.clone();
        Some(Asked { run, task, rev, records: BTreeMap::new() })
    });
    Ok(asked.filter(Asked::takes_answers).map(|it| (it.task.task_id, it.task.deadline)).collect())
}

/// What the questions of a run's waiting steps are made of.
fn keys_of(run: &Run) -> Vec<Key> {
    let key = |step: &StepId, slot| Key::Task(run.run_id.clone(), step.clone(), slot);
    let mut keys: Vec<Key> = waiting(run)
        .flat_map(|step| [Slot::Ask, Slot::Help, Slot::Undo].map(|slot| key(step, slot)))
        .collect();
    // An alert tells what the other steps have done.
    let alerting = run.steps.values().any(|entry| entry.alerting);
    let steps: Vec<_> = if alerting { run.steps.keys().collect() } else { waiting(run).collect() };
    keys.extend(steps.into_iter().map(|step| Key::Step(run.run_id.clone(), step.clone())));
    keys
}

/// The steps of a run that may wait for their user. A step that goes on with one answer while others are awaited is at work, and its
/// question is open all the same; one whose undo failed is reversed by hand once the run has ended.
pub(crate) fn waiting(run: &Run) -> impl Iterator<Item = &StepId> {
    let waits = |status| match status {
        StepStatus::UndoFailed => run.status == RunStatus::NeedsAttention,
        StepStatus::WaitingUser | StepStatus::InProgress | StepStatus::Retrying | StepStatus::Undoing => {
            !run.status.is_terminal()
        }
        _ => false,
    };
    run.steps.iter().filter(move |(_, entry)| waits(entry.status)).map(|(step, _)| step)
}

/// The user's runs that may have questions: those that have not ended, or need attention.
pub(crate) async fn active(ports: &(impl Read + List), user: &UserId) -> Result<Vec<Run>, PortError> {
    let mut runs = Vec::new();
    let mut after = None;
    loop {
        let lines = ports.list(Listing::UserRuns(user.clone()), after, LINES).await?;
        let full = lines.len() == LINES;
        after = lines.last().map(|stored| stored.record.key().sk());
        let keys: Vec<_> = lines
            .into_iter()
            .filter_map(|stored| match stored.record {
                Record::UserRun(it) => Some(Key::Run(it.run_id)),
                _ => None,
            })
            .collect();
        if !keys.is_empty() {
            for stored in ports.read(&keys).await? {
                match stored.record {
                    Record::Run(run) if run.user_id == *user && may_ask(&run) => runs.push(run),
                    _ => {}
                }
            }
        }
        if !full {
            return Ok(runs);
        }
    }
}

fn may_ask(run: &Run) -> bool {
    !run.status.is_terminal() || run.status == RunStatus::NeedsAttention
}
