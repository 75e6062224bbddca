//! Reads an outcome flat (see `flat`).

use super::{Outcome, Proposal};
use crate::class::ErrorClass;
use crate::flat::{given, needed, none_left};
use crate::workflow::Impact;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlatOutcome {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default, deserialize_with = "given")]
    summary: Option<String>,
    #[serde(default, deserialize_with = "given")]
    reference: Option<String>,
    #[serde(default, deserialize_with = "given")]
    impact: Option<Vec<Impact>>,
    /// Outside whether it is there, inside whether it is `null`, as it may be.
    #[serde(default, deserialize_with = "given")]
    undo_until: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "given")]
    reason: Option<String>,
    #[serde(default, deserialize_with = "given")]
    proposal: Option<Box<Proposal>>,
    #[serde(default, deserialize_with = "given")]
    class: Option<ErrorClass>,
    #[serde(default, deserialize_with = "given")]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Done,
    NoEffect,
    Declined,
    Ask,
    Failed,
    Unknown,
}

impl TryFrom<FlatOutcome> for Outcome {
    type Error = String;

    fn try_from(mut flat: FlatOutcome) -> Result<Self, String> {
        let outcome = match flat.kind {
            Kind::Done => Self::Done {
                summary: needed(flat.summary.take(), "summary")?,
                reference: needed(flat.reference.take(), "reference")?,
                impact: flat.impact.take().unwrap_or_default(),
                undo_until: flat.undo_until.take().flatten(),
            },
            Kind::NoEffect => Self::NoEffect { reason: flat.reason()? },
            Kind::Declined => Self::Declined { reason: flat.reason()? },
            Kind::Ask => Self::Ask { proposal: needed(flat.proposal.take(), "proposal")? },
            Kind::Failed => {
                Self::Failed { class: needed(flat.class.take(), "class")?, message: flat.message()? }
            }
            Kind::Unknown => Self::Unknown { message: flat.message()? },
        };
        none_left(&[
            ("summary", flat.summary.is_some()),
            ("reference", flat.reference.is_some()),
            ("impact", flat.impact.is_some()),
            ("undo_until", flat.undo_until.is_some()),
            ("reason", flat.reason.is_some()),
            ("proposal", flat.proposal.is_some()),
            ("class", flat.class.is_some()),
            ("message", flat.message.is_some()),
        ])?;
        Ok(outcome)
    }
}

impl FlatOutcome {
    fn reason(&mut self) -> Result<String, String> {
        needed(self.reason.take(), "reason")
    }

    fn message(&mut self) -> Result<String, String> {
        needed(self.message.take(), "message")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn proposal() -> Value {
        json!({
            "item_id": "i", "title": "t", "reasons": [], "effect": {"any": [1]}, "kind": "savings", "evidence": [], "modifications": {},
        })
    }

    #[test]
    fn every_outcome_is_read_as_it_is_written() {
        let impact = json!({
            "kind": "savings", "stage": "confirmed", "monthly": {"minor": 100, "currency": "USD"}, "label": "l", "evidence": [],
        });
        for written in [
            json!({"type": "done", "summary": "s", "reference": "r", "impact": [impact], "undo_until": "2026-06-30T12:00:00Z"}),
            json!({"type": "done", "summary": "s", "reference": "r", "impact": []}),
            json!({"type": "no-effect", "reason": "r"}),
            json!({"type": "declined", "reason": "r"}),
            json!({"type": "ask", "proposal": proposal()}),
            json!({"type": "failed", "class": "Timeout", "message": "m"}),
            json!({"type": "unknown", "message": "m"}),
        ] {
            let outcome: Outcome = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(outcome).unwrap(), written);
        }
    }

    #[test]
    fn what_may_be_left_out_may_be() {
        let done = Outcome::Done {
            summary: "s".to_owned(),
            reference: "r".to_owned(),
            impact: Vec::new(),
            undo_until: None,
        };
        for written in [
            json!({"summary": "s", "reference": "r", "type": "done"}),
            json!({"summary": "s", "reference": "r", "type": "done", "undo_until": null}),
        ] {
            assert_eq!(serde_json::from_value::<Outcome>(written).unwrap(), done);
        }
    }

    #[test]
    fn anything_else_is_no_outcome() {
        for (written, says) in [
            (json!({}), "missing field `type`"),
            (json!({"type": "perhaps"}), "unknown variant `perhaps`"),
            (json!({"type": "done", "summary": "s"}), "missing field `reference`"),
            (json!({"type": "done", "reference": "r"}), "missing field `summary`"),
            (json!({"type": "done", "summary": "s", "reference": "r", "impact": null}), "invalid type: null"),
            (json!({"type": "no-effect"}), "missing field `reason`"),
            (json!({"type": "declined", "message": "m"}), "missing field `reason`"),
            (json!({"type": "ask"}), "missing field `proposal`"),
            (json!({"type": "failed", "message": "m"}), "missing field `class`"),
            (json!({"type": "failed", "class": "Timeout"}), "missing field `message`"),
            (json!({"type": "unknown", "message": "m", "reason": "r"}), "unknown field `reason`"),
            (json!({"type": "unknown", "message": "m", "why": "w"}), "unknown field `why`"),
        ] {
            let error = serde_json::from_value::<Outcome>(written.clone()).unwrap_err().to_string();
            assert!(error.starts_with(says), "{written}: {error}");
        }
    }
}
