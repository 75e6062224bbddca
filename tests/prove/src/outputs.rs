//! Values of the declared types of a step's outputs, such that the conditions of later steps hold.

use serde_json::{Map, Value, json};
use statemachines::Step;
use std::collections::BTreeMap;

/// A step's outputs about so many items.
pub fn of(step: &Step, items: usize) -> BTreeMap<String, Value> {
    step.outputs.iter().map(|(name, kind)| (name.clone(), of_type(kind, items))).collect()
}

/// An amount.
pub fn money() -> Value {
    json!({ "minor": 1_000, "currency": "USD" })
}

fn of_type(kind: &str, items: usize) -> Value {
    match kind.strip_suffix("[]") {
        Some(one) => Value::Array(vec![one_of(one); items]),
        None => one_of(kind),
    }
}

fn one_of(kind: &str) -> Value {
    match kind {
        "Boolean" => json!(true),
        "Date" => json!("2026-07-01"),
        "Money" => money(),
        "Number" => json!(2),
        "Text" => json!("text"),
        "Timestamp" => json!("2026-07-01T12:00:00Z"),
        _ => record(),
    }
}

/// A record of any agent: what conditions of the catalog read of one.
fn record() -> Value {
    let mut record = Map::new();
    for name in ["id", "name"] {
        record.insert(name.to_owned(), json!("one"));
    }
    for name in ["amount", "balance", "monthly"] {
        record.insert(name.to_owned(), money());
    }
    Value::Object(record)
}
