//! What the failure queue's messages say: which function gave up on what, why, and what it would be handed again. Pure.

use ports::DeadLetter;
use serde_json::Value;

/// Who can be handed again what they have given up on.
const READERS: [&str; 14] = [
    "recommend",
    "start",
    "dispatch",
    "automated",
    "semi-automated",
    "manual",
    "compensate",
    "watchdog",
    "card",
    "completion",
    "push",
    "in-app",
    "email",
    "sms",
];

/// What a message says.
#[derive(Debug, PartialEq)]
pub(crate) struct Said {
    /// The function, by its own name.
    pub(crate) function: Option<&'static str>,
    /// Why it was given up on.
    pub(crate) reason: String,
    /// What it was about: an event's id, or a run.
    pub(crate) about: Option<String>,
    /// How often it was tried.
    pub(crate) tries: u32,
    /// What the function would be handed again; nothing where the message does not have it.
    pub(crate) payload: Option<Value>,
}

/// Reads a message. One of a kind that is not known is told as such.
pub(crate) fn said(letter: &DeadLetter) -> Said {
    let Ok(body) = serde_json::from_str::<Value>(&letter.body) else {
        return unknown("The message cannot be read.");
    };
    if body.get("DDBStreamBatchInfo").is_some() {
        return unknown("The stream had forgotten a record before it could be published.");
    }
    if let Some(arn) = letter.attributes.get("TARGET_ARN") {
        return not_delivered(letter, arn, body);
    }
    match body.pointer("/requestContext/functionArn").and_then(Value::as_str).map(str::to_owned) {
        Some(arn) => failed(&arn, body),
        None => unknown("The message is of no kind that is known."),
    }
}

fn unknown(reason: &str) -> Said {
    Said { function: None, reason: reason.to_owned(), about: None, tries: 0, payload: None }
}

/// A function failed as often as it was tried.
fn failed(arn: &str, mut body: Value) -> Said {
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let reason = match (text("/responsePayload/errorType"), text("/responsePayload/errorMessage")) {
        (class, _) if class.is_empty() => text("/requestContext/condition"),
        (class, message) if message.is_empty() => class,
        (class, message) => format!("{class}: {message}"),
    };
    let tries = body.pointer("/requestContext/approximateInvokeCount").and_then(Value::as_u64);
    let payload = body.get_mut("requestPayload").map(Value::take).filter(|it| !it.is_null());
    Said {
        function: function(arn),
        reason,
        about: payload.as_ref().and_then(about),
        tries: tries.and_then(|it| u32::try_from(it).ok()).unwrap_or(1),
        payload,
    }
}

/// An event could not be brought to a function.
fn not_delivered(letter: &DeadLetter, arn: &str, event: Value) -> Said {
    let text = |name: &str| letter.attributes.get(name).cloned().unwrap_or_default();
    let tries = text("RETRY_ATTEMPTS").parse().unwrap_or(0_u32).saturating_add(1);
    let reason = match text("ERROR_CODE") {
        code if code.is_empty() => "It could not be delivered.".to_owned(),
        code => format!("It could not be delivered: {code}"),
    };
    Said { function: function(arn), reason, about: about(&event), tries, payload: Some(event) }
}

/// A function's own name of that in an address: `dev-in-app` is `in-app`, and `dev-semi-automated` is not `automated`.
fn function(arn: &str) -> Option<&'static str> {
    let name = arn.split(":function:").nth(1)?.split(':').next()?;
    let own = |it: &&&str| name.strip_suffix(**it).is_some_and(|stage| stage.ends_with('-'));
    READERS.iter().filter(own).max_by_key(|it| it.len()).copied()
}

fn about(payload: &Value) -> Option<String> {
    let named = ["/detail/id", "/run_id"].into_iter().find_map(|path| payload.pointer(path)?.as_str());
    named.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::json;

    fn letter(body: &Value, attributes: &[(&str, &str)]) -> DeadLetter {
        DeadLetter {
            id: "m".to_owned(),
            receipt: "r".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            body: body.to_string(),
            attributes: attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn each_kind_of_message_says_who_gave_up_and_why() {
        let arn = |name: &str| format!("arn:aws:lambda:eu-west-1:1:function:my-stage-{name}");
        let failed = json!({
            "requestContext": {"functionArn": arn("semi-automated:$LATEST"), "condition": "RetriesExhausted", "approximateInvokeCount": 3},
            "requestPayload": {"run_id": "run-1"},
            "responsePayload": {"errorType": "Defect", "errorMessage": "Something went wrong on our side."},
        });
        assert_eq!(
            said(&letter(&failed, &[])),
            Said {
                function: Some("semi-automated"),
                reason: "Defect: Something went wrong on our side.".to_owned(),
                about: Some("run-1".to_owned()),
                tries: 3,
                payload: Some(json!({"run_id": "run-1"})),
            }
        );
        let late = json!({"requestContext": {"functionArn": arn("publish"), "condition": "EventAgeExceeded"}, "requestPayload": null});
        let said_late = said(&letter(&late, &[]));
        assert_eq!(
            (said_late.function, said_late.reason.as_str(), said_late.payload),
            (None, "EventAgeExceeded", None)
        );
        let event = json!({"detail-type": "workflow.selected", "detail": {"id": "e1"}});
        let undelivered = said(&letter(
            &event,
            &[("TARGET_ARN", &arn("in-app")), ("ERROR_CODE", "NO_PERMISSIONS"), ("RETRY_ATTEMPTS", "2")],
        ));
        assert_eq!(
            (
                undelivered.function,
                undelivered.about.as_deref(),
                undelivered.tries,
                undelivered.payload.as_ref()
            ),
            (Some("in-app"), Some("e1"), 3, Some(&event))
        );
        assert_eq!(undelivered.reason, "It could not be delivered: NO_PERMISSIONS");
        for body in [json!({"DDBStreamBatchInfo": {}}), json!({"else": 1}), json!("text")] {
            assert_eq!(said(&letter(&body, &[])).payload, None, "{body}");
        }
    }
}
