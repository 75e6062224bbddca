//! What happens in a run: the stream of [`WorkflowEvent`]s and changes of the run's state.

use crate::envelope::Event;
use crate::ids::{RunId, StepId, TaskId, WorkflowId};
use jiff::Timestamp;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One fact of a run, numbered without gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WorkflowEvent {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The run.
    pub run_id: RunId,
    /// The event's place in its run: 1, 2, 3, …
    pub seq: u64,
    /// The step, for events of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// Milliseconds since 1970 in UTC.
    pub timestamp: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// How much it matters.
    pub severity: Severity,
    /// For people.
    pub data: EventData,
    /// For accounting.
    pub metrics: Metrics,
}

impl Event for WorkflowEvent {
    fn detail_type(&self) -> &'static str {
        self.event_type.as_str()
    }
}

/// What people see of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EventData {
    /// Overall progress of the run in percent, 0 to 100; never falls.
    pub progress: u8,
    /// One sentence.
    pub message: String,
    /// What the kind of event carries beyond the sentence.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
    /// What the user is asked to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_action: Option<RequiredAction>,
}

/// What the user is asked to do, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RequiredAction {
    /// The waiting task.
    pub task_id: TaskId,
    /// One sentence.
    pub prompt: String,
    /// When the step's `onTimeout` is taken instead.
    pub deadline: Timestamp,
}

/// What an event took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metrics {
    /// Milliseconds since the step or the run began that the event ends: that completes it, leaves it out, gives it up or undoes it;
    /// 0 for an event that ends nothing, and for what never began.
    pub duration: u64,
    /// What it took; of an event that ends a step or a run.
    #[serde(default)]
    pub resources_used: Vec<Resource>,
    /// Fees charged by providers for it; none where none charges any. Of an event that ends a step or a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_incurred: Option<Money>,
}

/// Something used, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// `attempt` of a step (since the last help), `help` of a person, or `cloud_microdollars`: what a run has cost whoever operates the
    /// system, in millionths of a dollar, counted from the others and its events at list prices.
    pub name: String,
    /// How often, or how many.
    pub calls: u32,
}

impl Resource {
    /// The name of what a run has cost in the cloud, in millionths of a dollar.
    pub const CLOUD_COST: &str = "cloud_microdollars";
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For the record.
    Info,
    /// Look at it.
    Warning,
    /// Something failed.
    Error,
    /// Something worked.
    Success,
}

/// The kinds of event of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum EventType {
    /// The run began its first step.
    #[serde(rename = "workflow.started")]
    WorkflowStarted,
    /// Every step is settled.
    #[serde(rename = "workflow.completed")]
    WorkflowCompleted,
    /// The run ended otherwise.
    #[serde(rename = "workflow.failed")]
    WorkflowFailed,
    /// A step began.
    #[serde(rename = "step.started")]
    StepStarted,
    /// A step's agent reported.
    #[serde(rename = "step.progress")]
    StepProgress,
    /// A step waits for the user.
    #[serde(rename = "step.waiting_user")]
    StepWaitingUser,
    /// A step is settled (also: skipped, undone; see `details.outcome`).
    #[serde(rename = "step.completed")]
    StepCompleted,
    /// A step failed for good.
    #[serde(rename = "step.failed")]
    StepFailed,
    /// A step failed and will be tried again.
    #[serde(rename = "step.retrying")]
    StepRetrying,
    /// Money saved; `details` says promised, confirmed or realised.
    #[serde(rename = "impact.savings")]
    SavingsAchieved,
    /// A risk became smaller.
    #[serde(rename = "impact.risk_reduced")]
    RiskReduced,
    /// A goal of the user came nearer.
    #[serde(rename = "impact.goal_progress")]
    GoalProgressed,
    /// An external dependency is down.
    #[serde(rename = "warning.dependency")]
    DependencyIssue,
    /// A step settled with some of its items not done.
    #[serde(rename = "warning.partial")]
    PartialSuccess,
    /// A person should look at the run.
    #[serde(rename = "warning.review_needed")]
    ManualReview,
    /// The run entered another state; `details` has `from` and `to`.
    #[serde(rename = "run.state_changed")]
    RunStateChanged,
}

impl EventType {
    /// Every kind: lifecycle, steps, impacts, warnings, state.
    pub const ALL: [Self; 16] = [
        Self::WorkflowStarted,
        Self::WorkflowCompleted,
        Self::WorkflowFailed,
        Self::StepStarted,
        Self::StepProgress,
        Self::StepWaitingUser,
        Self::StepCompleted,
        Self::StepFailed,
        Self::StepRetrying,
        Self::SavingsAchieved,
        Self::RiskReduced,
        Self::GoalProgressed,
        Self::DependencyIssue,
        Self::PartialSuccess,
        Self::ManualReview,
        Self::RunStateChanged,
    ];

    /// The `detail-type` on the bus.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkflowStarted => "workflow.started",
            Self::WorkflowCompleted => "workflow.completed",
            Self::WorkflowFailed => "workflow.failed",
            Self::StepStarted => "step.started",
            Self::StepProgress => "step.progress",
            Self::StepWaitingUser => "step.waiting_user",
            Self::StepCompleted => "step.completed",
            Self::StepFailed => "step.failed",
            Self::StepRetrying => "step.retrying",
            Self::SavingsAchieved => "impact.savings",
            Self::RiskReduced => "impact.risk_reduced",
            Self::GoalProgressed => "impact.goal_progress",
            Self::DependencyIssue => "warning.dependency",
            Self::PartialSuccess => "warning.partial",
            Self::ManualReview => "warning.review_needed",
            Self::RunStateChanged => "run.state_changed",
        }
    }
}

/// How certain a saving is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImpactStage {
    /// Agreed with the other side.
    Promised,
    /// Read back from the provider.
    Confirmed,
    /// Seen on a statement.
    Realised,
}

/// What one item of a step changed for the household.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Impact {
    /// What kind of change.
    pub kind: ImpactKind,
    /// How certain.
    pub stage: ImpactStage,
    /// A month, positive is good for the household.
    pub monthly: Money,
    /// For how many months it holds, where its end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// One sentence.
    pub label: String,
    /// The transactions or provider records the figure comes from. Never empty.
    pub evidence: Vec<String>,
}

/// What kind of change an [`Impact`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImpactKind {
    /// A charge that is lower or gone.
    Savings,
    /// Money put aside automatically; not a saving in cost.
    SetAside,
    /// Money earned.
    Income,
    /// A risk that is smaller.
    RiskReduced,
    /// What a provider charges once for it: `monthly` is negative, `months` 1.
    Fee,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_the_detail_types() {
        for kind in EventType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
