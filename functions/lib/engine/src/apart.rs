//! Outputs too long for a step's record: kept apart from it, under the hash of what they say.

use crate::step::StepRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Up to how many bytes of JSON an output stays in the record: a figure does, which the API reads with it; a list of findings
/// does not.
pub const SHORT: usize = 256;

/// Where the long outputs of a step are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    /// Under which name.
    pub key: String,
    /// How many bytes they are.
    pub bytes: usize,
    /// Their SHA-256 in hex.
    pub sha256: String,
}

impl Apart {
    /// Where a step's outputs that read so are kept: elsewhere as soon as they read otherwise, so that nothing is ever replaced.
    pub fn of(record: &StepRecord, text: &str) -> Self {
        let sha256 = sha256(text);
        let key = format!("runs/{}/{}/{sha256}", record.run_id, record.step_id);
        Self { key, bytes: text.len(), sha256 }
    }

    /// What was kept; `None` when it is not what was fetched.
    pub fn read(&self, text: &str) -> Option<BTreeMap<String, Value>> {
        if sha256(text) == self.sha256 { serde_json::from_str(text).ok() } else { None }
    }
}

impl StepRecord {
    /// Its outputs that are too long for it, as JSON; `None` where all are short.
    pub fn long_outputs(&self) -> Option<String> {
        let long: BTreeMap<_, _> = self.outputs.iter().filter(|(_, value)| !is_short(value)).collect();
        if long.is_empty() { None } else { serde_json::to_string(&long).ok() }
    }

    /// The same record whose long outputs are kept apart.
    #[must_use]
    pub fn parted(&self, apart: Apart) -> Self {
        let mut record = self.clone();
        record.outputs.retain(|_, value| is_short(value));
        record.apart = Some(apart);
        record
    }

    /// Drops its outputs, wherever they are.
    pub fn clear_outputs(&mut self) {
        self.outputs.clear();
        self.apart = None;
    }
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) | Value::String(_) => value.to_string().len() <= SHORT,
        _ => true,
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_outputs_are_parted_and_read_again() {
        let mut record = StepRecord::new("r".parse().unwrap(), "s".parse().unwrap());
        assert_eq!(record.long_outputs(), None);
        record.outputs.insert("figure".to_owned(), json!({"minor": 1250, "currency": "USD"}));
        assert_eq!(record.long_outputs(), None);
        record.outputs.insert("found".to_owned(), json!(vec!["a finding"; 100]));
        let text = record.long_outputs().unwrap();
        let apart = Apart::of(&record, &text);
        assert_eq!(apart.key, format!("runs/r/s/{}", apart.sha256));
        let mut parted = record.parted(apart.clone());
        assert_eq!(parted.outputs.keys().collect::<Vec<_>>(), ["figure"]);
        parted.outputs.extend(apart.read(&text).unwrap());
        assert_eq!(parted.outputs, record.outputs);
        assert_eq!(apart.read("{}"), None, "something else");
        parted.clear_outputs();
        assert_eq!((parted.outputs.len(), parted.apart), (0, None));
    }
}
