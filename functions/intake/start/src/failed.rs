//! How a selection fails.

use events::{ErrorClass, InvalidId, RecommendationId, RunId, WorkflowId};
use ports::PortError;
use shell::{Classified, InvalidPayload};

/// A selection that led to no run; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// What came in is malformed.
    #[error(transparent)]
    Malformed(#[from] InvalidPayload),
    /// The idempotency key is none.
    #[error("selection.idempotency_key: expected 1 to 128 visible ASCII characters")]
    Key,
    /// The key was used for something else.
    #[error(
        "the idempotency key was used before, for workflow {workflow} of recommendation {recommendation}"
    )]
    KeyTaken {
        /// The workflow it was used for.
        workflow: WorkflowId,
        /// The recommendation it was used for.
        recommendation: RecommendationId,
    },
    /// The user has no such recommendation.
    #[error("there is no recommendation {0}")]
    NoRecommendation(RecommendationId),
    /// The workflow was not recommended.
    #[error("workflow {workflow} is not in recommendation {recommendation}")]
    NotRecommended {
        /// The workflow.
        workflow: WorkflowId,
        /// The recommendation.
        recommendation: RecommendationId,
    },
    /// The workflow is planned.
    #[error("{name} is not yet available")]
    NotAvailable {
        /// The workflow's name.
        name: String,
    },
    /// The user has such a run already.
    #[error("{name} is under way already in run {run}")]
    Active {
        /// The workflow's name.
        name: String,
        /// The run that is under way.
        run: RunId,
    },
    /// The run has no valid id.
    #[error("run id")]
    Id(#[from] InvalidId),
    /// The simulation's figures have no JSON form.
    #[error("simulation figures")]
    Figures(#[source] serde_json::Error),
    /// The user's queue kept changing.
    #[error("the queue changed {0} times while the run was being written")]
    Contended(u32),
    /// The table did not do what was asked.
    #[error("table")]
    Port(#[from] PortError),
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_)
            | Self::Key
            | Self::KeyTaken { .. }
            | Self::NoRecommendation(_)
            | Self::NotRecommended { .. } => ErrorClass::Validation,
            Self::NotAvailable { .. } | Self::Active { .. } => ErrorClass::Declined,
            Self::Contended(_) | Self::Port(PortError::Unavailable { .. }) => ErrorClass::Interrupted,
            Self::Id(_) | Self::Figures(_) | Self::Port(PortError::Unreadable { .. }) => ErrorClass::Defect,
        }
    }
}
