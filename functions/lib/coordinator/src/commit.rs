//! Writing a change of a run: through the transition function, conditional on what was read, decided again when that changed.

use crate::apart;
use crate::failed::Failed;
use crate::view::View;
use engine::{Apart, Change, Illegal, Out, Run, RunStatus, StepRecord, Task, apply};
use jiff::Timestamp;
use ports::{Commit, CommitError, Guard, KeepApart, Key, Read, Record, Slot, Write};
use statemachines::Workflow;

/// How often one change is decided again because the run changed meanwhile.
const TRIES: u32 = 8;

/// What is written together with a change of the run.
#[derive(Default)]
pub(crate) struct With<'a> {
    /// The step's record.
    pub(crate) step: Option<&'a StepRecord>,
    /// The step's question, with the revision it was read in; `None`: whatever is there.
    pub(crate) task: Option<(&'a Task, Option<u64>)>,
}

/// Why a change was not written.
pub(crate) enum Refused {
    /// The question changed since it was read: an answer came.
    TaskChanged,
    /// Anything else.
    Failed(Failed),
}

impl Refused {
    /// As a failure: the question changing where nothing waits for it is contention.
    pub(crate) fn failed(self) -> Failed {
        match self {
            Self::TaskChanged => Failed::Contended(1),
            Self::Failed(failed) => failed,
        }
    }
}

impl<E: Into<Failed>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes changes of the run, in order and at once, with what goes along; the view has them afterwards.
pub(crate) async fn commit<P: Read + Commit + KeepApart>(
    ports: &P,
    view: &mut View,
    workflow: &Workflow,
    changes: &[Change],
    with: With<'_>,
    now: Timestamp,
) -> Result<(), Refused> {
    let step = match with.step {
        Some(record) => Some(apart::written(ports, view, record).await),
        None => None,
    };
    let mut first_read = None;
    for _ in 0..TRIES {
        let mut run = view.run.clone();
        let mut out = Vec::new();
        for change in changes {
            if is_so(change, &run) {
                continue;
            }
            let (next, events) = apply(&run, workflow, change, now)
                .map_err(|illegal| refused(view, change, workflow, illegal, first_read.as_ref()))?;
            run = next;
            out.extend(events.into_iter().map(Out::Run));
        }
        let mut writes = vec![Write::update(Record::Run(run.clone()), view.run_rev).telling(out)];
        writes.extend(beside(view, step.as_ref(), &with));
        match ports.commit(writes).await {
            Ok(()) => {
                view.remember(run, &with, step.and_then(|it| it.apart));
                return Ok(());
            }
            Err(CommitError::Conflict { index: 0 }) => {
                let before = view.reread_run(ports).await?;
                if before.epoch != view.run.epoch {
                    // The run has been taken up anew meanwhile: this is none of its work any more.
                    return Err(Failed::ending().into());
                }
                first_read.get_or_insert(before);
            }
            // Another attempt of the same step is at work: it alone knows what it has begun.
            Err(CommitError::Conflict { index: 1 }) if with.step.is_some() => {
                return Err(Failed::Contended(1).into());
            }
            Err(CommitError::Conflict { .. }) => return Err(Refused::TaskChanged),
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES).into())
}

/// What is written beside the run.
fn beside(view: &View, step: Option<&StepRecord>, with: &With<'_>) -> impl Iterator<Item = Write> {
    let step = step.map(|step| Write {
        record: Record::Step(step.clone()),
        guard: view.step_revs.get(&step.step_id).map_or(Guard::Absent, |rev| Guard::Rev(*rev)),
        out: Vec::new(),
    });
    let task = with.task.map(|(task, rev)| Write {
        record: Record::Task(task.clone()),
        guard: rev.map_or(Guard::Any, Guard::Rev),
        out: Vec::new(),
    });
    step.into_iter().chain(task)
}

/// Whether a change has happened already: that an execution runs is noted by whoever is first, of the dispatcher and its first steps,
/// and a run that is being ended stays with how.
fn is_so(change: &Change, run: &Run) -> bool {
    match change {
        Change::Begin => run.status != RunStatus::Ready,
        Change::End { .. } => run.ending.is_some(),
        _ => false,
    }
}

/// Why a change is not allowed: mostly because the run, or the step's group, is being ended or has ended meanwhile. What was allowed
/// before its step, or the run as a whole, changed under our hands is another attempt's doing. Anything else is a defect, and logged
/// here because not everyone who cannot record something says so.
fn refused(
    view: &View,
    change: &Change,
    workflow: &Workflow,
    illegal: Illegal,
    first_read: Option<&Run>,
) -> Failed {
    let group_failed = || {
        let step = change.step().and_then(|id| workflow.step(id));
        step.is_some_and(|step| view.run.group_has_failed(step))
    };
    let changed = |before: &Run| change.step().is_none_or(|id| before.entry(id) != view.entry(id));
    if view.run.ending.is_some() || view.run.status.is_terminal() || group_failed() {
        Failed::ending()
    } else if first_read.is_some_and(changed) {
        Failed::Contended(1)
    } else {
        tracing::error!(run.id = %view.run.run_id, error.chain = %illegal, "transition refused");
        Failed::Illegal(illegal)
    }
}

impl View {
    fn remember(&mut self, run: Run, with: &With<'_>, apart: Option<Apart>) {
        self.run = run;
        self.run_rev += 1;
        if let Some(step) = with.step {
            *self.step_revs.entry(step.step_id.clone()).or_default() += 1;
            self.steps.insert(step.step_id.clone(), StepRecord { apart, ..step.clone() });
        }
        if let Some((task, rev)) = with.task {
            let slot = Slot::of(task.kind);
            let before = rev.or_else(|| self.tasks.get(&slot).map(|(_, rev)| *rev)).unwrap_or(0);
            self.tasks.insert(slot, (task.clone(), before + 1));
        }
    }

    /// Reads the run again; the one read before.
    async fn reread_run(&mut self, ports: &impl Read) -> Result<Run, Failed> {
        let key = Key::Run(self.run.run_id.clone());
        for stored in ports.read(std::slice::from_ref(&key)).await? {
            if let Record::Run(run) = stored.record {
                // A run being ended accepts what was done, and nothing new: the transition function tells them apart.
                self.run_rev = stored.rev;
                return Ok(std::mem::replace(&mut self.run, run));
            }
        }
        Err(Failed::missing(format!("run {}", self.run.run_id)))
    }
}
