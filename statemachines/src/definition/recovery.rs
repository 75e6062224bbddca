//! What the language says about failure: retries, undo, groups, alerts.

use crate::duration::Seconds;
use events::StepId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a step is retried. The interval grows by `backoff` up to `maxDelay`, with full jitter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Before the first retry.
    pub interval: Seconds,
    /// Factor from one retry to the next.
    pub backoff: f64,
    /// Longest wait between two attempts.
    pub max_delay: Seconds,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 3, interval: Seconds(2), backoff: 2.0, max_delay: Seconds(30) }
    }
}

/// What happens when a recovery alert is not answered in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnHelpTimeout {
    /// The workflow stops and keeps what was done.
    #[default]
    Stop,
    /// The step is skipped.
    Skip,
    /// Everything is rolled back.
    RollBack,
}

/// How a step's effects are undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Undo {
    /// Short name, such as `restore-subscription`.
    pub action: String,
    /// Shown to the user.
    pub name: String,
    /// Who does it.
    #[serde(default, skip_serializing_if = "UndoneBy::is_agent")]
    pub by: UndoneBy,
    /// How it is retried.
    #[serde(default)]
    pub retry: RetryPolicy,
    /// How a person does it, where the agent cannot or could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// Who undoes a step's effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UndoneBy {
    /// The step's agent.
    #[default]
    Agent,
    /// The user, guided by [`Undo::by_hand`]; the rollback waits.
    Person,
}

impl UndoneBy {
    /// The usual case, which is not written out.
    fn is_agent(&self) -> bool {
        *self == Self::Agent
    }
}

/// How a person undoes what an agent cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByHand {
    /// What to do, in order.
    pub steps: Vec<String>,
    /// Who helps: the provider's support, as the user reaches it.
    pub contact: String,
    /// What proves that it is done.
    pub proof: String,
    /// How long the user has while a rollback waits for it.
    pub deadline: Seconds,
}

/// One entry of the rollback plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackStep {
    /// The step whose effects are undone.
    pub step: StepId,
    /// Why it has this place.
    pub reason: String,
}

/// What happens when an all-or-nothing group fails. Its own effects are undone first, whatever follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Group {
    /// The group, as its steps name it.
    pub id: String,
    /// What follows.
    pub on_failure: OnGroupFailure,
}

impl Group {
    /// The step that runs in the group's place.
    pub fn fallback(&self) -> Option<&StepId> {
        match &self.on_failure {
            OnGroupFailure::Fallback(step) => Some(step),
            OnGroupFailure::Continue | OnGroupFailure::RollBack => None,
        }
    }
}

/// What follows when an all-or-nothing group has failed and is undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnGroupFailure {
    /// The run goes on after the group.
    #[default]
    Continue,
    /// Everything is rolled back.
    RollBack,
    /// This step runs in the group's place. It is on no path of its own.
    Fallback(StepId),
}
