//! The compiler's own expressions, and no other JSONata.

use super::SimulateError;
use crate::asl::Choice;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// What `$states` holds at a place.
#[derive(Clone, Copy)]
pub(super) struct States<'a> {
    pub execution: &'a Value,
    pub input: &'a Value,
    pub result: &'a Value,
    pub error: &'a str,
    pub token: &'a str,
}

/// Literals as they are, expressions by their value.
pub(super) fn object(
    template: &IndexMap<String, Value>,
    states: &States<'_>,
) -> Result<Value, SimulateError> {
    let mut filled = Map::new();
    for (name, literal) in template {
        let value = match literal.as_str().and_then(inside) {
            Some(path) => value(path, states).ok_or_else(|| SimulateError::Expression(path.to_owned()))?,
            None => literal.clone(),
        };
        filled.insert(name.clone(), value);
    }
    Ok(Value::Object(filled))
}

/// The state that a Choice leads to.
pub(super) fn choose(choice: &Choice, states: &States<'_>) -> Result<String, SimulateError> {
    for rule in &choice.choices {
        let unknown = || SimulateError::Expression(rule.condition.clone());
        let inner = inside(&rule.condition).ok_or_else(unknown)?;
        let (left, right) = inner.split_once(" = ").ok_or_else(unknown)?;
        let left = value(left, states).ok_or_else(unknown)?;
        if left.as_str() == Some(right.trim_matches('\'')) {
            return Ok(rule.next.clone());
        }
    }
    Ok(choice.default.clone())
}

/// What stands between `{%` and `%}`.
fn inside(text: &str) -> Option<&str> {
    text.strip_prefix("{% ")?.strip_suffix(" %}")
}

/// A path below `$states`; a missing field has no value, as on AWS, where it fails the state.
fn value(path: &str, states: &States<'_>) -> Option<Value> {
    let field = |of: &Value, rest: &str| rest.split('.').try_fold(of, |at, name| at.get(name)).cloned();
    if let Some(rest) = path.strip_prefix("$states.context.Execution.Input.") {
        return field(states.execution, rest);
    }
    if let Some(rest) = path.strip_prefix("$states.input.") {
        return field(states.input, rest);
    }
    if let Some(rest) = path.strip_prefix("$states.result.Payload.") {
        return field(states.result, rest);
    }
    match path {
        "$states.context.Task.Token" => Some(Value::from(states.token)),
        "$states.errorOutput.Error" => Some(Value::from(states.error)),
        _ => None,
    }
}
