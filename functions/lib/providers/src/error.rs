//! What can come of a call to a provider, in terms that a caller can act on.

use crate::http::TransportError;
use crate::provider::Provider;
use events::ErrorClass;

/// A call that did not do what it was for.
#[derive(Debug, thiserror::Error)]
#[error("{provider}: {cause}")]
pub struct ProviderError {
    /// Who was called.
    pub provider: Provider,
    /// What came of it.
    #[source]
    pub cause: Cause,
}

/// Why a call did not do what it was for. The texts go to logs: no amounts, names or tokens.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// No time was left to begin the call. Nothing was sent.
    #[error("no time left to call")]
    OutOfTime,
    /// No connection. Nothing was sent.
    #[error("could not be reached")]
    NotReached(#[source] TransportError),
    /// Sent, and no answer in time.
    #[error("did not answer in time")]
    NoAnswer,
    /// Sent, and the connection broke before the answer.
    #[error("broke off")]
    BrokeOff(#[source] TransportError),
    /// The provider failed (5xx).
    #[error("failed with status {status}")]
    Down {
        /// HTTP status.
        status: u16,
    },
    /// The provider asks for patience.
    #[error("asks for patience")]
    RateLimited {
        /// Seconds to wait, where it says.
        retry_after: Option<u32>,
    },
    /// The user has to act: consent, login, verification.
    #[error("needs the user: {code}")]
    NotAllowed {
        /// The provider's code, such as `ITEM_LOGIN_REQUIRED` or `needs_verification`.
        code: String,
    },
    /// The provider suspects misuse and has frozen the account: nothing is safe to go on with.
    #[error("has frozen the account")]
    Frozen,
    /// The deployment's own credentials are refused.
    #[error("refuses the application's credentials: {code}")]
    Misconfigured {
        /// The provider's code.
        code: String,
    },
    /// There is no such thing.
    #[error("knows no such thing: {code}")]
    NotFound {
        /// The provider's code.
        code: String,
    },
    /// It is not any more as the caller believes.
    #[error("conflict: {code}")]
    Conflict {
        /// The provider's code, such as `conflict`, `cannot_undo` or `idempotency_key_reused`.
        code: String,
    },
    /// A business no.
    #[error("refused")]
    Refused {
        /// In the provider's words, for the user.
        reason: String,
    },
    /// The provider does not accept the request.
    #[error("does not accept the request{}{}", if field.is_some() { " at " } else { "" }, field.as_deref().unwrap_or_default())]
    Invalid {
        /// The field, where it names one.
        field: Option<String>,
    },
    /// The answer is not what the provider documents.
    #[error("answered something undocumented: {what}")]
    Garbled {
        /// Where it departs, without values.
        what: String,
    },
}

impl ProviderError {
    /// How it is recovered.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self.cause {
            Cause::OutOfTime | Cause::NoAnswer => ErrorClass::Timeout,
            Cause::NotReached(_) | Cause::BrokeOff(_) | Cause::Down { .. } | Cause::Garbled { .. } => {
                ErrorClass::ProviderUnavailable
            }
            Cause::RateLimited { .. } => ErrorClass::RateLimited,
            Cause::NotAllowed { .. } => ErrorClass::Permission,
            Cause::Frozen => ErrorClass::Critical,
            // Not the user's to mend and no reason to undo a household: the operator's alarm, then a person.
            Cause::Misconfigured { .. } => ErrorClass::Interrupted,
            Cause::Refused { .. } => ErrorClass::Declined,
            Cause::NotFound { .. } | Cause::Conflict { .. } | Cause::Invalid { .. } => ErrorClass::Validation,
        }
    }

    /// Whether an effect that was asked for may have happened all the same: probe before anything else.
    #[must_use]
    pub fn leaves_effect_unknown(&self) -> bool {
        matches!(
            self.cause,
            Cause::NoAnswer | Cause::BrokeOff(_) | Cause::Down { .. } | Cause::Garbled { .. }
        )
    }

    /// One sentence for the user.
    #[must_use]
    pub fn message(&self) -> String {
        let who = self.provider.title();
        match &self.cause {
            Cause::OutOfTime => format!("There was no time left to ask {who}."),
            Cause::NoAnswer => format!("No answer from {who} in time."),
            Cause::NotReached(_) | Cause::BrokeOff(_) | Cause::Down { .. } | Cause::Garbled { .. } => {
                format!("Something is wrong at {who} right now.")
            }
            Cause::RateLimited { .. } => format!("Too many requests for {who} right now."),
            Cause::NotAllowed { code } => not_allowed(who, code),
            Cause::Frozen => format!("{} has frozen the account: it suspects misuse.", capitalised(who)),
            Cause::Misconfigured { .. } => format!("We cannot sign in to {who}."),
            Cause::Refused { reason } => reason.clone(),
            Cause::NotFound { .. } => format!("What this was about is gone from {who}."),
            Cause::Conflict { .. } => format!("Things have changed at {who} in the meantime."),
            Cause::Invalid { field: Some(field) } => format!("The request to {who} has a wrong `{field}`."),
            Cause::Invalid { field: None } => format!("The request was not accepted by {who}."),
        }
    }

    /// The conflict's code, where it is one.
    #[must_use]
    pub fn conflict(&self) -> Option<&str> {
        match &self.cause {
            Cause::Conflict { code } => Some(code),
            _ => None,
        }
    }

    /// Whether there is no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.cause, Cause::NotFound { .. })
    }
}

/// `the bank` → `The bank`.
fn capitalised(who: &str) -> String {
    let mut letters = who.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

fn not_allowed(who: &str, code: &str) -> String {
    match code {
        "needs_verification" => format!("The account needs additional verification at {who}."),
        _ => format!("Access to {who} has to be renewed."),
    }
}
