//! The catalog as a user sees it.

use events::{AgentId, Category, StepId, WorkflowId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::{Reversibility, Status, StepKind, Workflow};

/// Every workflow there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkflowList {
    /// The newest version of each, by id.
    pub workflows: Vec<WorkflowLine>,
}

/// One workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkflowLine {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version that a new run would be pinned to.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What it is for.
    pub category: Category,
    /// Whether it can be selected.
    pub status: WorkflowStatus,
    /// What it may bring.
    pub estimated_impact: String,
    /// How long it takes in seconds, people's waiting left out: at best.
    pub min_seconds: u32,
    /// The same, at worst.
    pub max_seconds: u32,
    /// The consents it needs.
    pub consents: Vec<String>,
    /// Its steps, in order.
    pub steps: Vec<StepLine>,
}

/// Whether a workflow can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WorkflowStatus {
    /// Yes.
    Available,
    /// Not yet.
    Planned,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepLine {
    /// The step.
    pub step_id: StepId,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// How it is carried out.
    pub kind: StepKind,
    /// Who does it.
    pub agent: AgentId,
    /// Whether and until when what it does can be undone; none where it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversibility: Option<Reversibility>,
}

impl From<&Workflow> for WorkflowLine {
    fn from(workflow: &Workflow) -> Self {
        let step = |it: &statemachines::Step| StepLine {
            step_id: it.id.clone(),
            name: it.name.clone(),
            description: it.description.clone(),
            kind: it.kind,
            agent: it.agent.clone(),
            reversibility: it.reversibility,
        };
        Self {
            workflow_id: workflow.id.clone(),
            version: workflow.version,
            name: workflow.name.clone(),
            description: workflow.description.clone(),
            category: workflow.category,
            status: match workflow.status {
                Status::Available => WorkflowStatus::Available,
                Status::Planned => WorkflowStatus::Planned,
            },
            estimated_impact: workflow.estimated_impact.summary.clone(),
            min_seconds: workflow.estimated_duration.min.get(),
            max_seconds: workflow.estimated_duration.max.get(),
            consents: consents(workflow).map(str::to_owned).collect(),
            steps: workflow.steps.iter().map(step).collect(),
        }
    }
}

/// The consents that must be granted before a workflow starts.
pub(crate) fn consents(workflow: &Workflow) -> impl Iterator<Item = &str> {
    workflow.prerequisites.iter().filter_map(|it| match it {
        statemachines::Prerequisite::Consent { consent } => Some(consent.as_str()),
        _ => None,
    })
}
