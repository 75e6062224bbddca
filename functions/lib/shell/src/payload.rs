//! Parsing what comes in, with errors that name the field and never repeat its value.

use crate::classified::Classified;
use events::ErrorClass;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A payload that is not what the function takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct InvalidPayload {
    /// Where in the payload, such as `inputs.floor`; `.` is the payload itself.
    pub path: String,
    /// What is wrong there, without the value that stands there.
    pub problem: String,
}

impl Classified for InvalidPayload {
    fn class(&self) -> ErrorClass {
        ErrorClass::Validation
    }
}

/// Parses a JSON value.
///
/// # Errors
/// [`InvalidPayload`] with the path of the first field that is missing, unknown or of another shape.
pub fn parse<T: DeserializeOwned>(payload: Value) -> Result<T, InvalidPayload> {
    serde_path_to_error::deserialize(payload).map_err(|error| InvalidPayload {
        path: error.path().to_string(),
        problem: without_value(&error.inner().to_string()),
    })
}

/// The text of a `serde` error without the offending value: payloads carry personal data and errors are logged.
fn without_value(text: &str) -> String {
    if text.starts_with("missing field")
        || text.starts_with("unknown field")
        || text.starts_with("duplicate field")
    {
        return text.to_owned();
    }
    match text.rfind("expected ") {
        Some(at) => text[at..].to_owned(),
        None => "not a valid value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Request {
        #[expect(dead_code, reason = "only parsed")]
        user: events::UserId,
        #[expect(dead_code, reason = "only parsed")]
        floor: Floor,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Floor {
        #[expect(dead_code, reason = "only parsed")]
        minor: i64,
    }

    #[test]
    fn names_the_field_and_never_its_value() {
        for (payload, expect) in [
            (json!({"floor": {"minor": 1}}), ".: missing field `user`"),
            (
                json!({"user": "u", "floor": {"minor": 1}, "x": 1}),
                "x: unknown field `x`, expected `user` or `floor`",
            ),
            (json!({"user": "u", "floor": {"minor": "secret"}}), "floor.minor: expected i64"),
            (json!({"user": "a secret", "floor": {"minor": 1}}), "user: not a valid value"),
            (json!("secret"), ".: expected struct Request"),
        ] {
            assert_eq!(parse::<Request>(payload).unwrap_err().to_string(), expect);
        }
    }
}
