//! The undo loop: one step's effects at a time, the latest first, until none is left; of a run, or of a group that has failed.

mod by_hand;
mod keeping;
mod outcome;

use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{
    Change, Ending, FailedGroup, Item, ItemState, RunStatus, StepRecord, StepStatus, Task, is_left,
    may_retry_undo, next_broken_group, next_undo, open_items, out_of_time,
};
use events::{ErrorClass, Operation, StepId};
use jiff::Timestamp;
use outcome::{compensated, give_up};
use ports::{Mode, StepWork};
use serde::Serialize;
use shell::Classified;
use statemachines::{OnGroupFailure, Step, Workflow};

/// What the undo loop's Choice reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoResult {
    /// `Undo` while something is left, `Ask` where a person has to undo it, else the run's final state; of a group `Continue` or
    /// `Fallback` when the run goes on, `Leave` when it ends as a whole.
    pub next: &'static str,
    /// The error that led here, handed on to the next turn.
    pub error: String,
}

impl<P: StepPorts> Coordinator<P> {
    /// One turn of the undo loop.
    ///
    /// # Errors
    /// [`Failed`] when this turn's undo is to be tried again; the state's Retry does.
    pub async fn undo(&self, work: &StepWork) -> Result<UndoResult, Failed> {
        let workflow = self.workflow(work)?;
        let mut view = View::read(&self.ports, work, workflow).await?;
        let error = work.error.clone().unwrap_or_default();
        let next = if view.run.status.is_terminal() || view.run.epoch != work.epoch {
            view.run.status.as_str()
        } else if let Some(group) = &work.group {
            self.undo_group(work, &mut view, workflow, group).await?
        } else {
            self.undo_run(work, &mut view, workflow).await?
        };
        Ok(UndoResult { next, error })
    }

    /// Undoes all that is left of a run, where no execution does.
    ///
    /// # Errors
    /// [`Failed`] when an undo is to be tried again; calling this again goes on there.
    pub async fn recover(&self, work: &StepWork) -> Result<UndoResult, Failed> {
        let turns = self.workflow(work)?.steps.len();
        let began = self.ports.now();
        let mut turn = StepWork { mode: Mode::Undo, ..work.clone() };
        for _ in 0..=2 * turns {
            self.in_time(began, "the undo")?;
            let result = Box::pin(self.undo(&turn)).await?;
            turn.mode = match result.next {
                "Undo" => Mode::Undo,
                // Nothing waits here: it is recorded as not undone, and the user reverses it afterwards.
                "Ask" => Mode::UndoFailed,
                _ => return Ok(result),
            };
            turn.undo_error = Some("it is to be reversed by hand".to_owned());
        }
        Err(Failed::attempt(
            ErrorClass::Defect,
            format!("the undo of run {} does not come to an end", work.run_id),
        ))
    }

    async fn undo_run(
        &self,
        work: &StepWork,
        view: &mut View,
        workflow: &Workflow,
    ) -> Result<&'static str, Failed> {
        let now = self.ports.now();
        if view.run.ending.is_none() {
            let (ending, reason) = ending(view, workflow, work.error.as_deref());
            let change = Change::End { ending, reason };
            self.write(view, workflow, &[change], None, now).await?;
        }
        let stopped = view.run.ending == Some(Ending::Stop);
        let group = next_broken_group(&view.run, workflow).filter(|_| stopped);
        if stopped && group.is_none() {
            self.keep_next(work, view, workflow).await?;
        } else if self.undo_next(work, view, workflow, group).await? {
            return Ok("Ask");
        }
        if !is_left(&view.run, workflow) {
            self.close_questions(work, workflow.steps.iter()).await?;
            let finished = self.write(view, workflow, &[Change::Finish], None, self.ports.now()).await;
            // A step was settled in this moment: the next turn undoes it.
            if !is_left(&view.run, workflow) {
                finished?;
            }
        }
        Ok(match view.run.status {
            RunStatus::RollingBack => "Undo",
            ended => ended.as_str(),
        })
    }

    async fn undo_group(
        &self,
        work: &StepWork,
        view: &mut View,
        workflow: &Workflow,
        group: &str,
    ) -> Result<&'static str, Failed> {
        let way_on = match workflow.on_group_failure(group) {
            OnGroupFailure::Fallback(_) => "Fallback",
            OnGroupFailure::Continue | OnGroupFailure::RollBack => "Continue",
        };
        if view.run.ending.is_some() {
            return Ok("Leave");
        }
        let class = ErrorClass::of_error_type(work.error.as_deref().unwrap_or_default());
        match view.run.failed_groups.get(group) {
            Some(FailedGroup::Undone) => return Ok(way_on),
            Some(FailedGroup::Undoing) => {}
            // It is unsafe to go on, whatever the group says.
            None if class.is_unsafe() || view.run.fatal().is_some() => {
                let reason = reason(view, work.error.as_deref());
                return self.leave(view, workflow, reason).await;
            }
            None => {
                let reason = reason(view, work.error.as_deref());
                let change = Change::FailGroup { group: group.to_owned(), reason };
                self.write(view, workflow, &[change], None, self.ports.now()).await?;
            }
        }
        if self.undo_next(work, view, workflow, Some(group)).await? {
            return Ok("Ask");
        }
        if next_undo(&view.run, workflow, Some(group)).is_some() {
            return Ok("Undo");
        }
        let in_force = |step: &Step| view.entry(&step.id).status == StepStatus::UndoFailed;
        if workflow.members(group).any(in_force) {
            let reason = format!("the group {group} could be neither completed nor undone as a whole");
            return self.leave(view, workflow, reason).await;
        }
        if *workflow.on_group_failure(group) == OnGroupFailure::RollBack {
            return self.leave(view, workflow, format!("the group {group} could not be completed")).await;
        }
        self.close_questions(work, workflow.members(group)).await?;
        let change = Change::EndGroup { group: group.to_owned() };
        self.write(view, workflow, &[change], None, self.ports.now()).await?;
        Ok(way_on)
    }

    /// The whole run ends: its own undo loop goes on.
    async fn leave(
        &self,
        view: &mut View,
        workflow: &Workflow,
        reason: String,
    ) -> Result<&'static str, Failed> {
        let change = Change::End { ending: Ending::RollBack, reason };
        self.write(view, workflow, &[change], None, self.ports.now()).await?;
        Ok("Leave")
    }

    /// Undoes the next step. `true`: a person has to, and is asked once nothing is at work on it and nothing more can be found out.
    async fn undo_next(
        &self,
        work: &StepWork,
        view: &mut View,
        workflow: &Workflow,
        group: Option<&str>,
    ) -> Result<bool, Failed> {
        let Some(id) = next_undo(&view.run, workflow, group) else { return Ok(false) };
        let step = workflow.step(&id).ok_or_else(|| Failed::missing(format!("step {id}")))?;
        if work.mode == Mode::Undo && step.is_undone_by_hand() {
            let record = view.record(&id);
            self.refuse_while_busy(view, step, &record)?;
            if in_doubt(&record).next().is_none() || !may_retry_undo(&view.run, workflow, &id) {
                return Ok(true);
            }
        }
        self.undo_step(work, view, workflow, step).await?;
        Ok(false)
    }

    async fn undo_step(
        &self,
        work: &StepWork,
        view: &mut View,
        workflow: &Workflow,
        step: &Step,
    ) -> Result<(), Failed> {
        let id = &step.id;
        let mut record = view.record(id);
        let now = self.ports.now();
        let entry = view.entry(id);
        let gives_up = work.mode == Mode::UndoFailed;
        if gives_up && entry.status == StepStatus::Undoing {
            let why = work.undo_error.as_deref().unwrap_or("failed");
            give_up(&mut record, &format!("could not be undone ({why})"));
            return self.undone(view, workflow, id, &record).await;
        }
        // What failed was the undo of another step, whose end was recorded but not heard of: this one is tried once, here.
        let begun = entry.status == StepStatus::Undoing
            || record.items.iter().any(|item| item.state == ItemState::Executing);
        if begun && entry.agent_until.is_some_and(|until| now < until) {
            return Err(Failed::attempt(
                ErrorClass::AgentBusy,
                format!("{} is still being worked on", step.name),
            ));
        }
        let change = Change::Undo { step: id.clone(), agent_until: self.agent_until(now) };
        self.write(view, workflow, &[change], None, now).await?;
        let again = self.take_back(work, view, step, &mut record).await;
        let by_hand = step.is_undone_by_hand() && !gives_up && record.has_open_effects();
        match again {
            Some(again)
                if !gives_up && again.class().is_transient() && may_retry_undo(&view.run, workflow, id) =>
            {
                self.pause_undo(view, workflow, id, &record, again.at_rest()).await?;
                return Err(again);
            }
            // The next turn asks.
            _ if by_hand => return self.pause_undo(view, workflow, id, &record, true).await,
            Some(again) => give_up(&mut record, &again.message()),
            None => give_up(&mut record, work.undo_error.as_deref().unwrap_or("cannot be undone")),
        }
        self.undone(view, workflow, id, &record).await
    }

    /// Lets the agent undo what is open. Where it cannot, it says of what was begun whether it is in force at all. `Some`: why
    /// something is still open.
    async fn take_back(
        &self,
        work: &StepWork,
        view: &View,
        step: &Step,
        record: &mut StepRecord,
    ) -> Option<Failed> {
        let before = record.clone();
        if step.undo.is_some() && !step.is_undone_by_hand() {
            let open = open_items(&before);
            let answers = self.ask_each(work, view, step, &before, Operation::Compensate, open).await;
            return compensated(record, &answers.about, answers.response).or(answers.failed);
        }
        let doubts = in_doubt(&before);
        let answers = self.ask_each(work, view, step, &before, Operation::Probe, doubts).await;
        crate::apply::probed(record, &answers.about, answers.response);
        let unknown = || {
            let message = format!("{}: the provider cannot say yet what happened", step.name);
            Failed::attempt(ErrorClass::ProviderUnavailable, message)
        };
        let left = in_doubt(record).next().is_some();
        answers.failed.or_else(|| left.then(unknown))
    }

    /// Records what a failed undo attempt did undo.
    async fn pause_undo(
        &self,
        view: &mut View,
        workflow: &Workflow,
        id: &StepId,
        record: &StepRecord,
        at_rest: bool,
    ) -> Result<(), Failed> {
        let now = self.ports.now();
        let change = Change::UndoPaused { step: id.clone(), at_rest };
        self.write(view, workflow, &[change], Some(record), now).await
    }

    /// Records what is undone, and opens or closes the question about what the user must reverse.
    async fn undone(
        &self,
        view: &mut View,
        workflow: &Workflow,
        id: &StepId,
        record: &StepRecord,
    ) -> Result<(), Failed> {
        let mut record = record.clone();
        // What is in force is told here.
        record.count();
        let failures = outcome::left(&record);
        if failures.is_empty() {
            // What an undone step gave is no longer so.
            record.clear_outputs();
            record.executed = false;
        }
        let now = self.ports.now();
        let mut changes = Vec::new();
        if view.entry(id).status != StepStatus::Undoing {
            changes.push(Change::Undo { step: id.clone(), agent_until: now });
        }
        let in_force = record.impact().cloned().collect();
        let unconfirmed = outcome::by_word(&record);
        changes.push(Change::Undone { step: id.clone(), failures, unconfirmed, in_force });
        let task = self.recovery_task(view, workflow, &record).await?;
        self.write_with(view, workflow, &changes, Some(&record), task.as_ref(), now).await
    }

    async fn write(
        &self,
        view: &mut View,
        workflow: &Workflow,
        changes: &[Change],
        step: Option<&StepRecord>,
        now: Timestamp,
    ) -> Result<(), Failed> {
        self.write_with(view, workflow, changes, step, None, now).await
    }

    async fn write_with(
        &self,
        view: &mut View,
        workflow: &Workflow,
        changes: &[Change],
        step: Option<&StepRecord>,
        task: Option<&(Task, Option<u64>)>,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let with = With { step, task: task.map(|(task, rev)| (task, *rev)) };
        commit(&self.ports, view, workflow, changes, with, now).await.map_err(Refused::failed)
    }
}

/// The items that were begun and whose end is not known.
fn in_doubt(record: &StepRecord) -> impl Iterator<Item = &Item> {
    record.items.iter().filter(|item| matches!(item.state, ItemState::Executing | ItemState::Unknown))
}

/// How the run ends, and why. A wait that the machine gave up, or an alert or a group's undo that the platform could not reach, is no
/// failure of a step: it takes what the step declares for a question that nobody answers.
fn ending(view: &View, workflow: &Workflow, error: Option<&str>) -> (Ending, String) {
    let interrupted = ErrorClass::of_error_type(error.unwrap_or_default()) == ErrorClass::Interrupted;
    if interrupted { out_of_time(&view.run, workflow) } else { (Ending::RollBack, reason(view, error)) }
}

/// Why the run or a group is rolled back, for the user.
fn reason(view: &View, error: Option<&str>) -> String {
    let failure = view
        .run
        .steps
        .iter()
        .filter(|(_, entry)| !entry.status.is_settled())
        .find_map(|(id, _)| view.steps.get(id)?.failure.as_ref());
    match (failure, error.unwrap_or_default()) {
        (Some(failure), _) => failure.message.clone(),
        (None, "") => "the run could not go on".to_owned(),
        (None, error) => format!("the run could not go on ({error})"),
    }
}
