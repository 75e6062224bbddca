//! Reads a record of JSON as it was written: its kind first.
//!
//! Serde's own reader takes the kind from anywhere, for which it keeps the other fields in a buffer: every type in a record would be
//! compiled once more, for that buffer.

use super::Record;
use events::json::strict;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// The name of the field that says the kind.
const KIND: &str = "record";

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        strict(deserializer).deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object that begins with `{KIND}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        match map.next_entry::<String, String>()? {
            Some((name, kind)) if name == KIND => of_kind(&kind, map),
            _ => Err(A::Error::missing_field(KIND)),
        }
    }
}

fn of_kind<'de, A: MapAccess<'de>>(kind: &str, rest: A) -> Result<Record, A::Error> {
    let rest = MapAccessDeserializer::new(rest);
    Ok(match kind {
        "run" => Record::Run(Deserialize::deserialize(rest)?),
        "context" => Record::Context(Deserialize::deserialize(rest)?),
        "step" => Record::Step(Deserialize::deserialize(rest)?),
        "task" => Record::Task(Deserialize::deserialize(rest)?),
        "card" => Record::Card(Deserialize::deserialize(rest)?),
        "completion" => Record::Completion(Deserialize::deserialize(rest)?),
        "event" => Record::Event(Deserialize::deserialize(rest)?),
        "access" => Record::Access(Deserialize::deserialize(rest)?),
        "goals" => Record::Goals(Deserialize::deserialize(rest)?),
        "queue" => Record::Queue(Deserialize::deserialize(rest)?),
        "user-run" => Record::UserRun(Deserialize::deserialize(rest)?),
        "recommendation" => Record::Recommendation(Deserialize::deserialize(rest)?),
        "selection" => Record::Selection(Deserialize::deserialize(rest)?),
        "preferences" => Record::Preferences(Deserialize::deserialize(rest)?),
        "inbox" => Record::Inbox(Deserialize::deserialize(rest)?),
        "delivery" => Record::Delivery(Deserialize::deserialize(rest)?),
        "sockets" => Record::Sockets(Deserialize::deserialize(rest)?),
        "pass" => Record::Pass(Deserialize::deserialize(rest)?),
        "unread" => Record::Unread(Deserialize::deserialize(rest)?),
        "impact" => Record::Impact(Deserialize::deserialize(rest)?),
        "achievement" => Record::Achievement(Deserialize::deserialize(rest)?),
        "declined" => Record::Declined(Deserialize::deserialize(rest)?),
        "learned" => Record::Learned(Deserialize::deserialize(rest)?),
        "ended" => Record::Ended(Deserialize::deserialize(rest)?),
        unknown => return Err(A::Error::custom(format_args!("there is no record `{unknown}`"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sample(file: &str) -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/samples/");
        serde_json::from_str(&std::fs::read_to_string(format!("{folder}{file}.json")).unwrap()).unwrap()
    }

    /// A record's fields, its kind first.
    fn text(kind: &str, fields: &Value) -> String {
        format!("{{\"{KIND}\":\"{kind}\",{}", fields.to_string().trim_start_matches('{'))
    }

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        let at = "2026-06-30T12:00:00Z";
        let run = json!({
            "run_id": "r", "user_id": "u", "workflow_id": "w", "version": 1, "as_of": "2026-06-30", "status": "Queued", "epoch": 0,
            "steps": {}, "queued_at": at, "progress": 0, "expires": at,
        });
        let task = json!({
            "task_id": "t", "run_id": "r", "user_id": "u", "step_id": "s", "kind": "approve", "prompt": "", "open": true,
            "token": "", "asked_at": at, "deadline": at,
        });
        let card = json!({
            "run_id": "r", "user_id": "u", "workflow_id": "w", "name": "", "status": "Queued", "progress": 0,
            "remaining_seconds": [1, 2], "impact": {}, "seq": 0,
        });
        let recommendation = json!({
            "recommendation_id": "r", "user_id": "u", "simulation": sample("simulation-completed")["data"],
            "actions": sample("actions-recommended")["data"], "made_at": at,
        });
        let selection = json!({
            "user_id": "u", "idempotency_key": "k", "recommendation_id": "r", "workflow_id": "w", "run_id": "r",
        });
        let notice = json!({"notice_id": "n", "user_id": "u", "kind": "savings", "title": "", "at": at});
        let impact = json!({
            "user_id": "u", "run_id": "r", "workflow_id": "w", "name": "W", "queued_at": at, "as_of": "2026-06-30", "ended_at": at, "status": "Completed", "currency": "USD",
            "lines": [{
                "line": {"kind": "savings", "stage": "confirmed", "monthly": {"minor": 1, "currency": "USD"}, "label": "", "evidence": []},
                "promised_at": at,
                "realised": {"monthly": {"minor": 1, "currency": "USD"}, "on": "2026-08-05", "evidence": []},
            }],
        });
        let achievement =
            json!({"user_id": "u", "unlocked": sample("achievement-unlocked")["data"], "at": at});
        for (kind, fields) in [
            ("run", run),
            ("context", json!({"run_id": "r", "simulation": {}})),
            ("step", json!({"run_id": "r", "step_id": "s"})),
            ("task", task),
            ("card", card),
            ("completion", json!({"run_id": "r", "user_id": "u", "impact": {}})),
            ("event", sample("workflow-event.step.started")["data"].clone()),
            ("access", json!({"user_id": "u"})),
            ("goals", json!({"user_id": "u"})),
            ("queue", json!({"user_id": "u"})),
            ("user-run", json!({"user_id": "u", "run_id": "r", "workflow_id": "w", "queued_at": at})),
            ("recommendation", recommendation),
            ("selection", selection),
            ("preferences", json!({"user_id": "u", "quiet": {"from": "22:00:00", "until": "07:00:00"}})),
            ("inbox", json!({"notice": notice})),
            ("delivery", json!({"channel": "email", "notice": notice, "state": "sending", "since": at})),
            ("sockets", json!({"user_id": "u", "open": {"c": at}})),
            ("pass", json!({"hash": "h", "user_id": "u", "expires_at": at})),
            ("unread", json!({"reader": "r", "id": "i", "reason": "", "at": at})),
            ("impact", impact),
            ("achievement", achievement),
            ("declined", json!({"user_id": "u", "workflows": {"w": at}})),
            (
                "learned",
                json!({"workflow_id": "w", "runs": 1, "steps": {"s": {"worked": [1], "waited": [0]}}}),
            ),
            (
                "ended",
                json!({"run_id": "r", "user_id": "u", "workflow_id": "w", "status": "Stopped", "at": at}),
            ),
        ] {
            let record: Record = serde_json::from_str(&text(kind, &fields)).unwrap();
            let written = serde_json::to_string(&record).unwrap();
            assert!(written.starts_with(&format!("{{\"{KIND}\":\"{kind}\",")), "{written}");
            assert_eq!(serde_json::from_str::<Record>(&written).unwrap(), record);
        }
    }

    #[test]
    fn anything_else_is_no_record() {
        for text in
            ["{}", "[]", r#"{"run_id":"r","record":"step","step_id":"s"}"#, r#"{"record":"unheard-of"}"#]
        {
            assert!(serde_json::from_str::<Record>(text).is_err(), "{text}");
        }
    }
}
