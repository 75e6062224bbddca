//! A run's report: what was done, undone and left, item by item, with the providers' references; and how a person reverses what
//! could not be undone.

mod text;

use crate::view::alert::brought;
use crate::view::by_hand::{ByHand, LeftItem};
use crate::view::card::{Impact, UndoTerms};
use crate::view::run::{RunLine, RunStatus};
use engine::{Card, Item, ItemState, Run, StepEntry, StepRecord, StepStatus, Task};
use events::{EventType, ItemId, Resource, RunId, StepId, TaskId, TaskKind, WorkflowEvent, WorkflowId};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::{Step, Workflow};

/// What a run has done, undone and left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Its workflow's name.
    pub name: String,
    /// The version it goes by.
    pub version: u32,
    /// Its state.
    pub status: RunStatus,
    /// What that means, one sentence.
    pub outcome: String,
    /// Why it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When its first step could begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The steps that have begun, in the order of the definition.
    pub steps: Vec<ReportStep>,
    /// What is in force comes to this.
    pub impact: Impact,
    /// What it cost whoever operates the system, once it has ended: one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_cost: Option<String>,
    /// What happened, in order: attempts, failures, questions, ends.
    pub timeline: Vec<Moment>,
    /// How to reverse what could not be undone; none when there is nothing of the kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<Recovery>,
    /// All of it as text.
    pub text: String,
}

/// A step in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportStep {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// `complete`, `skipped`, `unfinished`, `undone`, `undo-failed` or `open`.
    pub outcome: String,
    /// What was found or done.
    pub headline: String,
    /// Item by item.
    pub items: Vec<ReportItem>,
}

/// An item in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportItem {
    /// The item.
    pub item_id: ItemId,
    /// What it is about.
    pub title: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// The same in words.
    pub words: String,
    /// The provider's reference; empty when the provider never gave one.
    pub reference: String,
    /// Of what is in force: whether and until when it can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoTerms>,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ItemOutcome {
    /// It is done and in force.
    Done,
    /// It was done and is undone.
    Undone,
    /// It was to be undone and may still be in force.
    NotUndone,
    /// Nobody knows yet whether it is done.
    InDoubt,
    /// It is not done: left out, declined, failed, or without effect.
    NotDone,
    /// It is to be decided, or to be done.
    Open,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What kind of event.
    pub kind: EventType,
    /// The step it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// In words.
    pub message: String,
}

/// How a person reverses what could not be undone of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// What is in force, the latest first.
    pub items: Vec<LeftItem>,
    /// What to do for each, in order.
    pub steps: Vec<String>,
    /// Who helps.
    pub contact: String,
    /// What proves that it is done.
    pub proof: String,
    /// The question that takes the proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
}

impl RunReport {
    /// The report of a run on a day. `tasks` are its open ones about undoing by hand.
    pub(crate) fn of(
        run: &Run,
        workflow: Option<&Workflow>,
        records: &[StepRecord],
        tasks: &[Task],
        events: &[WorkflowEvent],
        card: Option<Card>,
        today: Date,
    ) -> Self {
        let line = RunLine::of(run, workflow);
        let record_of = |id: &StepId| records.iter().find(|it| it.step_id == *id);
        let definition = |id: &StepId| workflow.and_then(|it| it.step(id));
        let begun = run.steps.iter().filter(|(id, entry)| entry.order > 0 || record_of(id).is_some());
        let steps = begun.map(|(id, entry)| step(id, entry, definition(id), record_of(id)));
        let task_of = |id: &StepId| tasks.iter().find(|it| it.kind == TaskKind::Undo && it.step_id == *id);
        let left = run.steps.iter().filter(|(id, entry)| {
            entry.status == StepStatus::UndoFailed || task_of(id).is_some_and(|task| task.open)
        });
        let recovery = left.map(|(id, _)| Recovery::of(id, definition(id), record_of(id), task_of(id)));
        let impact = workflow.map(|it| Impact::at(brought(records, it), run, today)).unwrap_or_default();
        let seen = card.map(|it| Impact::at(it.impact, run, today)).unwrap_or_default();
        let mut report = Self {
            run_id: line.run_id,
            workflow_id: line.workflow_id,
            name: line.name,
            version: run.version,
            status: line.status,
            outcome: outcome(run, records).to_owned(),
            reason: line.reason,
            started_at: run.started_at,
            ended_at: run.ended_at,
            steps: steps.collect(),
            impact: impact.with_realised(&seen),
            cloud_cost: cloud_cost(events),
            timeline: events.iter().filter(|it| is_told(it)).map(|it| moment(it, workflow)).collect(),
            recovery: recovery.collect(),
            text: String::new(),
        };
        report.text = text::of(&report);
        report
    }
}

/// What running it cost by its last end, as its events counted it.
fn cloud_cost(events: &[WorkflowEvent]) -> Option<String> {
    let used = |event: &WorkflowEvent| {
        let mut used = event.metrics.resources_used.iter();
        used.find(|it| it.name == Resource::CLOUD_COST).map(|it| it.calls)
    };
    let microdollars = events.iter().rev().find_map(used)?;
    // To a hundredth of a cent, and never none.
    let parts = (u64::from(microdollars) + 50).max(100) / 100;
    Some(format!("Running it cost about ${}.{:04} of cloud.", parts / 10_000, parts % 10_000))
}

/// What a run's state means.
fn outcome(run: &Run, records: &[StepRecord]) -> &'static str {
    use engine::RunStatus as Is;
    match run.status {
        Is::Queued | Is::Validating | Is::Ready => "It waits for its turn.",
        Is::Executing => "It is under way.",
        Is::Paused => "It is paused: it needs your help.",
        Is::RollingBack if run.ending == Some(engine::Ending::Stop) => {
            "It is being stopped; what was done is kept."
        }
        Is::RollingBack => "What it did is being undone.",
        Is::Completed => "Every step is settled.",
        Is::Failed => "It could not begin; nothing was done.",
        Is::RolledBack if records.iter().flat_map(|it| &it.items).any(|it| it.unconfirmed) => {
            "Everything that it did is undone, some of it by your word: the provider could not confirm it."
        }
        Is::RolledBack => "Everything that it did is undone.",
        Is::Stopped => "It is stopped; what was done is kept, and it can be resumed.",
        Is::NeedsAttention => {
            "Some of what it did could not be undone; how to reverse it yourself is described below."
        }
    }
}

fn step(id: &StepId, entry: &StepEntry, step: Option<&Step>, record: Option<&StepRecord>) -> ReportStep {
    let outcome = match entry.status {
        StepStatus::Complete | StepStatus::Skipped if entry.unfinished => "unfinished",
        StepStatus::Complete => "complete",
        StepStatus::Skipped => "skipped",
        StepStatus::Undone => "undone",
        StepStatus::UndoFailed => "undo-failed",
        _ => "open",
    };
    ReportStep {
        step_id: id.clone(),
        name: step.map_or_else(|| id.to_string(), |it| it.name.clone()),
        outcome: outcome.to_owned(),
        headline: record.map(|it| it.headline.clone()).unwrap_or_default(),
        items: record.into_iter().flat_map(|it| &it.items).map(|it| item(it, step)).collect(),
    }
}

fn item(item: &Item, step: Option<&Step>) -> ReportItem {
    let outcome = match item.state {
        ItemState::Done => ItemOutcome::Done,
        ItemState::Undone => ItemOutcome::Undone,
        ItemState::UndoFailed => ItemOutcome::NotUndone,
        ItemState::Executing | ItemState::Unknown => ItemOutcome::InDoubt,
        ItemState::NoEffect | ItemState::Declined | ItemState::Skipped | ItemState::Failed { .. } => {
            ItemOutcome::NotDone
        }
        ItemState::Proposed | ItemState::Asked | ItemState::Approved | ItemState::Changed => {
            ItemOutcome::Open
        }
    };
    let in_force = matches!(outcome, ItemOutcome::Done | ItemOutcome::NotUndone);
    let reversibility = step.and_then(|it| it.reversibility).filter(|_| in_force);
    ReportItem {
        item_id: item.proposal.item_id.clone(),
        title: item.proposal.title.clone(),
        outcome,
        words: item.summary.clone(),
        reference: item.reference.clone(),
        undo: reversibility.map(|reversibility| UndoTerms { reversibility, until: item.proposal.undo_until }),
    }
}

/// Whether an event belongs into the timeline: what agents report while they work, and amounts, stand elsewhere.
fn is_told(event: &WorkflowEvent) -> bool {
    match event.event_type {
        EventType::StepProgress => event.data.details.is_null(),
        EventType::SavingsAchieved | EventType::RiskReduced | EventType::GoalProgressed => false,
        _ => true,
    }
}

fn moment(event: &WorkflowEvent, workflow: Option<&Workflow>) -> Moment {
    let name = |id: &StepId| {
        let step = workflow.and_then(|it| it.step(id));
        step.map_or_else(|| id.to_string(), |it| it.name.clone())
    };
    Moment {
        at: Timestamp::from_millisecond(event.timestamp).unwrap_or_default(),
        kind: event.event_type,
        step: event.step_id.as_ref().map(name),
        message: event.data.message.clone(),
    }
}

impl Recovery {
    fn of(id: &StepId, step: Option<&Step>, record: Option<&StepRecord>, task: Option<&Task>) -> Self {
        let ByHand { items, steps, contact, proof } = ByHand::of(step, record, task);
        Self {
            step_id: id.clone(),
            name: step.map_or_else(|| id.to_string(), |it| it.name.clone()),
            items,
            steps,
            contact,
            proof,
            task_id: task.map(|it| it.task_id.clone()),
        }
    }
}
