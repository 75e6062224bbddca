//! Questions to the user and their answers.

mod reading;

use crate::envelope::Event;
use crate::ids::{ItemId, RunId, StepId, TaskId};
use jiff::Timestamp;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A question that a run waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserTaskRequest {
    /// The waiting task.
    pub task_id: TaskId,
    /// The run that waits.
    pub run_id: RunId,
    /// The step that waits.
    pub step_id: StepId,
    /// What is asked.
    pub kind: TaskKind,
    /// One sentence.
    pub prompt: String,
    /// What is to be decided, item by item. Empty for a guide.
    #[serde(default)]
    pub items: Vec<TaskItem>,
    /// Whether and until when what an approval has done can be undone. None where nothing is approved, or an approval changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversibility: Option<Reversibility>,
    /// What the user is guided through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// The consents that are missing, where an alert asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When the step's `onTimeout` is taken instead.
    pub deadline: Timestamp,
}

impl Event for UserTaskRequest {
    fn detail_type(&self) -> &'static str {
        "user_task.requested"
    }
}

/// What a task asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Approve, modify or skip each item.
    Approve,
    /// A manual step: follow the guide, report progress, prove completion.
    Guide,
    /// A recovery alert: something went wrong, choose what to do.
    Help,
    /// An undo by hand: reverse each item with the provider and prove it.
    Undo,
}

/// Whether and until when a step's effects can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// Always.
    Reversible,
    /// Until a time that the provider states per item.
    UntilProvider,
    /// Not itself, but a new action makes up for it.
    Compensable,
    /// Never.
    Irreversible,
}

/// One thing to decide: the exact effect, and what it is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskItem {
    /// The item.
    pub item_id: ItemId,
    /// One sentence that says exactly what will be done.
    pub title: String,
    /// Why it is proposed.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// What it saves (or earns, or puts aside) a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Money>,
    /// SHA-256 of the exact effect, in hex. An approval names it.
    pub effect_hash: String,
    /// Until when the effect can be undone, if the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_until: Option<Timestamp>,
    /// What can be changed: a name and the values it may take.
    #[serde(default)]
    pub modifications: BTreeMap<String, Vec<Value>>,
    /// What may be chosen.
    pub choices: Vec<Choice>,
}

/// What can be done with an item or an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Do exactly this.
    Approve,
    /// Change it and show it again.
    Modify,
    /// Leave it.
    Skip,
    /// Alert: go on with what was missing.
    Continue,
    /// Alert: take the result as it is, in spite of the check that it failed.
    Override,
    /// Alert: give the consents that are missing, and go on.
    Grant,
    /// Alert: do not give them; what else can be done is asked next.
    Deny,
    /// Alert: stop the workflow and keep what was done.
    Stop,
    /// Undo by hand: it is reversed, with proof.
    Done,
}

/// A guided manual step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// What to do, in order.
    pub instructions: Vec<String>,
    /// What helps: names and addresses.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// What can be chosen, best first.
    #[serde(default)]
    pub options: Vec<GuideOption>,
    /// What counts as proof.
    pub proof: String,
}

/// Something that helps with a manual step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name shown to the user.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// One option of a guide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuideOption {
    /// The option.
    pub item_id: ItemId,
    /// Name shown to the user.
    pub title: String,
    /// Why it fits.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// What it may bring a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Money>,
    /// How to begin.
    #[serde(default)]
    pub steps: Vec<String>,
}

/// The user's answer to a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserTaskAnswer {
    /// The task answered.
    pub task_id: TaskId,
    /// The answer.
    pub answer: Answer,
}

impl Event for UserTaskAnswer {
    fn detail_type(&self) -> &'static str {
        "user_task.answered"
    }
}

/// What a user may answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields, try_from = "reading::FlatAnswer")]
#[schemars(!try_from)]
pub enum Answer {
    /// Do exactly the effect that was shown.
    Approve {
        /// The item approved.
        item_id: ItemId,
        /// The hash that was shown.
        #[schemars(regex(pattern = "^[0-9A-Fa-f]{64}$"))]
        effect_hash: String,
    },
    /// Change the item and show it again.
    Modify {
        /// The item to change.
        item_id: ItemId,
        /// The changes, by the names of [`TaskItem::modifications`].
        #[schemars(extend("minProperties" = 1))]
        changes: BTreeMap<String, Value>,
    },
    /// Leave the item; without an item, the whole step.
    Skip {
        /// The item left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item_id: Option<ItemId>,
    },
    /// A manual step comes along.
    Progress {
        /// Percent, 0 to 100.
        #[schemars(range(max = 100))]
        percent: u8,
        /// What was done.
        #[serde(default)]
        #[schemars(length(max = 2000))]
        note: String,
    },
    /// A manual step needs help.
    Help {
        /// What is unclear.
        #[serde(default)]
        #[schemars(length(max = 2000))]
        note: String,
    },
    /// A manual step, or the undo of an item by hand, is done.
    Done {
        /// What proves it.
        proof: Proof,
    },
    /// A recovery alert: what was missing is provided, go on.
    Continue {
        /// What was missing, if it was something to be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Value>,
    },
    /// A recovery alert: take the result as it is, in spite of the check that it failed.
    Override {},
    /// A recovery alert: give the consents that are missing, and go on.
    Grant {},
    /// A recovery alert: do not give them; what else can be done is asked next.
    Deny {},
    /// A recovery alert: stop and keep what was done.
    Stop {},
}

/// What proves a manual step or an undo by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The option or item it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// The provider's reference, such as an application number. Left out where a file is all that there is: then the other side is asked
    /// for what it has of the user.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 2000))]
    pub reference: String,
    /// The file that proves it, by the name under which it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 300))]
    pub file: Option<String>,
}
