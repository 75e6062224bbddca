//! What a user wants and allows.

use engine::{Consent, Goal, Link};
use jiff::Timestamp;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A user's goals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalsView {
    /// The goals, in the order given.
    #[schemars(length(max = 50))]
    pub goals: Vec<GoalView>,
}

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalView {
    /// Its name, unique for the user.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What kind, such as `emergency-fund`.
    #[schemars(length(min = 1, max = 100))]
    pub kind: String,
    /// The amount to reach, more than nothing.
    pub target: Money,
    /// The amount reached so far, in the target's currency.
    pub saved: Money,
}

impl From<Goal> for GoalView {
    fn from(goal: Goal) -> Self {
        Self { name: goal.name, kind: goal.kind, target: goal.target, saved: goal.saved }
    }
}

impl From<GoalView> for Goal {
    fn from(goal: GoalView) -> Self {
        Self { name: goal.name, kind: goal.kind, target: goal.target, saved: goal.saved }
    }
}

/// Links a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The user's access token at the provider. It is never given out again.
    #[schemars(length(min = 1, max = 2000))]
    pub access_token: String,
    /// The accounts behind it; two runs that share one do not run together.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub accounts: BTreeSet<String>,
}

/// The linked providers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkList {
    /// In the order linked.
    pub links: Vec<LinkView>,
}

/// A linked provider, without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkView {
    /// The provider.
    pub provider: String,
    /// The accounts behind it.
    pub accounts: BTreeSet<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
}

impl LinkView {
    /// The link of a provider.
    pub(crate) fn of(provider: &str, link: &Link) -> Self {
        Self { provider: provider.to_owned(), accounts: link.accounts.clone(), linked_at: link.linked_at }
    }
}

/// Grants a consent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// When it ends by itself, within a year; a year from now where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// The consents ever given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentList {
    /// In the order first given.
    pub consents: Vec<ConsentView>,
}

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentView {
    /// What it allows.
    pub scope: String,
    /// Whether it allows it now.
    pub state: ConsentState,
    /// When it was given.
    pub granted_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// Whether a consent allows anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// It does.
    Granted,
    /// It has ended by itself.
    Expired,
    /// The user took it back.
    Revoked,
}

impl ConsentView {
    /// The consent to a scope, as it is now.
    pub(crate) fn of(scope: &str, consent: &Consent, now: Timestamp) -> Self {
        let state = if consent.revoked_at.is_some() {
            ConsentState::Revoked
        } else if consent.expires_at <= now {
            ConsentState::Expired
        } else {
            ConsentState::Granted
        };
        Self {
            scope: scope.to_owned(),
            state,
            granted_at: consent.granted_at,
            expires_at: consent.expires_at,
            revoked_at: consent.revoked_at,
        }
    }
}
