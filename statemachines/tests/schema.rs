//! The schema that editors use accepts every definition there is and refuses what the parser refuses.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read files, and fail when they cannot"
)]

use serde_json::Value;
use statemachines::parse;
use std::path::Path;

fn validator() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated/workflow.schema.json");
    jsonschema::validator_for(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        .unwrap()
}

fn definitions() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("catalog"), root.join("fixtures")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn the_schema_accepts_every_definition() {
    let validator = validator();
    let definitions = definitions();
    assert!(definitions.len() > 15);
    for (file, text) in definitions {
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
}

#[test]
fn the_schema_and_the_parser_refuse_the_same_mistakes() {
    let validator = validator();
    let text = definitions().into_iter().find(|(file, _)| file.ends_with("parallel-paths.yaml")).unwrap().1;
    for (from, to) in [
        ("status: available", "status: avaliable"),
        ("type: manual", "type: by-hand"),
        ("maxAge: 7d", "maxAge: 7 days"),
        ("maxAge: 7d", "maxAge: 7"),
        ("version: 1", "version: one"),
        ("queueExpiry: 1h\n", ""),
        ("    expectedDuration: 20s", "    expectedduration: 20s"),
        ("choices: [skip]", "choices: [decline]"),
        ("  - consent: read_transactions", "  - consents: read_transactions"),
        ("capacity: 5", "capacity: -5"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let value: Value = serde_saphyr::from_str(&changed).unwrap();
        assert!(!validator.is_valid(&value), "the schema accepts {to:?}");
        assert!(parse("x", &changed).is_err(), "the parser accepts {to:?}");
    }
}
