//! Finding questions: by their name, or all that wait.

use crate::caller::owned;
use crate::problem::Problem;
use engine::{Run, StepRecord, StepStatus, Task};
use events::{RunId, StepId, TaskId, UserId};
use ports::{Key, List, Listing, PortError, Read, Record, Slot};

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
    /// The record of the step that asks.
    pub record: Option<StepRecord>,
}

/// What stands where a question is, or was.
pub(crate) enum Found {
    /// The question itself.
    Here(Box<Asked>),
    /// Its step asked anew since.
    Replaced,
}

/// Where a question is: the step coordinator names it `<run>:<step>:<ask or help>:<round>`.
fn place(id: &TaskId) -> Option<(RunId, StepId, Slot)> {
    let mut parts = id.as_str().rsplitn(4, ':');
    parts.next()?.parse::<u64>().ok()?;
    let slot = match parts.next()? {
        "ask" => Slot::Ask,
        "help" => Slot::Help,
        _ => return None,
    };
    let step = parts.next()?.parse().ok()?;
    Some((parts.next()?.parse().ok()?, step, slot))
}

/// The question of this name, if it is of this user.
pub(crate) async fn find(ports: &impl Read, user: &UserId, id: &str) -> Result<Found, Problem> {
    let id = TaskId::parse(id).map_err(|_| Problem::not_found())?;
    let (run, step, slot) = place(&id).ok_or_else(Problem::not_found)?;
    let keys = [Key::Task(run.clone(), step.clone(), slot), Key::Step(run.clone(), step)];
    let found = owned(ports, user, &run, keys).await?;
    let mut asked = None;
    let mut record = None;
    for stored in found.others {
        match stored.record {
            Record::Task(task) => asked = Some((task, stored.rev)),
            Record::Step(it) => record = Some(it),
            _ => {}
        }
    }
    match asked {
        None => Err(Problem::not_found()),
        Some((task, rev)) if task.task_id == id => {
            Ok(Found::Here(Box::new(Asked { run: found.run, task, rev, record })))
        }
        Some((task, _)) if round(&task.task_id) > round(&id) => Ok(Found::Replaced),
        Some(_) => Err(Problem::not_found()),
    }
}

fn round(id: &TaskId) -> u64 {
    id.as_str().rsplit(':').next().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The open questions of runs, soonest due first.
pub(crate) async fn open(
    ports: &impl Read,
    runs: &[Run],
) -> Result<Vec<(Task, Option<StepRecord>)>, PortError> {
    let keys: Vec<Key> = runs.iter().flat_map(keys_of).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    let mut records = Vec::new();
    for stored in ports.read(&keys).await? {
        match stored.record {
            Record::Task(task) if task.open => tasks.push(task),
            Record::Step(record) => records.push(record),
            _ => {}
        }
    }
    tasks.sort_by(|a, b| (a.deadline, &a.task_id).cmp(&(b.deadline, &b.task_id)));
    let record_of = |task: &Task| {
        records.iter().find(|it| it.run_id == task.run_id && it.step_id == task.step_id).cloned()
    };
    Ok(tasks
        .into_iter()
        .map(|task| {
            let record = record_of(&task);
            (task, record)
        })
        .collect())
}

/// What the questions of a run's waiting steps are made of.
fn keys_of(run: &Run) -> Vec<Key> {
    waiting(run)
        .flat_map(|step| {
            [
                Key::Task(run.run_id.clone(), step.clone(), Slot::Ask),
                Key::Task(run.run_id.clone(), step.clone(), Slot::Help),
                Key::Step(run.run_id.clone(), step.clone()),
            ]
        })
        .collect()
}

/// The steps of a run that wait for their user. A step that goes on with one answer while others are awaited is at work,
/// and its question is open all the same.
pub(crate) fn waiting(run: &Run) -> impl Iterator<Item = &StepId> {
    let ended = run.status.is_terminal();
    run.steps
        .iter()
        .filter(move |(_, entry)| {
            !ended
                && matches!(
                    entry.status,
                    StepStatus::WaitingUser | StepStatus::InProgress | StepStatus::Retrying
                )
        })
        .map(|(step, _)| step)
}

/// The user's runs that have not ended.
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
                    Record::Run(run) if run.user_id == *user && !run.status.is_terminal() => runs.push(run),
                    _ => {}
                }
            }
        }
        if !full {
            return Ok(runs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_the_question_is() {
        for (name, expect) in [
            ("run:7:quick-wins:ask:1", Some(("run:7", "quick-wins", Slot::Ask))),
            ("r:s:help:12", Some(("r", "s", Slot::Help))),
            ("r:s:help:x", None),
            ("r:s:other:1", None),
            ("s:ask:1", None),
            ("r", None),
        ] {
            let got = place(&name.parse().unwrap());
            let got = got.as_ref().map(|(run, step, slot)| (run.as_str(), step.as_str(), *slot));
            assert_eq!(got, expect, "{name}");
        }
    }
}
