//! What goes wrong in an agent, and what it means for an item.

use events::{ErrorClass, InvalidId, Outcome};
use money::MoneyError;
use providers::{Provider, ProviderError};
use shell::{Classified, InvalidPayload};

/// What goes wrong in an agent.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A provider failed while nothing was being changed.
    #[error("looking failed")]
    Looking(#[from] ProviderError),
    /// A provider failed while something was being changed.
    #[error("changing failed")]
    Changing(#[source] ProviderError),
    /// Something was changed and could not be read back.
    #[error("reading back failed")]
    ReadBack(#[source] ProviderError),
    /// The step's inputs, or an item's effect, are not what the agent takes.
    #[error("bad request")]
    Input(#[from] InvalidPayload),
    /// An amount out of range, or of another currency than the one beside it.
    #[error("amounts that cannot be reckoned with")]
    Money(#[from] MoneyError),
    /// A provider's id that cannot name an item.
    #[error("an id that cannot name an item")]
    Id(#[from] InvalidId),
    /// An answer that cannot be written as JSON.
    #[error("an answer that cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The user has not linked a provider, or no longer consents to its use.
    #[error("no credential for {provider}")]
    NoCredential {
        /// The provider.
        provider: Provider,
    },
    /// The agent uses a provider that its card does not name.
    #[error("{provider} is not on the agent's card")]
    NotOnCard {
        /// The provider.
        provider: Provider,
    },
    /// The agent does not do this.
    #[error("{operation} is not supported")]
    Unsupported {
        /// The operation.
        operation: &'static str,
    },
    /// No time is left to begin.
    #[error("no time left")]
    OutOfTime,
    /// Something before it failed so that going on is unsafe.
    #[error("not begun")]
    NotBegun,
}

impl AgentError {
    /// What it means for the item it happened at.
    pub(crate) fn outcome(self) -> Outcome {
        let message = self.message();
        match &self {
            Self::ReadBack(_) => Outcome::Unknown { message },
            Self::Changing(error) if error.leaves_effect_unknown() => Outcome::Unknown { message },
            _ if self.class() == ErrorClass::Declined => Outcome::Declined { reason: message },
            _ => Outcome::Failed { class: self.class(), message },
        }
    }
}

impl Classified for AgentError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Looking(error) | Self::Changing(error) | Self::ReadBack(error) => error.class(),
            Self::Input(_) | Self::Money(_) | Self::Unsupported { .. } => ErrorClass::Validation,
            Self::Id(_) => ErrorClass::ProviderUnavailable,
            Self::NoCredential { .. } => ErrorClass::Permission,
            Self::NotOnCard { .. } | Self::Unwritable(_) => ErrorClass::Defect,
            Self::OutOfTime => ErrorClass::Timeout,
            Self::NotBegun => ErrorClass::Interrupted,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Looking(error) | Self::Changing(error) => error.message(),
            Self::ReadBack(error) => format!("The change could not be confirmed. {}", error.message()),
            Self::Input(error) => format!("The step's input is not valid: {error}."),
            Self::Money(_) => "The amounts of this household cannot be reckoned with.".to_owned(),
            Self::Id(_) => "A provider's answer cannot be used.".to_owned(),
            Self::NoCredential { provider } => {
                format!("There is no access to {}: link it, or allow its use again.", provider.title())
            }
            Self::NotOnCard { .. } | Self::Unwritable(_) => "Something went wrong on our side.".to_owned(),
            Self::Unsupported { operation } => format!("This agent cannot {operation}."),
            Self::OutOfTime => "There was no time left to begin.".to_owned(),
            Self::NotBegun => "It was not begun, as what came before it failed.".to_owned(),
        }
    }
}
