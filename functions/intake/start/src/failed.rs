//! How a selection or resumption fails.

use engine::{Illegal, NotResumable};
use events::{ErrorClass, InvalidId, RecommendationId, RunId, WorkflowId};
use ports::PortError;
use shell::{Classified, InvalidPayload};

/// A selection or resumption that led to no run; nothing was written.
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
    /// The user has no such run.
    #[error("there is no run {0}")]
    NoRun(RunId),
    /// The run cannot be taken up again, or not from there.
    #[error(transparent)]
    NotResumable(#[from] NotResumable),
    /// The workflow has no such version.
    #[error("there is no version {version} of {workflow}; there are: {}", .known.join(", "))]
    NoVersion {
        /// The workflow.
        workflow: WorkflowId,
        /// The version asked for.
        version: u32,
        /// The versions there are.
        known: Vec<String>,
    },
    /// The run cannot go on with that version.
    #[error("the run cannot go on with version {version}: {}", .reasons.join("; "))]
    Incompatible {
        /// The version asked for.
        version: u32,
        /// Every reason.
        reasons: Vec<String>,
    },
    /// The run does not allow what was decided.
    #[error("run {run}")]
    Illegal {
        /// The run.
        run: RunId,
        /// What it does not allow.
        #[source]
        source: Illegal,
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
            | Self::NotRecommended { .. }
            | Self::NoRun(_) => ErrorClass::Validation,
            Self::NotAvailable { .. }
            | Self::Active { .. }
            | Self::NotResumable(_)
            | Self::NoVersion { .. }
            | Self::Incompatible { .. } => ErrorClass::Declined,
            Self::Contended(_) => ErrorClass::Interrupted,
            Self::Id(_) | Self::Figures(_) | Self::Illegal { .. } => ErrorClass::Defect,
            Self::Port(error) => error.class(),
        }
    }
}
