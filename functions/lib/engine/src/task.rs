//! What is recorded of a question to the user, and of the answer.

use crate::arrange::Arrangement;
use events::{Choice, ItemId, RunId, StepId, TaskId, TaskKind, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A question of a run to its user, and the answer. A decision is a conditional write on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The question; a new round of the same step is a new one.
    pub task_id: TaskId,
    /// The run that waits.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// The step that waits.
    pub step_id: StepId,
    /// What is asked.
    pub kind: TaskKind,
    /// One sentence.
    pub prompt: String,
    /// What is to be decided, with what was decided.
    #[serde(default)]
    pub items: Vec<AskedItem>,
    /// The consents that are missing, where an alert asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The answer to a guide or an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Decided>,
    /// How far the user says a manual step is, in percent.
    #[serde(default)]
    pub percent: u8,
    /// The user's latest call for help with a manual step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<CallForHelp>,
    /// Whether it still waits.
    pub open: bool,
    /// The Step Functions task token to complete; empty in the simulator's synchronous runs.
    pub token: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When the default is taken.
    pub deadline: Timestamp,
    /// When to remind, soonest first; those passed are removed.
    #[serde(default)]
    pub remind: Vec<Timestamp>,
    /// What the user arranged about a manual step.
    #[serde(default, skip_serializing_if = "Arrangement::is_none")]
    pub arranged: Arrangement,
    /// Until when a step Lambda is at work on the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// When a decision was written whose outcome is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

/// That a user cannot go on with a manual step without help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallForHelp {
    /// What is unclear, in the user's words; empty when they said nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// One item of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedItem {
    /// The item.
    pub item_id: ItemId,
    /// The hash of the effect shown.
    pub effect_hash: String,
    /// What may be chosen.
    pub choices: Vec<Choice>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// A decision of the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// What.
    pub answer: events::Answer,
    /// When.
    pub at: Timestamp,
    /// By the user, or by the deadline.
    pub by: DecidedBy,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// The user.
    User,
    /// The deadline.
    Deadline,
}
