//! The API's description is the code's.

use crate::outside::Fake;
use serde_json::Value;

#[test]
fn the_document_is_up_to_date() {
    let generated = api::document::<Fake>().unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"), &generated).unwrap();
        return;
    }
    assert!(
        generated == api::DOCUMENT,
        "openapi.json is stale: run `cargo run -p api -- openapi > functions/api/openapi.json`"
    );
}

#[test]
fn every_operation_is_described() {
    let document: Value = serde_json::from_str(&api::document::<Fake>().unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let line = format!("{method} {path}");
            ids.push(
                operation["operationId"].as_str().unwrap_or_else(|| panic!("{line} has no id")).to_owned(),
            );
            assert!(operation["summary"].is_string(), "{line}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{line}");
            assert!(responses.contains_key("401"), "{line}");
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "operation ids are unique");
}
