//! Why a call was turned down.

use serde::Serialize;

/// A call that was turned down; it changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of no.
    pub code: Code,
    /// In words.
    pub message: String,
    /// The field of the body that is at fault.
    pub field: Option<String>,
}

/// Kinds of no, as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 400: the body is wrong.
    BadRequest,
    /// 400: an effect without a key.
    MissingIdempotencyKey,
    /// 401: no or unknown token.
    Unauthorised,
    /// 403: the account holder must prove who they are.
    NeedsVerification,
    /// 403: misuse is suspected, and nothing more is done for the account.
    AccountFrozen,
    /// 404: there is no such thing.
    NotFound,
    /// 404: nothing was done under that key.
    UnknownOperation,
    /// 405: the path is there, for other methods.
    MethodNotAllowed,
    /// 409: the key was used for something else.
    IdempotencyKeyReused,
    /// 409: the thing is not in a state for this.
    Conflict,
    /// 409: too late, or something else depends on it.
    CannotUndo,
    /// 422: a business no.
    Refused,
    /// 429: too many calls.
    RateLimited,
    /// 5xx: out of order.
    Unavailable,
}

impl Refusal {
    /// A refusal of kind `code`.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None }
    }

    /// 400, naming the field.
    #[must_use]
    pub fn bad(field: &str, message: impl Into<String>) -> Self {
        Self { code: Code::BadRequest, message: message.into(), field: Some(field.to_owned()) }
    }

    /// 404 for a thing of a kind.
    #[must_use]
    pub fn missing(kind: &str, id: &str) -> Self {
        Self::new(Code::NotFound, format!("no {kind} `{id}`"))
    }
}

impl From<money::MoneyError> for Refusal {
    fn from(error: money::MoneyError) -> Self {
        Self::new(Code::BadRequest, error.to_string())
    }
}
