//! Reads an answer flat (see `flat`).

use super::{Answer, Proof};
use crate::flat::{given, needed, none_left};
use crate::ids::ItemId;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlatAnswer {
    #[serde(rename = "type")]
    kind: Kind,
    /// Outside whether it is there, inside whether it is `null`, as one that may be left out may also be.
    #[serde(default, deserialize_with = "given")]
    item_id: Option<Option<ItemId>>,
    #[serde(default, deserialize_with = "given")]
    effect_hash: Option<String>,
    #[serde(default, deserialize_with = "given")]
    changes: Option<BTreeMap<String, Value>>,
    #[serde(default, deserialize_with = "given")]
    percent: Option<u8>,
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
    #[serde(default, deserialize_with = "given")]
    proof: Option<Proof>,
    /// As `item_id`.
    #[serde(default, deserialize_with = "given")]
    input: Option<Option<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Approve,
    Modify,
    Skip,
    Progress,
    Help,
    Done,
    Continue,
    Override,
    Grant,
    Deny,
    Stop,
}

impl TryFrom<FlatAnswer> for Answer {
    type Error = String;

    fn try_from(mut flat: FlatAnswer) -> Result<Self, String> {
        let answer = match flat.kind {
            Kind::Approve => Self::Approve {
                item_id: flat.item()?,
                effect_hash: needed(flat.effect_hash.take(), "effect_hash")?,
            },
            Kind::Modify => {
                Self::Modify { item_id: flat.item()?, changes: needed(flat.changes.take(), "changes")? }
            }
            Kind::Skip => Self::Skip { item_id: flat.item_id.take().flatten() },
            Kind::Progress => {
                Self::Progress { percent: needed(flat.percent.take(), "percent")?, note: flat.note() }
            }
            Kind::Help => Self::Help { note: flat.note() },
            Kind::Done => Self::Done { proof: needed(flat.proof.take(), "proof")? },
            Kind::Continue => Self::Continue { input: flat.input.take().flatten() },
            Kind::Override => Self::Override {},
            Kind::Grant => Self::Grant {},
            Kind::Deny => Self::Deny {},
            Kind::Stop => Self::Stop {},
        };
        none_left(&[
            ("item_id", flat.item_id.is_some()),
            ("effect_hash", flat.effect_hash.is_some()),
            ("changes", flat.changes.is_some()),
            ("percent", flat.percent.is_some()),
            ("note", flat.note.is_some()),
            ("proof", flat.proof.is_some()),
            ("input", flat.input.is_some()),
        ])?;
        Ok(answer)
    }
}

impl FlatAnswer {
    fn item(&mut self) -> Result<ItemId, String> {
        needed(self.item_id.take().flatten(), "item_id")
    }

    fn note(&mut self) -> String {
        self.note.take().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_answer_is_read_as_it_is_written() {
        for written in [
            json!({"type": "approve", "item_id": "i", "effect_hash": "h"}),
            json!({"type": "modify", "item_id": "i", "changes": {"day": 1}}),
            json!({"type": "skip", "item_id": "i"}),
            json!({"type": "skip"}),
            json!({"type": "progress", "percent": 50, "note": "half"}),
            json!({"type": "help", "note": "how?"}),
            json!({"type": "done", "proof": {"item_id": "i", "reference": "r"}}),
            json!({"type": "continue", "input": {"account": "a"}}),
            json!({"type": "continue"}),
            json!({"type": "override"}),
            json!({"type": "grant"}),
            json!({"type": "deny"}),
            json!({"type": "stop"}),
        ] {
            let answer: Answer = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(answer).unwrap(), written);
        }
    }

    #[test]
    fn what_may_be_left_out_may_be() {
        for (written, expect) in [
            (json!({"percent": 1, "type": "progress"}), Answer::Progress { percent: 1, note: String::new() }),
            (json!({"type": "help"}), Answer::Help { note: String::new() }),
            (json!({"item_id": null, "type": "skip"}), Answer::Skip { item_id: None }),
            (json!({"type": "continue", "input": null}), Answer::Continue { input: None }),
        ] {
            assert_eq!(serde_json::from_value::<Answer>(written).unwrap(), expect);
        }
    }

    #[test]
    fn anything_else_is_no_answer() {
        for (written, says) in [
            (json!({}), "missing field `type`"),
            (json!({"item_id": "i"}), "missing field `type`"),
            (json!({"type": "perhaps"}), "unknown variant `perhaps`"),
            (json!({"type": "approve", "item_id": "i"}), "missing field `effect_hash`"),
            (json!({"type": "approve", "effect_hash": "h"}), "missing field `item_id`"),
            (json!({"type": "approve", "item_id": null, "effect_hash": "h"}), "missing field `item_id`"),
            (json!({"type": "modify", "item_id": "i"}), "missing field `changes`"),
            (json!({"type": "progress"}), "missing field `percent`"),
            (json!({"type": "progress", "percent": 256}), "invalid value"),
            (json!({"type": "help", "note": null}), "invalid type: null"),
            (json!({"type": "done"}), "missing field `proof`"),
            (json!({"type": "skip", "note": "n"}), "unknown field `note`"),
            (json!({"type": "stop", "item_id": null}), "unknown field `item_id`"),
            (json!({"type": "stop", "why": "w"}), "unknown field `why`"),
        ] {
            let error = serde_json::from_value::<Answer>(written.clone()).unwrap_err().to_string();
            assert!(error.starts_with(says), "{written}: {error}");
        }
    }
}
