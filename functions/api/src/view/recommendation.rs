//! Recommendations and selections.

use engine::Recommendation;
use events::{
    NotTriggered, RecommendationId, RecommendedAction, RunId, SimulationCompleted, SimulationId, WorkflowId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Recommendations, and where to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecommendationList {
    /// The recommendations of this page, by id.
    pub recommendations: Vec<RecommendationView>,
    /// What to ask for as `after` to see more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What was recommended because of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecommendationView {
    /// The recommendation.
    pub recommendation_id: RecommendationId,
    /// The simulation it answers.
    pub simulation_id: SimulationId,
    /// The simulation's date.
    pub as_of: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// What is recommended, best first.
    pub actions: Vec<RecommendedAction>,
    /// What is not, with figure and threshold.
    pub not_triggered: Vec<NotTriggered>,
    /// The figures it was made from; only where one recommendation is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulation: Option<SimulationCompleted>,
}

impl RecommendationView {
    /// Without the figures.
    pub(crate) fn line(recommendation: Recommendation) -> Self {
        Self { simulation: None, ..Self::from(recommendation) }
    }
}

impl From<Recommendation> for RecommendationView {
    fn from(it: Recommendation) -> Self {
        Self {
            recommendation_id: it.recommendation_id,
            simulation_id: it.actions.simulation_id,
            as_of: it.actions.as_of,
            made_at: it.made_at,
            actions: it.actions.actions,
            not_triggered: it.actions.not_triggered,
            simulation: Some(it.simulation),
        }
    }
}

/// The user picks a recommended workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionRequest {
    /// The recommendation picked from.
    pub recommendation_id: RecommendationId,
    /// The workflow picked.
    pub workflow_id: WorkflowId,
    /// Chosen by the caller: the same key selects once, and is answered with the same run ever after.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z0-9._:#-]+$"))]
    pub idempotency_key: String,
}

/// The run that a selection led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SelectionResult {
    /// The run.
    pub run_id: RunId,
}
