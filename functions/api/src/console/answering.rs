//! A form's fields as an answer: the very body that the API's route takes.

use crate::problem::{FieldError, Problem};
use events::Answer;
use serde_json::{Map, Value, json};

/// What stands before the name of a change.
pub(crate) const CHANGE: &str = "change.";

/// Reads an answer. A field that is left empty says nothing.
///
/// # Errors
/// What a form of ours never sends.
pub(crate) fn answer(fields: &[(String, String)]) -> Result<Answer, Problem> {
    let field = |name: &str| {
        let found = fields.iter().find(|(known, value)| known == name && !value.trim().is_empty());
        found.map(|(_, value)| value.trim())
    };
    let wrong = |name: &str, what: &str| Problem::bad_request(vec![FieldError::new(name, what)]);
    let kind = field("type").ok_or_else(|| wrong("type", "is missing"))?;
    let mut answer = Map::from_iter([("type".to_owned(), json!(kind))]);
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            answer.insert(name.to_owned(), value);
        }
    };
    let text = |name: &str| field(name).map(|it| json!(it));
    match kind {
        "approve" => {
            put("item_id", text("item_id"));
            put("effect_hash", text("effect_hash"));
        }
        "modify" => {
            put("item_id", text("item_id"));
            put("changes", Some(changes(fields)?));
        }
        "skip" => put("item_id", text("item_id")),
        "progress" => {
            let percent = field("percent").unwrap_or_default().parse::<u8>();
            put("percent", Some(json!(percent.map_err(|_| wrong("percent", "must be from 0 to 100"))?)));
            put("note", text("note"));
        }
        "help" => put("note", text("note")),
        "done" => {
            // Where there is no reference, the file that was uploaded is the proof.
            let told = ["reference", "file", "item_id"].map(|name| (name.to_owned(), text(name)));
            let proof: Map<_, _> =
                told.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            if !proof.contains_key("reference") && !proof.contains_key("file") {
                return Err(wrong("reference", "must not be empty"));
            }
            put("proof", Some(Value::Object(proof)));
        }
        "continue" => put("input", text("input")),
        _ => {}
    }
    serde_json::from_value(Value::Object(answer)).map_err(|error| wrong("", &error.to_string()))
}

/// The changes of an item: each value stands in its form as it was offered, as JSON.
fn changes(fields: &[(String, String)]) -> Result<Value, Problem> {
    let mut changes = Map::new();
    for (name, value) in fields {
        if let Some(name) = name.strip_prefix(CHANGE)
            && !value.is_empty()
        {
            let value = serde_json::from_str(value).map_err(|_| {
                Problem::bad_request(vec![FieldError::new(
                    format!("changes.{name}"),
                    "is none of the values offered",
                )])
            })?;
            changes.insert(name.to_owned(), value);
        }
    }
    if changes.is_empty() {
        return Err(Problem::bad_request(vec![FieldError::new("changes", "choose what to change")]));
    }
    Ok(Value::Object(changes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_an_answer() {
        for (fields, expect) in [
            (
                vec![("type", "approve"), ("item_id", "a"), ("effect_hash", "h")],
                json!({"type": "approve", "item_id": "a", "effect_hash": "h"}),
            ),
            (
                vec![("type", "modify"), ("item_id", "a"), ("change.tier", "\"basic\""), ("change.day", "")],
                json!({"type": "modify", "item_id": "a", "changes": {"tier": "basic"}}),
            ),
            (vec![("type", "skip"), ("item_id", "")], json!({"type": "skip"})),
            (
                vec![("type", "progress"), ("percent", "40"), ("note", " half ")],
                json!({"type": "progress", "percent": 40, "note": "half"}),
            ),
            (
                vec![("type", "done"), ("item_id", "g"), ("reference", "GIG-1")],
                json!({"type": "done", "proof": {"item_id": "g", "reference": "GIG-1"}}),
            ),
            (
                vec![("type", "done"), ("reference", ""), ("file", "receipt.pdf")],
                json!({"type": "done", "proof": {"file": "receipt.pdf"}}),
            ),
            (vec![("type", "continue"), ("input", "4711")], json!({"type": "continue", "input": "4711"})),
            (vec![("type", "stop"), ("item_id", "a")], json!({"type": "stop"})),
        ] {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let answer = answer(&fields).map_err(|problem| problem.detail).unwrap();
            assert_eq!(serde_json::to_value(answer).unwrap(), expect);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (fields, expect) in [
            (vec![], "type"),
            (vec![("type", "modify"), ("item_id", "a")], "changes"),
            (vec![("type", "modify"), ("item_id", "a"), ("change.x", "{")], "changes.x"),
            (vec![("type", "progress"), ("percent", "300")], "percent"),
            (vec![("type", "done"), ("reference", "  ")], "reference"),
        ] {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(answer(&fields).unwrap_err().errors[0].field, expect);
        }
    }
}
