//! Plaid's published spec, where it is at hand.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn file() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data");
    std::env::var_os("SHARED_DATA").map_or(beside, PathBuf::from).join("specs/plaid.yaml")
}

/// The spec as JSON.
pub fn spec() -> Option<&'static Value> {
    static SPEC: OnceLock<Option<Value>> = OnceLock::new();
    let read = || {
        let text = std::fs::read_to_string(file()).ok()?;
        let options = serde_saphyr::options! { budget: None };
        let mut spec: Value = serde_saphyr::from_str_with_options(&text, options).unwrap();
        allow_null(&mut spec["components"]["schemas"]);
        Some(spec)
    };
    let spec = SPEC.get_or_init(read).as_ref();
    if spec.is_none() {
        println!("skipped: Plaid's spec is not at hand");
    }
    spec
}

/// OpenAPI 3.0's `nullable` as JSON Schema says it.
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

/// What a body breaks of a schema of the spec; its own properties only, as the spec's requests allow any others.
pub fn faults(name: &str, body: &Value) -> Vec<String> {
    let Some(spec) = spec() else { return Vec::new() };
    let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": spec["components"]});
    let validator = jsonschema::draft4::new(&schema).unwrap();
    let mut faults: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    let known = spec["components"]["schemas"][name]["properties"].as_object().expect(name);
    let unknown = body.as_object().into_iter().flatten().filter(|(field, _)| !known.contains_key(*field));
    faults.extend(unknown.map(|(field, _)| format!("{field}: not in the spec")));
    faults
}

/// The spec's own example of an answer.
pub fn example(path: &str) -> Option<Value> {
    let content = &spec()?["paths"][path]["post"]["responses"]["200"]["content"]["application/json"];
    content["examples"].as_object()?.values().next().map(|example| example["value"].clone())
}
