//! Parsing what comes in, with errors that name the field and never repeat its value.

use crate::classified::Classified;
use events::ErrorClass;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A payload that is not what the function takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct InvalidPayload {
    /// Where in the payload, such as `inputs.floor`; `.` is the payload itself. Of a value that is of the right type and still none,
    /// the last of its object, only the object.
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
    // From text: what a function deserialises is compiled for one deserialiser, that of the text its providers answer too. The
    // path is looked up when there is an error and not tracked on the way, which would compile every type once more.
    let text = payload.to_string();
    events::json::from_slice(text.as_bytes()).map_err(|error| InvalidPayload {
        path: path_at(text.as_bytes(), error.column()),
        problem: without_value(&error.to_string()),
    })
}

/// The text of a `serde` error without the offending value: payloads carry personal data and errors are logged.
fn without_value(text: &str) -> String {
    let text = text.rfind(" at line ").map_or(text, |at| &text[..at]);
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

/// Where a reader of compact JSON is: the key or index it is at in each container that is open.
#[derive(Default)]
struct Place {
    steps: Vec<Step>,
}

enum Step {
    /// In an object, at a key or before the first.
    Key(Option<String>),
    /// In an array, at an index.
    Index(usize),
}

impl Place {
    fn text(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Key(Some(key)) if path.is_empty() => path.push_str(key),
                Step::Key(Some(key)) => path.extend([".", key]),
                Step::Key(None) => {}
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        if path.is_empty() { ".".to_owned() } else { path }
    }

    /// A text was read: a key where one is due, else a value.
    fn read_text(&mut self, text: &[u8]) {
        if let Some(Step::Key(key @ None)) = self.steps.last_mut() {
            *key = Some(String::from_utf8_lossy(text).into_owned());
        }
    }

    fn read_comma(&mut self) {
        match self.steps.last_mut() {
            Some(Step::Key(key)) => *key = None,
            Some(Step::Index(index)) => *index += 1,
            None => {}
        }
    }
}

/// The path of what ends at or around byte `end` of compact JSON.
fn path_at(json: &[u8], end: usize) -> String {
    let mut place = Place::default();
    let mut at = 0;
    while at < end.min(json.len()) {
        match json[at] {
            b'{' => place.steps.push(Step::Key(None)),
            b'[' => place.steps.push(Step::Index(0)),
            b'}' | b']' => {
                place.steps.pop();
            }
            b',' => place.read_comma(),
            b'"' => {
                let start = at + 1;
                at = start;
                while at < json.len() && json[at] != b'"' {
                    at += if json[at] == b'\\' { 2 } else { 1 };
                }
                place.read_text(&json[start..at.min(json.len())]);
            }
            _ => {}
        }
        at += 1;
    }
    place.text()
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
        #[serde(default)]
        #[expect(dead_code, reason = "only parsed")]
        past: Vec<Floor>,
        #[serde(default)]
        #[expect(dead_code, reason = "only parsed")]
        zip: u32,
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
                "x: unknown field `x`, expected one of `user`, `floor`, `past`, `zip`",
            ),
            (json!({"user": "u", "floor": {"minor": "secret"}}), "floor.minor: expected i64"),
            (json!({"user": "a secret", "floor": {"minor": 1}, "zip": 1}), "user: not a valid value"),
            // Of the last field of an object only the object is known.
            (json!({"floor": {"minor": 1}, "user": "a secret"}), ".: not a valid value"),
            (json!("secret"), ".: expected struct Request"),
            (json!({"user": "a \\ \"b, {[", "floor": {"minor": 1}, "zip": 1}), "user: not a valid value"),
            (json!({"user": "u", "floor": {}}), "floor: missing field `minor`"),
            (
                json!({"user": "u", "floor": {"minor": 1}, "past": [{"minor": 1}, {"minor": "x"}]}),
                "past[1].minor: expected i64",
            ),
            (
                json!({"user": "u", "floor": {"minor": 1}, "past": [{"minor": 1}, 7]}),
                "past[1]: expected struct Floor",
            ),
        ] {
            assert_eq!(parse::<Request>(payload).unwrap_err().to_string(), expect);
        }
    }
}
