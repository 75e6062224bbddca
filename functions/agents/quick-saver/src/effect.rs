//! The exact effect on one subscription.

use events::{ImpactKind, ItemId, Proposal};
use jiff::civil::Date;
use money::{Money, MoneyError};
use providers::subscriptions::{Cadence, Status, Subscription};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use agent::AgentError;

/// What is done to a subscription, and what it must still be for the approval to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The provider's id.
    pub subscription: String,
    /// Name shown to the user.
    pub merchant: String,
    /// What is done.
    pub action: Action,
    /// How it stands at the time of the proposal.
    pub from_status: Status,
    /// The plan at the time of the proposal.
    pub from_plan: String,
    /// The price then, per cadence.
    pub from_price: Money,
    /// How often that is charged.
    pub cadence: Cadence,
    /// The charges that the figures come from.
    pub evidence: Vec<String>,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", try_from = "FlatAction")]
pub enum Action {
    /// The subscription, or its trial, is ended.
    Cancel {},
    /// A cheaper plan is taken.
    Downgrade {
        /// The provider's id of the plan.
        tier: String,
        /// Its name.
        name: String,
        /// Its price, per cadence.
        price: Money,
    },
}

/// The same as it is written. Read flat, because a tagged enum would be compiled once more for its buffer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlatAction {
    kind: ActionKind,
    tier: Option<String>,
    name: Option<String>,
    price: Option<Money>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ActionKind {
    Cancel,
    Downgrade,
}

impl TryFrom<FlatAction> for Action {
    type Error = &'static str;

    fn try_from(flat: FlatAction) -> Result<Self, &'static str> {
        match (flat.kind, flat.tier, flat.name, flat.price) {
            (ActionKind::Cancel, None, None, None) => Ok(Self::Cancel {}),
            (ActionKind::Downgrade, Some(tier), Some(name), Some(price)) => {
                Ok(Self::Downgrade { tier, name, price })
            }
            (ActionKind::Cancel, ..) => Err("a cancellation with a plan"),
            (ActionKind::Downgrade, ..) => Err("a cheaper plan without its id, name or price"),
        }
    }
}

impl Action {
    /// Its name among the modifications and outputs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cancel {} => "cancel",
            Self::Downgrade { .. } => "downgrade",
        }
    }
}

impl Effect {
    /// The effect of an action on a subscription as it stands.
    pub fn on(subscription: &Subscription, action: Action, evidence: Vec<String>) -> Self {
        Self {
            subscription: subscription.id.clone(),
            merchant: subscription.merchant.clone(),
            action,
            from_status: subscription.status,
            from_plan: subscription.plan.id.clone(),
            from_price: subscription.price,
            cadence: subscription.cadence,
            evidence,
        }
    }

    /// Whether the subscription is still what the user saw.
    pub fn holds_for(&self, subscription: &Subscription) -> bool {
        subscription.status == self.from_status
            && subscription.plan.id == self.from_plan
            && subscription.price == self.from_price
            && subscription.cadence == self.cadence
    }

    /// Whether it is in force.
    pub fn is_in_force(&self, subscription: &Subscription) -> bool {
        match &self.action {
            Action::Cancel {} => subscription.status == Status::Cancelled,
            Action::Downgrade { tier, .. } => {
                subscription.status != Status::Cancelled && subscription.plan.id == *tier
            }
        }
    }

    /// What it saves a month.
    pub fn monthly_saving(&self) -> Result<Money, MoneyError> {
        let before = self.cadence.monthly(self.from_price)?;
        match &self.action {
            Action::Cancel {} => Ok(before),
            Action::Downgrade { price, .. } => before.sub(self.cadence.monthly(*price)?),
        }
    }

    /// The provider's record and the charges.
    pub fn all_evidence(&self) -> Vec<String> {
        let mut evidence = vec![format!("subscription:{}", self.subscription)];
        evidence.extend(self.evidence.iter().cloned());
        evidence
    }

    /// One sentence that says exactly what is done.
    fn title(&self, trial_ends: Option<Date>) -> String {
        let Self { merchant, from_price, cadence, .. } = self;
        let per = per(*cadence);
        match (&self.action, self.from_status, trial_ends) {
            (Action::Cancel {}, Status::Trial, Some(ends)) => {
                format!("Cancel the {merchant} trial before it costs {from_price} {per} from {ends}")
            }
            (Action::Cancel {}, Status::Trial, None) => {
                format!("Cancel the {merchant} trial before it costs {from_price} {per}")
            }
            (Action::Cancel {}, ..) => format!("Cancel {merchant} ({from_price} {per})"),
            (Action::Downgrade { name, price, .. }, ..) => {
                format!("Change {merchant} to {name} ({price} instead of {from_price} {per})")
            }
        }
    }

    /// As it is shown to the user.
    pub fn proposal(
        &self,
        subscription: &Subscription,
        reasons: Vec<String>,
    ) -> Result<Proposal, AgentError> {
        let saving = self.monthly_saving()?;
        Ok(Proposal {
            item_id: ItemId::parse(self.subscription.as_str())?,
            title: self.title(subscription.trial_ends_on),
            reasons,
            effect: serde_json::to_value(self)?,
            monthly: Some(saving),
            kind: ImpactKind::Savings,
            evidence: self.all_evidence(),
            modifications: modifications(subscription),
            undo_until: None,
        })
    }
}

/// What the user may change: the action, and the plan of a downgrade.
fn modifications(subscription: &Subscription) -> BTreeMap<String, Vec<Value>> {
    let mut changes = BTreeMap::new();
    if subscription.tiers.is_empty() {
        return changes;
    }
    changes.insert("action".to_owned(), vec![json!("cancel"), json!("downgrade")]);
    changes.insert("plan".to_owned(), subscription.tiers.iter().map(|tier| json!(tier.id)).collect());
    changes
}

fn per(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::Weekly => "a week",
        Cadence::Biweekly => "every two weeks",
        Cadence::Monthly => "a month",
        Cadence::Quarterly => "a quarter",
        Cadence::Annual => "a year",
    }
}
