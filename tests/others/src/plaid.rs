//! Plaid's published OpenAPI document, as the JSON Schema of the draft that OpenAPI 3.0 builds on.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests read it, and they fail by panicking"
)]

use serde_json::{Value, json};
use std::sync::OnceLock;

/// The document, where it is at hand; what is `nullable` there is a choice of null here.
///
/// # Panics
/// When it is no YAML.
pub fn spec() -> Option<&'static Value> {
    static SPEC: OnceLock<Option<Value>> = OnceLock::new();
    let read = || {
        let text = crate::text("specs/plaid.yaml")?;
        let options = serde_saphyr::options! { budget: None };
        let mut spec: Value = serde_saphyr::from_str_with_options(&text, options).unwrap();
        allow_null(&mut spec["components"]["schemas"]);
        Some(spec)
    };
    SPEC.get_or_init(read).as_ref()
}

fn allow_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(allow_null);
            if map.get("nullable") == Some(&json!(true)) {
                let inner = Value::Object(std::mem::take(map));
                *schema = json!({"anyOf": [inner, {"type": "null"}]});
            }
        }
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        _ => {}
    }
}

/// What a body breaks of a schema of the document; nothing where that is not at hand.
///
/// # Panics
/// When the document has no such schema.
#[must_use]
pub fn faults(name: &str, body: &Value) -> Vec<String> {
    let Some(spec) = spec() else { return Vec::new() };
    let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": spec["components"]});
    let validator = jsonschema::draft4::new(&schema).unwrap();
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// As [`faults`], and what the schema does not name: the document lets a request have any field besides its own.
///
/// # Panics
/// When the document has no such schema.
#[must_use]
pub fn faults_of_request(name: &str, body: &Value) -> Vec<String> {
    let Some(spec) = spec() else { return Vec::new() };
    let known = spec["components"]["schemas"][name]["properties"].as_object().expect(name);
    let unknown = body.as_object().into_iter().flatten().filter(|(field, _)| !known.contains_key(*field));
    let unknown = unknown.map(|(field, _)| format!("{field}: not in the spec"));
    faults(name, body).into_iter().chain(unknown).collect()
}

/// The document's own example of an answer.
#[must_use]
pub fn example(path: &str) -> Option<Value> {
    let content = &spec()?["paths"][path]["post"]["responses"]["200"]["content"]["application/json"];
    content["examples"].as_object()?.values().next().map(|example| example["value"].clone())
}
