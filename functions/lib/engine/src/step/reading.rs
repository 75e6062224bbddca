//! Reads where an item stands flat: a tagged enum would be compiled once more for its buffer.

use super::ItemState;
use events::ErrorClass;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct FlatState {
    is: Kind,
    class: Option<ErrorClass>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Proposed,
    Asked,
    Approved,
    Changed,
    Executing,
    Unknown,
    Done,
    NoEffect,
    Declined,
    Skipped,
    Failed,
    Undone,
    UndoFailed,
}

impl TryFrom<FlatState> for ItemState {
    type Error = &'static str;

    fn try_from(flat: FlatState) -> Result<Self, &'static str> {
        Ok(match flat.is {
            Kind::Proposed => Self::Proposed,
            Kind::Asked => Self::Asked,
            Kind::Approved => Self::Approved,
            Kind::Changed => Self::Changed,
            Kind::Executing => Self::Executing,
            Kind::Unknown => Self::Unknown,
            Kind::Done => Self::Done,
            Kind::NoEffect => Self::NoEffect,
            Kind::Declined => Self::Declined,
            Kind::Skipped => Self::Skipped,
            Kind::Failed => Self::Failed { class: flat.class.ok_or("missing field `class`")? },
            Kind::Undone => Self::Undone,
            Kind::UndoFailed => Self::UndoFailed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for (state, name) in [
            (ItemState::Proposed, "proposed"),
            (ItemState::Asked, "asked"),
            (ItemState::Approved, "approved"),
            (ItemState::Changed, "changed"),
            (ItemState::Executing, "executing"),
            (ItemState::Unknown, "unknown"),
            (ItemState::Done, "done"),
            (ItemState::NoEffect, "no-effect"),
            (ItemState::Declined, "declined"),
            (ItemState::Skipped, "skipped"),
            (ItemState::Undone, "undone"),
            (ItemState::UndoFailed, "undo-failed"),
        ] {
            assert_eq!(serde_json::to_value(&state).unwrap(), json!({"is": name}));
            assert_eq!(serde_json::from_value::<ItemState>(json!({"is": name, "since": 1})).unwrap(), state);
        }
        let failed = ItemState::Failed { class: ErrorClass::Timeout };
        let written = json!({"is": "failed", "class": "Timeout"});
        assert_eq!(serde_json::to_value(&failed).unwrap(), written);
        assert_eq!(serde_json::from_value::<ItemState>(written).unwrap(), failed);
    }

    #[test]
    fn anything_else_is_no_state() {
        for (written, says) in [
            (json!({}), "missing field `is`"),
            (json!({"class": "Timeout"}), "missing field `is`"),
            (json!({"is": "lost"}), "unknown variant `lost`"),
            (json!({"is": "failed"}), "missing field `class`"),
            (json!({"is": "failed", "class": "Bad luck"}), "unknown variant `Bad luck`"),
        ] {
            let error = serde_json::from_value::<ItemState>(written.clone()).unwrap_err().to_string();
            assert!(error.starts_with(says), "{written}: {error}");
        }
    }
}
