//! Events of the bus, as a rule hands them to a function.

use crate::payload::{InvalidPayload, parse};
use events::{Envelope, VERSION, is_known};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An event of the bus.
#[derive(Clone, Debug, PartialEq)]
pub enum Received<T> {
    /// One that this version of the contract knows.
    Known(Envelope<T>),
    /// One that it does not: to be kept and marked, never failed on.
    Unread(Unread),
}

/// An event of a kind, or of a version, that this version of the contract does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// Its envelope's id; the bus event's own where that cannot be read.
    pub id: String,
    /// Why it is not read.
    pub reason: String,
    /// All of it, as it came.
    pub event: Value,
}

impl Unread {
    fn because(reason: String, event: Value) -> Self {
        let id = event.pointer("/detail/id").or_else(|| event.get("id"));
        Self { id: id.and_then(Value::as_str).unwrap_or_default().to_owned(), reason, event }
    }

    /// Its id, the reason, and all of it.
    #[must_use]
    pub fn into_parts(self) -> (String, String, Value) {
        (self.id, self.reason, self.event)
    }
}

/// What a rule's event holds for us; the platform may add to the rest.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct BusEvent<T> {
    detail: Envelope<T>,
}

/// Whether a payload comes from the bus, and not from a caller.
#[must_use]
pub fn is_bus_event(payload: &Value) -> bool {
    payload.get("detail-type").is_some()
}

/// Reads an event of the bus.
///
/// # Errors
/// [`InvalidPayload`] with the path of the first field that is missing, unknown or of another shape, such as `detail.data.as_of`.
pub fn receive<T: DeserializeOwned>(event: Value) -> Result<Received<T>, InvalidPayload> {
    let version = event.pointer("/detail/version").and_then(Value::as_u64);
    if let Some(version) = version.filter(|it| *it > u64::from(VERSION)) {
        let reason = format!("version {version} of the contract is not known");
        return Ok(Received::Unread(Unread::because(reason, event)));
    }
    let kind = event.get("detail-type").and_then(Value::as_str);
    if let Some(kind) = kind.filter(|kind| !is_known(kind)) {
        let reason = format!("the kind of event {kind} is not known");
        return Ok(Received::Unread(Unread::because(reason, event)));
    }
    parse::<BusEvent<T>>(event).map(|it| Received::Known(it.detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::WorkflowSelected;
    use serde_json::json;

    fn event(version: Value, data: Value) -> Value {
        json!({
            "version": "0", "id": "b1", "detail-type": "workflow.selected", "source": "test", "resources": [],
            "detail": {"version": version, "id": "e1", "time": "2026-06-30T12:00:00Z", "user_id": "u", "data": data},
        })
    }

    fn selected() -> Value {
        json!({"recommendation_id": "r", "workflow_id": "w", "idempotency_key": "k"})
    }

    #[test]
    fn reads_what_it_knows_and_keeps_what_is_newer_or_of_an_unknown_kind() {
        let known = receive::<WorkflowSelected>(event(json!(1), selected())).unwrap();
        assert!(matches!(known, Received::Known(it) if it.id == "e1" && it.data.idempotency_key == "k"));
        let later = event(json!(2), json!({"something": "else"}));
        let mut unknown = event(json!(1), json!({"something": "else"}));
        unknown["detail-type"] = json!("workflow.paused");
        for (event, reason) in [
            (later, "version 2 of the contract is not known"),
            (unknown, "the kind of event workflow.paused is not known"),
        ] {
            let expect = Unread { id: "e1".to_owned(), reason: reason.to_owned(), event: event.clone() };
            assert_eq!(receive::<WorkflowSelected>(event).unwrap(), Received::Unread(expect));
        }
    }

    #[test]
    fn what_is_malformed_is_named_by_its_place() {
        let mut unknown = selected();
        unknown["colour"] = json!("red");
        for (event, expect) in [
            (event(json!(1), json!({})), "detail.data: missing field `recommendation_id`"),
            (
                event(json!(1), unknown),
                "detail.data.colour: unknown field `colour`, expected one of `recommendation_id`, `workflow_id`, `idempotency_key`",
            ),
            (event(json!("one"), selected()), "detail.version: expected u16"),
            (
                json!({"detail-type": "workflow.selected", "detail": "text"}),
                "detail: expected struct Envelope",
            ),
            (json!({"detail-type": "workflow.selected"}), ".: missing field `detail`"),
            (json!("text"), ".: expected struct BusEvent"),
        ] {
            let error = receive::<WorkflowSelected>(event).unwrap_err();
            assert_eq!(error.to_string(), expect);
        }
    }
}
