//! How recommending fails.

use events::{ErrorClass, InvalidId};
use ports::PortError;
use shell::{Classified, InvalidPayload};

/// A simulation's result that was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The event is malformed; it will stay so.
    #[error(transparent)]
    Malformed(#[from] InvalidPayload),
    /// The recommendation has no valid id.
    #[error("recommendation id")]
    Id(#[from] InvalidId),
    /// The table did not do what was asked.
    #[error("table")]
    Port(#[from] PortError),
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Validation,
            Self::Id(_) => ErrorClass::Defect,
            Self::Port(error) => error.class(),
        }
    }
}
