//! How a step's work fails: always with a class.

use engine::{Failure, Illegal};
use events::ErrorClass;
use ports::{AgentFailure, CommitError, Mode, PortError};
use shell::Classified;

/// A failed attempt of a step, alert or undo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// The agent, a check or the other side failed.
    #[error("attempt failed: {}", .0.class)]
    Attempt(Failure),
    /// The agent failed, or could not be asked.
    #[error("agent failed: {}", .0.class)]
    Agent(AgentFailure),
    /// The platform did not do what was asked.
    #[error("platform")]
    Port(#[from] PortError),
    /// The run kept changing under our hands.
    #[error("run changed {0} times while one change was being written")]
    Contended(u32),
    /// The run does not allow what has to be recorded.
    #[error("transition refused")]
    Illegal(#[from] Illegal),
    /// What was asked for does not exist.
    #[error("there is no {what}")]
    Missing {
        /// What is missing.
        what: String,
    },
}

impl Failed {
    /// A failure of an attempt.
    pub fn attempt(class: ErrorClass, message: impl Into<String>) -> Self {
        Self::Attempt(Failure::new(class, message))
    }

    /// A check of the outputs failed, which the user may override.
    pub(crate) fn overridable(message: impl Into<String>) -> Self {
        Self::Attempt(Failure { overridable: true, ..Failure::new(ErrorClass::Validation, message) })
    }

    /// Consents are missing.
    pub(crate) fn not_allowed(message: impl Into<String>, scopes: Vec<String>) -> Self {
        Self::Attempt(Failure { scopes, ..Failure::new(ErrorClass::Permission, message) })
    }

    /// The run is being ended.
    pub(crate) fn ending() -> Self {
        Self::attempt(ErrorClass::Ending, "the run is being ended")
    }

    /// Something was asked for that another does.
    #[must_use]
    pub fn misplaced(who: &str, mode: Mode) -> Self {
        Self::attempt(ErrorClass::Defect, format!("{who} does not do {mode:?}"))
    }

    /// Something is not there that must be.
    #[must_use]
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// Whether no agent is at work for it any more.
    pub(crate) fn at_rest(&self) -> bool {
        !matches!(self, Self::Agent(failure) if !failure.at_rest)
    }

    /// As it is recorded and shown.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Attempt(failure) => failure.clone(),
            other => Failure::new(other.class(), other.message()),
        }
    }
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Attempt(failure) => failure.class,
            Self::Agent(failure) => failure.class,
            Self::Port(error) => error.class(),
            Self::Illegal(_) | Self::Missing { .. } => ErrorClass::Defect,
            Self::Contended(_) => ErrorClass::Interrupted,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Attempt(failure) => failure.message.clone(),
            Self::Agent(failure) => failure.message.clone(),
            Self::Port(PortError::TooLarge { .. }) => "more came of it than can be recorded".to_owned(),
            other => other.to_string(),
        }
    }
}

impl From<AgentFailure> for Failed {
    fn from(failure: AgentFailure) -> Self {
        Self::Agent(failure)
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Attempt(failure)
    }
}

impl From<CommitError> for Failed {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict { .. } => Self::Contended(1),
            CommitError::Port(error) => Self::Port(error),
        }
    }
}
