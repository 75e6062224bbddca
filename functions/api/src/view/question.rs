//! Questions as their user sees them, and what became of an answer.

use crate::asked::Asked;
use crate::view::alert::Alert;
use crate::view::arranged::Arranged;
use crate::view::by_hand::ByHand;
use engine::{Decided, DecidedBy, StepRecord, Task, unanswered};
use events::{Answer, Guide, ItemId, TaskId, TaskItem, TaskKind, UserTaskRequest};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::{Step, Workflow};

/// Questions that wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionList {
    /// The soonest due first.
    pub tasks: Vec<Question>,
}

/// A question with everything needed to answer it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UserTask")]
pub struct Question {
    /// The question.
    pub request: UserTaskRequest,
    /// The workflow's name.
    pub workflow: String,
    /// The step's name.
    pub step: String,
    /// Whether it waits.
    pub open: bool,
    /// What becomes of it at its deadline, as a part of a sentence; none where it waits for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub afterwards: Option<String>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// How far the user said a manual step is, in percent.
    pub percent: u8,
    /// The user's call for help with it, and what can be offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<HelpView>,
    /// What was decided so far.
    pub decisions: Vec<Decision>,
    /// What the user arranged about it, where it is done by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arranged: Option<Arranged>,
    /// What happened, where it is a recovery alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// How to reverse what is left by hand, where that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// A decision on record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The item; none for a guide or an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// What was decided.
    pub answer: Answer,
    /// When.
    pub at: Timestamp,
    /// Whether its deadline decided, and not the user.
    pub by_deadline: bool,
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answered {
    /// The question.
    pub task_id: TaskId,
    /// Whether the very same was decided before: nothing new was recorded.
    pub repeated: bool,
    /// Everything decided on it so far.
    pub decisions: Vec<Decision>,
    /// How far a manual step is, in percent.
    pub percent: u8,
    /// The guide again, where help was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// The call for help as it is kept, and who else helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<HelpView>,
}

/// A call for help. Those who operate the system see it too, with its run and step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CallForHelp")]
pub struct HelpView {
    /// What is unclear, in the user's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// Who helps with the other side, where the workflow names somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

impl HelpView {
    /// The call for help of a question, if there is one.
    pub(crate) fn of(task: &Task, step: Option<&Step>) -> Option<Self> {
        let by_hand = step.and_then(|it| it.undo.as_ref()).and_then(|it| it.by_hand.as_ref());
        let contact = by_hand.map(|it| it.contact.clone());
        task.help.as_ref().map(|it| Self { note: it.note.clone(), at: it.at, contact })
    }
}

impl Question {
    /// Whether its user does not want to hear of it at that moment.
    pub(crate) fn is_put_off(&self, now: Timestamp) -> bool {
        self.arranged.as_ref().and_then(|it| it.snoozed_until).is_some_and(|until| until > now)
    }

    /// A question, with the details that the records of its run have of it.
    pub(crate) fn of(asked: &Asked, workflow: Option<&Workflow>) -> Self {
        let (task, record) = (&asked.task, asked.record());
        let items = match task.kind {
            TaskKind::Approve | TaskKind::Undo => items(task, record),
            TaskKind::Guide | TaskKind::Help => Vec::new(),
        };
        let step = workflow.and_then(|it| it.step(&task.step_id));
        let waits_for_good = task.kind == TaskKind::Undo;
        let guide = record.filter(|_| task.kind == TaskKind::Guide).and_then(|it| it.guide.clone());
        Self {
            request: UserTaskRequest {
                task_id: task.task_id.clone(),
                run_id: task.run_id.clone(),
                step_id: task.step_id.clone(),
                kind: task.kind,
                prompt: task.prompt.clone(),
                items,
                reversibility: step
                    .filter(|_| task.kind == TaskKind::Approve)
                    .and_then(|it| it.reversibility),
                guide,
                scopes: task.scopes.clone(),
                deadline: task.deadline,
            },
            workflow: workflow.map_or_else(|| asked.run.workflow_id.to_string(), |it| it.name.clone()),
            step: step.map_or_else(|| task.step_id.to_string(), |it| it.name.clone()),
            open: task.open,
            afterwards: step
                .filter(|_| !waits_for_good)
                .map(|it| unanswered(it, task.kind).words().to_owned()),
            asked_at: task.asked_at,
            percent: task.percent,
            help: HelpView::of(task, step),
            decisions: decisions(task),
            arranged: matches!(task.kind, TaskKind::Guide | TaskKind::Undo).then(|| Arranged::of(task)),
            alert: (task.kind == TaskKind::Help).then(|| Alert::of(asked, workflow)),
            by_hand: waits_for_good.then(|| ByHand::of(step, record, Some(task))),
        }
    }
}

/// Everything decided on a question.
pub(crate) fn decisions(task: &Task) -> Vec<Decision> {
    let one = |item_id: Option<ItemId>, decided: &Decided| Decision {
        item_id,
        answer: decided.answer.clone(),
        at: decided.at,
        by_deadline: decided.by == DecidedBy::Deadline,
    };
    let items = task
        .items
        .iter()
        .filter_map(|it| it.decided.as_ref().map(|decided| one(Some(it.item_id.clone()), decided)));
    items.chain(task.answer.iter().map(|decided| one(None, decided))).collect()
}

/// The items as they were asked. An item whose effect is no longer the one asked about is shown with the hash asked about, so that
/// its approval is refused as out of date rather than taken for something else.
fn items(task: &Task, record: Option<&StepRecord>) -> Vec<TaskItem> {
    let proposed = |id: &ItemId| record?.items.iter().find(|it| it.proposal.item_id == *id);
    task.items
        .iter()
        .map(|asked| {
            let proposal = proposed(&asked.item_id).map(|it| &it.proposal);
            TaskItem {
                item_id: asked.item_id.clone(),
                title: proposal.map_or_else(|| asked.item_id.to_string(), |it| it.title.clone()),
                reasons: proposal.map(|it| it.reasons.clone()).unwrap_or_default(),
                monthly: proposal.and_then(|it| it.monthly),
                effect_hash: asked.effect_hash.clone(),
                undo_until: proposal.and_then(|it| it.undo_until),
                modifications: proposal.map(|it| it.modifications.clone()).unwrap_or_default(),
                choices: asked.choices.clone(),
            }
        })
        .collect()
}
