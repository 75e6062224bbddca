//! Identifiers, each its own type so that one cannot be passed for another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares one identifier: an opaque string, never empty, at most 128 bytes of `[A-Za-z0-9._:#-]`.
macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("minLength" = 1, "maxLength" = 128, "pattern" = "^[A-Za-z0-9._:#-]+$"))]
        pub struct $name(String);

        impl $name {
            /// Parses an identifier.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, too long, or has a character outside `[A-Za-z0-9._:#-]`.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                if valid(&text) { Ok(Self(text)) } else { Err(InvalidId { kind: stringify!($name), text }) }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;
            fn try_from(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

id! {
    /// A user: the subject (`sub`) of the user pool's token.
    UserId,
    /// One run of a workflow.
    RunId,
    /// A workflow of the catalog, such as `emergency-fund-builder`.
    WorkflowId,
    /// A step of a workflow, such as `quick-wins`.
    StepId,
    /// One item of a step over items, such as one subscription.
    ItemId,
    /// An agent; also the name of its Lambda.
    AgentId,
    /// A published simulation result.
    SimulationId,
    /// A set of recommended actions.
    RecommendationId,
    /// A waiting question to a person.
    TaskId,
}

fn valid(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'#' | b'-'))
}

/// A text that is no identifier of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {kind}: 1 to 128 characters of A-Z a-z 0-9 . _ : # -")]
pub struct InvalidId {
    kind: &'static str,
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_and_refuses_the_rest() {
        for good in ["a", "emergency-fund-builder", "run_01:x#2", &"x".repeat(128)] {
            assert!(RunId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a/b", "ä", &"x".repeat(129)] {
            assert!(RunId::parse(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<RunId>("\"a b\"").is_err());
    }
}
