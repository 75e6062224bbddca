//! How a step's work fails: always with a class.

use engine::{Failure, Illegal};
use events::ErrorClass;
use ports::{AgentFailure, CommitError, Mode, PortError};
use shell::Classified;

/// A failed attempt of a step, alert or undo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// The agent, a check or the other side failed.
    #[error("attempt failed: {class}")]
    Attempt {
        /// What kind of failure.
        class: ErrorClass,
        /// One sentence for the user.
        message: String,
    },
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
        Self::Attempt { class, message: message.into() }
    }

    /// The run is being ended.
    pub(crate) fn ending() -> Self {
        Self::attempt(ErrorClass::Ending, "the run is being ended")
    }

    /// A function was asked for another's work.
    #[must_use]
    pub fn misplaced(function: &str, mode: Mode) -> Self {
        Self::attempt(ErrorClass::Defect, format!("the function {function} was asked for {mode:?}"))
    }

    /// Something is not there that must be.
    #[must_use]
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing { what: what.into() }
    }

    /// As it is recorded and shown.
    pub fn failure(&self) -> Failure {
        Failure { class: self.class(), message: self.message() }
    }
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Attempt { class, .. } => *class,
            Self::Port(PortError::Unreadable { .. }) | Self::Illegal(_) | Self::Missing { .. } => {
                ErrorClass::Defect
            }
            Self::Port(_) | Self::Contended(_) => ErrorClass::Interrupted,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Attempt { message, .. } => message.clone(),
            other => other.to_string(),
        }
    }
}

impl From<AgentFailure> for Failed {
    fn from(failure: AgentFailure) -> Self {
        Self::Attempt { class: failure.class, message: failure.message }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Attempt { class: failure.class, message: failure.message }
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
