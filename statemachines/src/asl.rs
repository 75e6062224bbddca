//! The subset of the Amazon States Language that the compiler emits, JSONata mode. Typed, so that the bytes are the same whatever
//! the JSON library is built with, and so that a reader of generated machines knows every form there is.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A state machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Machine {
    /// Where it comes from.
    pub comment: String,
    /// Always `JSONata`.
    pub query_language: String,
    /// The first state.
    pub start_at: String,
    /// The states by name, in the order of the steps.
    pub states: IndexMap<String, State>,
}

impl Machine {
    /// The definition as it is deployed: pretty JSON with a line feed at the end.
    ///
    /// # Errors
    /// None that can happen: every key is a text.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// One state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "Type")]
pub enum State {
    /// Calls a function.
    Task(Box<Task>),
    /// Runs branches at the same time.
    Parallel(Parallel),
    /// Goes one of several ways.
    Choice(Choice),
    /// Ends well.
    Succeed(Succeed),
    /// Ends otherwise.
    Fail(Fail),
}

/// Calls a function, or calls it and waits for its token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Task {
    /// [`INVOKE`] or [`INVOKE_AND_WAIT`].
    pub resource: String,
    /// What is called with what.
    pub arguments: Call,
    /// What the next state gets.
    pub output: IndexMap<String, Value>,
    /// How long one attempt may take.
    pub timeout_seconds: u32,
    /// What is tried again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retry: Vec<Retry>,
    /// What is caught.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catch: Vec<Catch>,
    /// The next state; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// `true` at the end, else absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<bool>,
}

impl Task {
    /// Makes it wait until somebody sends its token back, at most so many seconds.
    pub(crate) fn wait_for_token(&mut self, seconds: u32) {
        INVOKE_AND_WAIT.clone_into(&mut self.resource);
        self.arguments.payload.insert("token".to_owned(), Value::from(crate::compile::expression::TOKEN));
        self.timeout_seconds = seconds;
    }
}

/// Calls a function and takes its answer.
pub const INVOKE: &str = "arn:aws:states:::lambda:invoke";
/// Calls a function and waits until somebody sends the token back.
pub const INVOKE_AND_WAIT: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Call {
    /// A `${…}` substitution of the template.
    pub function_name: String,
    /// Literals and the expressions of [`mod@crate::compile`].
    pub payload: IndexMap<String, Value>,
}

/// What is tried again, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Retry {
    /// The errors.
    pub error_equals: Vec<String>,
    /// Before the first retry.
    pub interval_seconds: u32,
    /// How many retries.
    pub max_attempts: u32,
    /// Factor from one wait to the next.
    pub backoff_rate: f64,
    /// Longest wait, longer than the first; absent where the waits do not grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_delay_seconds: Option<u32>,
    /// `FULL`, or `NONE` where the waits do not grow.
    pub jitter_strategy: String,
}

/// What is caught, and where it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Catch {
    /// The errors.
    pub error_equals: Vec<String>,
    /// What the next state gets.
    pub output: IndexMap<String, Value>,
    /// The next state.
    pub next: String,
}

/// Runs branches at the same time; ends when all have, or when one fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Parallel {
    /// The branches.
    pub branches: Vec<Branch>,
    /// What the next state gets.
    pub output: IndexMap<String, Value>,
    /// What is caught.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catch: Vec<Catch>,
    /// The next state; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// `true` at the end, else absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<bool>,
}

/// One branch of a [`Parallel`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Branch {
    /// The first state.
    pub start_at: String,
    /// The states by name.
    pub states: IndexMap<String, State>,
}

/// Goes one of several ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Choice {
    /// The ways, tried in order.
    pub choices: Vec<Rule>,
    /// The way when none applies.
    pub default: String,
}

/// One way of a [`Choice`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Rule {
    /// An expression, a boolean.
    pub condition: String,
    /// The next state.
    pub next: String,
}

/// Ends well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succeed {}

/// Ends otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Fail {
    /// The execution's error.
    pub error: String,
}
