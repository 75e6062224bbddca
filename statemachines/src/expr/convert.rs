//! JSON to CEL and back. Whole numbers become CEL's `int` whenever they fit, so that `size(x)` and a JSON count can be subtracted.

use cel::Value as Cel;
use cel::objects::{Key, Map};
use serde_json::{Number, Value};
use std::sync::Arc;

/// The CEL value of a JSON value.
pub(super) fn to_cel(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => to_number(number),
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(values) => Cel::List(Arc::new(values.iter().map(to_cel).collect())),
        Value::Object(entries) => Cel::Map(Map {
            map: Arc::new(
                entries
                    .iter()
                    .map(|(name, value)| (Key::String(Arc::new(name.clone())), to_cel(value)))
                    .collect(),
            ),
        }),
    }
}

fn to_number(number: &Number) -> Cel {
    if let Some(whole) = number.as_i64() {
        return Cel::Int(whole);
    }
    if let Some(whole) = number.as_u64() {
        return Cel::UInt(whole);
    }
    number.as_f64().map_or(Cel::Null, Cel::Float)
}

/// The JSON value of a CEL value. `None` for what JSON cannot hold: bytes, functions, NaN, infinities, keys that are no text.
pub(super) fn to_json(value: &Cel) -> Option<Value> {
    Some(match value {
        Cel::Null => Value::Null,
        Cel::Bool(value) => Value::Bool(*value),
        Cel::Int(value) => Value::from(*value),
        Cel::UInt(value) => Value::from(*value),
        Cel::Float(value) => Value::Number(Number::from_f64(*value)?),
        Cel::String(text) => Value::String(text.to_string()),
        Cel::List(values) => Value::Array(values.iter().map(to_json).collect::<Option<_>>()?),
        Cel::Map(map) => {
            // serde_json's map is sorted, so the hash map's order is lost and the result is deterministic.
            let entry = |(key, value): (&Key, &Cel)| match key {
                Key::String(name) => Some((name.to_string(), to_json(value)?)),
                _ => None,
            };
            Value::Object(map.map.iter().map(entry).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// A JSON value's kind in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
