//! Payloads and answers in a few words, for the story.

use serde_json::Value;

/// A payload in a few words.
pub(super) fn brief(payload: &Value) -> String {
    ["step_id", "mode", "error", "undo_error", "group", "detail-type"]
        .iter()
        .filter_map(|name| payload.get(name)?.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn brief_answer(answer: &Value) -> String {
    match answer.get("statusCode") {
        Some(status) => format!("{status} {}", answer["body"].as_str().unwrap_or_default()),
        None => answer.to_string(),
    }
}
