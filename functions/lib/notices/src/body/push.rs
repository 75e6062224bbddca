//! A notice as a message to a device: one payload for each of the platforms that SNS reaches.

use crate::notice::Notice;
use crate::words::cut;
use serde_json::{Value, json};

/// The largest payload that APNS and FCM take, in bytes.
pub const LARGEST_PUSH: usize = 4096;

/// The longest title and text, in characters: far below what fits, and more than a screen shows.
const LONGEST: usize = 120;

/// The message, as SNS takes it with the message structure `json`. No amounts and no one's words: it is shown on locked screens.
pub fn push(notice: &Notice) -> Value {
    let title = cut(&notice.title, LONGEST);
    let text = notice.action.as_ref().map_or("Tap to see more.", |action| &action.label);
    let mut data = json!({ "notice_id": notice.notice_id, "kind": notice.kind });
    if let Some(run) = &notice.run_id {
        data["run_id"] = json!(run);
    }
    if let Some(action) = &notice.action {
        data["task_id"] = json!(action.task_id);
    }
    let critical = notice.kind.is_critical();
    let mut apns = json!({ "aps": {
        "alert": { "title": title, "body": text },
        "interruption-level": if critical { "time-sensitive" } else { "active" },
        "thread-id": notice.run_id,
    }});
    for (name, value) in data.as_object().into_iter().flatten() {
        apns[name] = value.clone();
    }
    let fcm = json!({ "fcmV1Message": { "message": {
        "notification": { "title": title, "body": text },
        "data": data,
        "android": { "priority": if critical { "high" } else { "normal" } },
    }}});
    json!({ "default": title, "APNS": apns.to_string(), "APNS_SANDBOX": apns.to_string(), "GCM": fcm.to_string() })
}
