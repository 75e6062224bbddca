//! Subscriptions: cancel, downgrade, restore.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::catch_up_subscription;
use super::operations::{Answer, Before, Done, Prefix, Request};
use super::refusal::{Code, Refusal};
use super::state::World;
use crate::calendar::plus_days;
use crate::hash::version_of;
use crate::household::{Household, Plan, Subscription, SubscriptionStatus, Usage};

/// Days after a change within which it can be taken back, when nothing was paid ahead.
const GRACE_DAYS: i32 = 30;

/// Effects that can be restored.
const UNDOABLE: [&str; 2] = ["subscription.cancel", "subscription.downgrade"];

/// A subscription as on the wire.
#[derive(Debug, Serialize)]
pub struct WireSubscription<'a> {
    #[serde(flatten)]
    subscription: &'a Subscription,
    version: String,
}

impl<'a> WireSubscription<'a> {
    /// The subscription with its version.
    #[must_use]
    pub fn of(subscription: &'a Subscription) -> Self {
        Self { subscription, version: version(subscription) }
    }
}

/// Body of a cancellation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeVersion {
    /// The version that was shown to the user.
    #[serde(default)]
    pub expected_version: Option<String>,
}

/// Body of a downgrade.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePlan {
    /// The plan to go to.
    pub tier: String,
    /// The version that was shown to the user.
    #[serde(default)]
    pub expected_version: Option<String>,
}

/// Body of a restoration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// The key of the change to take back.
    pub undo_of: String,
}

impl World {
    /// A subscription.
    ///
    /// # Errors
    /// `not_found`.
    pub fn subscription(&self, id: &str) -> Result<&Subscription, Refusal> {
        self.subscriptions.get(id).ok_or_else(|| Refusal::missing("subscription", id))
    }

    /// Cancels a subscription: it stays usable until it is paid for.
    ///
    /// # Errors
    /// `not_found`, `conflict` when it is cancelled already or not the version shown.
    pub fn cancel_subscription(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
        body: &ChangeVersion,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Subscription, request, |world, _| {
            world.change_subscription(
                id,
                body.expected_version.as_deref(),
                "subscription.cancel",
                |subscription, today| {
                    subscription.access_until = subscription.next_charge_on.map(|next| plus_days(next, -1));
                    subscription.restorable_until =
                        Some(subscription.access_until.unwrap_or(plus_days(today, GRACE_DAYS)));
                    subscription.status = SubscriptionStatus::Cancelled;
                    subscription.next_charge_on = None;
                    subscription.trial_ends_on = None;
                    Ok(())
                },
            )
        })
    }

    /// Moves a subscription to a cheaper plan from its next charge on.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `refused` for a plan that is not among the tiers.
    pub fn downgrade_subscription(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
        body: &ChangePlan,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Subscription, request, |world, _| {
            let expected = body.expected_version.as_deref();
            world.change_subscription(id, expected, "subscription.downgrade", |subscription, today| {
                let index =
                    subscription.tiers.iter().position(|tier| tier.id == body.tier).ok_or_else(|| {
                        let message = format!("`{}` has no plan `{}` to go to", subscription.id, body.tier);
                        Refusal { field: Some("tier".to_owned()), ..Refusal::new(Code::Refused, message) }
                    })?;
                let tier = subscription.tiers.remove(index);
                subscription.tiers.retain(|other| other.price < tier.price);
                subscription.plan = Plan { id: tier.id, name: tier.name, attributes: Default::default() };
                subscription.price = tier.price;
                subscription.restorable_until = Some(plus_days(today, GRACE_DAYS));
                Ok(())
            })
        })
    }

    fn change_subscription(
        &mut self,
        id: &str,
        expected: Option<&str>,
        operation: &'static str,
        change: impl FnOnce(&mut Subscription, jiff::civil::Date) -> Result<(), Refusal>,
    ) -> Result<Done, Refusal> {
        let today = self.clock;
        let before = self.subscription(id)?.clone();
        if before.status == SubscriptionStatus::Cancelled {
            return Err(Refusal::new(Code::Conflict, format!("`{id}` is cancelled already")));
        }
        if expected.is_some_and(|expected| expected != version(&before)) {
            return Err(Refusal::new(Code::Conflict, format!("`{id}` has changed since it was shown")));
        }
        let mut after = before.clone();
        change(&mut after, today)?;
        let body = json!({ "subscription": WireSubscription::of(&after) });
        self.subscriptions.insert(id.to_owned(), after);
        Ok(Done {
            status: 200,
            operation,
            subject: id.to_owned(),
            body,
            before: Some(Before::Subscription(Box::new(before))),
            undo_of: None,
        })
    }

    /// Puts a subscription back as it was before a change.
    ///
    /// # Errors
    /// `unknown_operation`, `cannot_undo` when it is too late or something else was changed since.
    pub fn restore_subscription(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
        body: &Restore,
    ) -> Result<Answer, Refusal> {
        self.subscription(id)?;
        if let Some(answer) = self.undone_already(id, &body.undo_of, request) {
            return Ok(answer);
        }
        self.once(household, Prefix::Subscription, request, |world, _| world.put_subscription_back(id, body))
    }

    /// The present state, when another key has undone that change before.
    fn undone_already(&self, id: &str, undo_of: &str, request: &Request) -> Option<Answer> {
        let by = self.operations.get(undo_of)?.undone_by.as_ref().filter(|by| **by != request.key)?;
        let reference = &self.operations.get(by)?.reference;
        let body = json!({
            "operation": {"key": by, "reference": reference},
            "subscription": WireSubscription::of(self.subscriptions.get(id)?),
        });
        Some(Answer { status: 200, body, replayed: true })
    }

    fn put_subscription_back(&mut self, id: &str, body: &Restore) -> Result<Done, Refusal> {
        let today = self.clock;
        let operation = self.to_undo(&body.undo_of, &UNDOABLE)?;
        let Some(Before::Subscription(before)) = operation.before.filter(|_| operation.subject == id) else {
            let message = format!("key `{}` did not change `{id}`", body.undo_of);
            return Err(Refusal::new(Code::UnknownOperation, message));
        };
        let until = self.subscription(id)?.restorable_until;
        if until.is_some_and(|until| until < today) {
            let message = format!("`{id}` could be restored until {}", until.unwrap_or(today));
            return Err(Refusal::new(Code::CannotUndo, message));
        }
        let mut restored = *before;
        catch_up_subscription(&mut restored, today);
        let body_out = json!({ "subscription": WireSubscription::of(&restored) });
        self.subscriptions.insert(id.to_owned(), restored);
        Ok(Done {
            status: 200,
            operation: "subscription.restore",
            subject: id.to_owned(),
            body: body_out,
            before: None,
            undo_of: Some(body.undo_of.clone()),
        })
    }

    /// Every subscription, as on the wire.
    #[must_use]
    pub fn list_subscriptions(&self) -> Value {
        let all: Vec<WireSubscription<'_>> = self.subscriptions.values().map(WireSubscription::of).collect();
        json!({ "as_of": self.clock, "subscriptions": all })
    }
}

/// Changes with everything but use.
fn version(subscription: &Subscription) -> String {
    version_of(&Subscription { usage: Usage::default(), ..subscription.clone() })
}
