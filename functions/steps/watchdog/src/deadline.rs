//! Questions: reminders, deadlines, and decisions whose outcome is overdue.

use crate::{Ports, Watchdog};
use coordinator::{Failed, definition, function_of};
use engine::{Decided, DecidedBy, Ending, Out, Run, RunEvent, RunStatus, Task, Unanswered, unanswered};
use events::{Answer, EventType, RequiredAction, Severity, TaskKind};
use jiff::Timestamp;
use ports::{CommitError, Key, Mode, OUTCOME_OVERDUE, Record, Slot, StepFunction, StepWork, Stored, Write};
use statemachines::Step;

impl<P: Ports> Watchdog<P> {
    /// Deals with a question that is due.
    pub(crate) async fn question_due(&self, mut task: Task, rev: u64, now: Timestamp) -> Result<(), Failed> {
        let key = Key::Run(task.run_id.clone());
        let Some(Stored { record: Record::Run(run), rev: run_rev, .. }) =
            self.ports.read(&[key]).await?.pop()
        else {
            return Err(Failed::missing(format!("run {}", task.run_id)));
        };
        let workflow = definition(&self.catalog, &run)?;
        let step =
            workflow.step(&task.step_id).ok_or_else(|| Failed::missing(format!("step {}", task.step_id)))?;
        let by_hand = task.kind == TaskKind::Undo;
        let ended = run.status.is_terminal() && !(by_hand && run.status == RunStatus::NeedsAttention);
        if ended || run.ending.is_some() && !by_hand {
            return self.close(task, rev, &run, step).await;
        }
        if task.decided_at.is_some_and(|at| engine::after(at, OUTCOME_OVERDUE) <= now) {
            task.decided_at = Some(now);
            self.write(&task, rev).await?;
            return self.go_on(&task, &run, step).await;
        }
        if task.kind == TaskKind::Help && task.deadline <= now && !run.entry(&task.step_id).alerting {
            // The step has gone on without help: only its waiting state is to be let go.
            return self.go_on(&task, &run, step).await;
        }
        if task.deadline <= now {
            return self.deadline(task, rev, &run, step, now).await;
        }
        if task.remind.first().is_some_and(|at| *at <= now) {
            task.remind.retain(|at| *at > now);
            let told = Out::Run(reminder(&task, &run));
            // As one: a reminder is neither told twice nor crossed off untold.
            let told = Write::update(Record::Run(run), run_rev).telling([told]);
            return self.commit(vec![Write::update(Record::Task(task), rev), told]).await;
        }
        Ok(())
    }

    async fn deadline(
        &self,
        mut task: Task,
        rev: u64,
        run: &Run,
        step: &Step,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let ending = match unanswered(step, task.kind) {
            Unanswered::Stop if !is_decided(&task) => Ending::Stop,
            Unanswered::RollBack if !is_decided(&task) => Ending::RollBack,
            _ => {
                decide(&mut task, step, now);
                self.write(&task, rev).await?;
                return self.go_on(&task, run, step).await;
            }
        };
        let reason = format!("{}: no answer in time", step.name);
        // With the question as it was looked at: an answer that comes in this moment is not overruled.
        let asked = Write::update(Record::Task(task), rev);
        if self.end(&run.run_id, ending, reason, Some(&asked), now).await? {
            self.drain(run, step).await?;
        }
        Ok(())
    }

    /// A question of a run that is being ended: its waiting state is let go; once the run has ended it is only closed.
    async fn close(&self, mut task: Task, rev: u64, run: &Run, step: &Step) -> Result<(), Failed> {
        if !run.status.is_terminal() && task.open {
            return self.drain(run, step).await;
        }
        task.open = false;
        task.decided_at = None;
        self.write(&task, rev).await
    }

    async fn go_on(&self, task: &Task, run: &Run, step: &Step) -> Result<(), Failed> {
        let (function, mode) = match Slot::of(task.kind) {
            Slot::Ask => (function_of(step), Mode::Continue),
            Slot::Help => (StepFunction::SemiAutomated, Mode::ContinueHelp),
            Slot::Undo => (StepFunction::Compensate, Mode::ContinueUndo),
        };
        Ok(self.ports.continue_step(function, &work(run, Some(step), mode)).await?)
    }

    /// Lets a waiting state of a run that is being ended go.
    pub(crate) async fn drain(&self, run: &Run, step: &Step) -> Result<(), Failed> {
        Ok(self.ports.continue_step(function_of(step), &work(run, Some(step), Mode::Drain)).await?)
    }

    async fn write(&self, task: &Task, rev: u64) -> Result<(), Failed> {
        self.commit(vec![Write::update(Record::Task(task.clone()), rev)]).await
    }

    /// Writes a question; one that changed meanwhile is somebody else's to deal with, or the next round's.
    async fn commit(&self, writes: Vec<Write>) -> Result<(), Failed> {
        match self.ports.commit(writes).await {
            Ok(()) | Err(CommitError::Conflict { .. }) => Ok(()),
            Err(CommitError::Port(error)) => Err(error.into()),
        }
    }
}

fn reminder(task: &Task, run: &Run) -> RunEvent {
    RunEvent {
        kind: EventType::StepWaitingUser,
        step: Some(task.step_id.clone()),
        severity: Severity::Info,
        progress: run.progress,
        message: format!("Reminder: {}", task.prompt),
        details: serde_json::Map::from_iter([("reminder".to_owned(), true.into())]),
        user_action: Some(RequiredAction {
            task_id: task.task_id.clone(),
            prompt: task.prompt.clone(),
            deadline: task.deadline,
        }),
        lasted: 0,
    }
}

/// Whether nothing is left to be answered.
fn is_decided(task: &Task) -> bool {
    let all = !task.items.is_empty() && task.items.iter().all(|item| item.decided.is_some());
    task.answer.is_some() || all
}

/// Leaves out what is undecided.
fn decide(task: &mut Task, step: &Step, now: Timestamp) {
    let skipped = |item_id| Decided { answer: Answer::Skip { item_id }, at: now, by: DecidedBy::Deadline };
    if matches!(task.kind, TaskKind::Approve | TaskKind::Undo) {
        for item in task.items.iter_mut().filter(|item| item.decided.is_none()) {
            item.decided = Some(skipped(Some(item.item_id.clone())));
        }
    } else if task.answer.is_none() {
        task.answer = Some(skipped(None));
    }
    task.decided_at = Some(now);
    task.remind.clear();
    // The outcome is what is due now. What is asked anew for it, because it has changed, has as long again.
    let asks = step.interaction.as_ref().filter(|_| task.kind != TaskKind::Undo);
    task.deadline = asks.map_or(Timestamp::MAX, |it| engine::after(now, it.deadline));
}

/// Work on a run.
pub(crate) fn work(run: &Run, step: Option<&Step>, mode: Mode) -> StepWork {
    StepWork {
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        epoch: run.epoch,
        workflow: run.workflow_id.clone(),
        version: run.version,
        step_id: step.map(|step| step.id.clone()),
        mode,
        token: None,
        error: None,
        undo_error: None,
        group: None,
    }
}
