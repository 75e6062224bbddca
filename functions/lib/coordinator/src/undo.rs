//! The undo loop: one step's effects at a time, the latest first, until none is left.

use crate::agent::Ask;
use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{
    Change, Ending, Item, ItemState, RunStatus, StepRecord, StepStatus, may_retry_undo, next_undo, open_items,
};
use events::{AgentResponse, ErrorClass, ItemId, Operation, Outcome, StepId};
use jiff::Timestamp;
use ports::{Mode, StepWork};
use serde::Serialize;
use shell::Classified;
use statemachines::Workflow;
use std::collections::BTreeMap;

/// What the undo loop's Choice reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoResult {
    /// `Undo` while something is left, else the run's final state.
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
        if view.run.status.is_terminal() {
            return Ok(UndoResult { next: view.run.status.as_str(), error });
        }
        let now = self.ports.now();
        if view.run.ending.is_none() {
            let reason = reason(&view, &error);
            let change = Change::End { ending: Ending::RollBack, reason };
            self.write(&mut view, workflow, &[change], None, now).await?;
        }
        let keep = view.run.ending == Some(Ending::Stop);
        let step = if keep { None } else { next_undo(&view.run, workflow) };
        if let Some(step) = step {
            self.undo_step(work, &mut view, workflow, &step).await?;
        }
        if keep || next_undo(&view.run, workflow).is_none() {
            self.write(&mut view, workflow, &[Change::Finish], None, self.ports.now()).await?;
        }
        let next = match view.run.status {
            RunStatus::RollingBack => "Undo",
            ended => ended.as_str(),
        };
        Ok(UndoResult { next, error })
    }

    async fn undo_step(
        &self,
        work: &StepWork,
        view: &mut View,
        workflow: &Workflow,
        id: &StepId,
    ) -> Result<(), Failed> {
        let step = workflow.step(id).ok_or_else(|| Failed::missing(format!("step {id}")))?;
        let mut record = view.record(id);
        let now = self.ports.now();
        if work.mode == Mode::UndoFailed {
            give_up(
                &mut record,
                &format!("could not be undone ({})", work.undo_error.as_deref().unwrap_or("failed")),
            );
            return self.undone(view, workflow, id, &record).await;
        }
        let entry = view.entry(id);
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
        if step.undo.is_none() {
            give_up(&mut record, "cannot be undone");
            return self.undone(view, workflow, id, &record).await;
        }
        let ids: Vec<ItemId> = open_items(&record).map(|item| item.proposal.item_id.clone()).collect();
        let result = {
            let items = open_items(&record).collect();
            let ask = Ask { items, inputs: BTreeMap::new(), ..Ask::default() };
            self.ask(work, view, step, &record, Operation::Compensate, ask).await
        };
        let again = match result {
            Ok(response) => compensated(&mut record, &ids, response),
            Err(failed) => Some(failed),
        };
        let Some(failed) = again else { return self.undone(view, workflow, id, &record).await };
        if failed.class().is_transient() && may_retry_undo(&view.run, workflow, id) {
            self.pause_undo(view, workflow, id, &record).await?;
            return Err(failed);
        }
        give_up(&mut record, &failed.message());
        self.undone(view, workflow, id, &record).await
    }

    /// Records what a failed undo attempt did undo; the agent is known to be at rest.
    async fn pause_undo(
        &self,
        view: &mut View,
        workflow: &Workflow,
        id: &StepId,
        record: &StepRecord,
    ) -> Result<(), Failed> {
        let now = self.ports.now();
        let change = Change::UndoPaused { step: id.clone() };
        self.write(view, workflow, &[change], Some(record), now).await
    }

    async fn undone(
        &self,
        view: &mut View,
        workflow: &Workflow,
        id: &StepId,
        record: &StepRecord,
    ) -> Result<(), Failed> {
        let failures = record
            .items
            .iter()
            .filter(|item| item.state == ItemState::UndoFailed)
            .map(|item| format!("{}: {}", item.proposal.title, item.summary))
            .collect();
        let now = self.ports.now();
        let mut changes = Vec::new();
        if view.entry(id).status != StepStatus::Undoing {
            changes.push(Change::Undo { step: id.clone(), agent_until: now });
        }
        changes.push(Change::Undone { step: id.clone(), failures });
        self.write(view, workflow, &changes, Some(record), now).await
    }

    async fn write(
        &self,
        view: &mut View,
        workflow: &Workflow,
        changes: &[Change],
        step: Option<&StepRecord>,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let with = With { step, task: None };
        commit(&self.ports, view, workflow, changes, with, now).await.map_err(Refused::failed)
    }
}

/// Why the run is rolled back, for the user.
fn reason(view: &View, error: &str) -> String {
    let failure = view
        .run
        .steps
        .iter()
        .filter(|(_, entry)| !entry.status.is_settled())
        .find_map(|(id, _)| view.steps.get(id)?.failure.as_ref());
    match failure {
        Some(failure) => failure.message.clone(),
        None if error.is_empty() => "the run could not go on".to_owned(),
        None => format!("the run could not go on ({error})"),
    }
}

/// Applies what was undone; `Some` is a failure of what was not.
fn compensated(record: &mut StepRecord, asked: &[ItemId], response: AgentResponse) -> Option<Failed> {
    let mut outcomes: BTreeMap<_, _> =
        response.results.into_iter().map(|result| (result.item_id, result.outcome)).collect();
    let mut failed = None;
    for id in asked {
        let Some(item) = record.item_mut(id) else { continue };
        match outcomes.remove(id) {
            Some(Outcome::Done { summary, .. }) => undo_item(item, summary),
            Some(Outcome::NoEffect { reason }) => undo_item(item, reason),
            Some(Outcome::Declined { reason }) => fail_item(item, reason),
            Some(Outcome::Failed { class, message }) if class.is_transient() => {
                failed = Some(Failed::attempt(class, message));
            }
            Some(Outcome::Failed { message, .. }) => fail_item(item, message),
            Some(Outcome::Unknown { message }) => {
                failed = Some(Failed::attempt(ErrorClass::ProviderUnavailable, message));
            }
            Some(Outcome::Ask { proposal }) => fail_item(item, proposal.title),
            None => {
                let message = "the agent did not say what became of it";
                failed = Some(Failed::attempt(ErrorClass::ProviderUnavailable, message));
            }
        }
    }
    failed
}

fn undo_item(item: &mut Item, summary: String) {
    item.state = ItemState::Undone;
    item.summary = summary;
    item.impact.clear();
}

fn fail_item(item: &mut Item, summary: String) {
    item.state = ItemState::UndoFailed;
    item.summary = summary;
}

/// Marks what is left as not undone.
fn give_up(record: &mut StepRecord, why: &str) {
    for item in record.items.iter_mut().filter(|item| item.state.may_be_in_force()) {
        if item.state != ItemState::UndoFailed {
            fail_item(item, why.to_owned());
        }
    }
}
