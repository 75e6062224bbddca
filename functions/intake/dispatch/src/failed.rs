//! How dispatching fails.

use engine::Illegal;
use events::{ErrorClass, RunId};
use ports::PortError;
use shell::{Classified, InvalidPayload};

/// A dispatch that did not come to its end; the next one goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// What came in is malformed.
    #[error(transparent)]
    Malformed(#[from] InvalidPayload),
    /// No version of the run's workflow is known.
    #[error("run {0} is of a workflow that this version does not know")]
    UnknownWorkflow(RunId),
    /// The run does not allow what was decided.
    #[error("run {run}")]
    Illegal {
        /// The run.
        run: RunId,
        /// What it does not allow.
        #[source]
        source: Illegal,
    },
    /// The run or its user's queue kept changing.
    #[error("the user's queue changed {0} times while one change was being written")]
    Contended(u32),
    /// The platform did not do what was asked.
    #[error("platform")]
    Port(#[from] PortError),
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Validation,
            Self::Contended(_) => ErrorClass::Interrupted,
            Self::UnknownWorkflow(_) | Self::Illegal { .. } => ErrorClass::Defect,
            Self::Port(error) => error.class(),
        }
    }
}
