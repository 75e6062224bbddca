//! Short stable digests: references, versions and the draws that make a described history look lived in.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The first 16 hexadecimal digits of SHA-256 over `parts`, each ended by a zero byte.
#[must_use]
pub fn digest_of(parts: &[&str]) -> String {
    format!("{:016x}", number_of(parts))
}

/// The first 64 bits of SHA-256 over `parts`, each ended by a zero byte.
#[must_use]
pub fn number_of(parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// The digest of a value's canonical JSON.
#[must_use]
pub fn version_of(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or(Value::Null);
    digest_of(&[&canonical(json).to_string()])
}

/// The same JSON with the keys of every object in order, whatever order the map type keeps.
#[must_use]
pub fn canonical(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> =
                map.into_iter().map(|(key, value)| (key, canonical(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_of_keys_does_not_matter_and_parts_do_not_run_together() {
        assert_eq!(version_of(&json!({"b": 1, "a": [2]})), version_of(&json!({"a": [2], "b": 1})));
        assert_ne!(digest_of(&["ab", "c"]), digest_of(&["a", "bc"]));
    }
}
