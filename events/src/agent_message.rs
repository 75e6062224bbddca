//! What an agent says while it works.

use crate::envelope::Event;
use crate::ids::{RunId, StepId};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A message of an agent to the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AgentMessage {
    /// The run it works for.
    pub run_id: RunId,
    /// The step it works on.
    pub step_id: StepId,
    /// What kind of message.
    #[serde(rename = "type")]
    pub message_type: MessageType,
    /// What it says.
    pub content: Content,
    /// How it stands.
    pub context: Context,
}

impl Event for AgentMessage {
    fn detail_type(&self) -> &'static str {
        "agent.message"
    }
}

/// What kind of message an agent sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageType {
    /// It works.
    Status,
    /// It asks.
    Request,
    /// It is done.
    Result,
    /// It failed.
    Error,
}

/// What an agent says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Content {
    /// For the user, one line, such as `On hold with retention dept`.
    pub headline: String,
    /// For engineers; no amounts, names or tokens.
    #[serde(default)]
    pub technical: String,
    /// Figures ([`Figure`]) by name, or a chart or table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visual_data: Option<Value>,
    /// A question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_action: Option<Question>,
}

/// A figure in a message's `visualData`, by its name, where the step's definition lets the user follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Figure {
    /// An amount of money.
    Amount(Money),
    /// A share of something, 0 to 100.
    Percent {
        /// The share.
        percent: u8,
    },
    /// A number of things.
    Count(u64),
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(amount) => write!(f, "{amount}"),
            Self::Percent { percent } => write!(f, "{percent} %"),
            Self::Count(count) => write!(f, "{count}"),
        }
    }
}

/// A question of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: QuestionKind,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Value>,
    /// Seconds until the default is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuestionKind {
    /// Yes or no.
    Confirm,
    /// One of the options.
    Choose,
    /// A text.
    Input,
}

/// How an agent's work stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Context {
    /// Percent of the step, 0 to 100.
    pub step_progress: u8,
    /// How sure the agent is, 0 to 1.
    pub confidence_level: f64,
    /// What else could be done.
    #[serde(default)]
    pub alternative_actions: Vec<String>,
}
