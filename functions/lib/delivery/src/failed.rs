//! How a channel fails.

use events::ErrorClass;
use notices::Channel;
use ports::PortError;
use shell::{Classified, InvalidPayload};

/// A notice that is not where it should be yet; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The event is malformed.
    #[error(transparent)]
    Malformed(#[from] InvalidPayload),
    /// The service takes nothing for now, for certain.
    #[error("{0} takes nothing for now")]
    NotNow(Channel),
    /// The table, a schedule or another function.
    #[error("port")]
    Port(#[from] PortError),
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Validation,
            Self::NotNow(_) => ErrorClass::ProviderUnavailable,
            Self::Port(PortError::Unreadable { .. } | PortError::TooLarge { .. }) => ErrorClass::Defect,
            Self::Port(PortError::Unavailable { .. }) => ErrorClass::Interrupted,
        }
    }
}
