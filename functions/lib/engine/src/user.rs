//! What is recorded of a user: what they allow, what they want, what waits for its turn.

use crate::status::RunStatus;
use events::{
    ActionsRecommended, ErrorClass, RecommendationId, RunId, SimulationCompleted, UserId, WorkflowId,
};
use indexmap::IndexMap;
use jiff::Timestamp;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a user allows: consents and linked providers. One record a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// The user.
    pub user_id: UserId,
    /// By scope, such as `read_transactions`.
    #[serde(default)]
    pub consents: IndexMap<String, Consent>,
    /// By provider, such as `plaid`.
    #[serde(default)]
    pub links: IndexMap<String, Link>,
}

impl Access {
    /// A user who allows nothing yet.
    pub fn none(user_id: UserId) -> Self {
        Self { user_id, consents: IndexMap::new(), links: IndexMap::new() }
    }

    /// Whether a consent is granted, not expired and not revoked.
    pub fn allows(&self, scope: &str, now: Timestamp) -> bool {
        self.consents
            .get(scope)
            .is_some_and(|consent| consent.revoked_at.is_none() && now < consent.expires_at)
    }
}

/// A consent of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// When it was given.
    pub granted_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When the user took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// A linked provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The user's access token at the provider.
    pub access_token: String,
    /// The accounts behind it; two runs of a user that share one do not run together.
    #[serde(default)]
    pub accounts: BTreeSet<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
}

impl std::fmt::Debug for Link {
    /// Without the access token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("linked_at", &self.linked_at).finish_non_exhaustive()
    }
}

/// A user's goals. One record a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goals {
    /// The user.
    pub user_id: UserId,
    /// The goals, in the order given.
    #[serde(default)]
    pub goals: Vec<Goal>,
}

/// A goal of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Its name, unique for the user.
    pub name: String,
    /// What kind, such as `emergency-fund`.
    pub kind: String,
    /// The amount to reach.
    pub target: Money,
    /// The amount reached so far.
    pub saved: Money,
}

/// The order of a user's runs. One record a user; start and dispatch change it conditionally.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// The user.
    pub user_id: UserId,
    /// Runs that wait, first come first served.
    #[serde(default)]
    pub waiting: Vec<Queued>,
    /// Runs that were dispatched and have not been seen to end.
    #[serde(default)]
    pub running: Vec<Queued>,
}

/// A run in a user's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The providers it works with; two runs that share an account behind one do not run together.
    pub providers: BTreeSet<String>,
}

/// A recommendation with what it was made from. One a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The recommendation.
    pub recommendation_id: RecommendationId,
    /// Whose it is.
    pub user_id: UserId,
    /// The simulation's figures.
    pub simulation: SimulationCompleted,
    /// What was recommended.
    pub actions: ActionsRecommended,
    /// When.
    pub made_at: Timestamp,
}

/// Which run a selection led to: makes selecting idempotent by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Who selected.
    pub user_id: UserId,
    /// The key.
    pub idempotency_key: String,
    /// The recommendation selected from.
    pub recommendation_id: RecommendationId,
    /// The workflow selected.
    pub workflow_id: WorkflowId,
    /// The run it led to.
    pub run_id: RunId,
}

/// One line of a user's list of runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRun {
    /// Whose it is.
    pub user_id: UserId,
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// When it was queued.
    pub queued_at: Timestamp,
}

/// A run that ended, as those see it who operate the system: without anything of the household's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedRun {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// How it ended.
    pub status: RunStatus,
    /// What kind of failure it ended with, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ErrorClass>,
    /// When.
    pub at: Timestamp,
}

/// The providers whose credentials a consent hands to an agent.
pub fn providers_of(scope: &str) -> &'static [&'static str] {
    match scope {
        "read_transactions" => &["plaid"],
        "cancel_service" => &["subscriptions"],
        "call_on_behalf" => &["billers"],
        "move_money" => &["savings", "savings-partner"],
        "share_profile" => &["gigs"],
        "trade" => &["broker"],
        _ => &[],
    }
}
