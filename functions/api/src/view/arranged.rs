//! What a user arranges about a manual step besides answering it.

use engine::Task;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is to be arranged; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrangeRequest {
    /// When it is due from now on: before the run is brought to an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When to be reminded of it, and not before: before it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snooze_until: Option<Timestamp>,
    /// What whoever goes on with it should know; empty to remove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000))]
    pub hand_over: Option<String>,
}

/// What is arranged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Arranged {
    /// When it is due.
    pub due: Timestamp,
    /// The reminders to come.
    pub reminders: Vec<Timestamp>,
    /// Until when the user does not want to hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// What whoever goes on with it should know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hand_over: String,
    /// The files that prove it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
}

/// A file that proves something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProofFile")]
pub struct Proof {
    /// What it was called.
    pub name: String,
    /// By which it can be had again.
    pub file: String,
    /// When it was taken.
    pub at: Timestamp,
}

impl Arranged {
    /// What is arranged about a question.
    pub(crate) fn of(task: &Task) -> Self {
        let file = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
        let proof = |it: &engine::ProofFile| Proof { name: it.name.clone(), file: file(&it.key), at: it.at };
        Self {
            due: task.deadline,
            reminders: task.remind.clone(),
            snoozed_until: task.arranged.snoozed_until,
            hand_over: task.arranged.hand_over.clone(),
            proofs: task.arranged.proofs.iter().map(proof).collect(),
        }
    }
}

/// A file that is to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofRequest {
    /// What it is called. Left out, it is what the file that is uploaded is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
}

/// A form with which a browser uploads a file: all fields, then the file's own, called `file`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UploadForm {
    /// Where it is sent to, as `multipart/form-data`.
    pub address: String,
    /// Its fields.
    pub fields: BTreeMap<String, String>,
    /// The largest file, in bytes.
    pub largest: u64,
    /// The file's name from then on, for taking it; without a name only its beginning, to which what the file is called is added.
    pub file: String,
}
