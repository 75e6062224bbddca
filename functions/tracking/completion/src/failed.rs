//! How it fails.

use events::{ErrorClass, RunId};
use ports::PortError;
use shell::{Classified, InvalidPayload};

/// A completed run whose impact was not calculated; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The event is malformed.
    #[error(transparent)]
    Malformed(#[from] InvalidPayload),
    /// The run, or its workflow, does not exist.
    #[error("run {0} does not exist, or is of a workflow that this version does not know")]
    UnknownRun(RunId),
    /// The record kept changing.
    #[error("the record changed {0} times while one change was being written")]
    Contended(u32),
    /// The table did not do what was asked.
    #[error("table")]
    Port(#[from] PortError),
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Validation,
            Self::UnknownRun(_) => ErrorClass::Defect,
            Self::Contended(_) => ErrorClass::Interrupted,
            Self::Port(error) => error.class(),
        }
    }
}
