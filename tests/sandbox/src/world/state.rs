//! The state of one user's providers, as it is kept in the file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts;
use super::chat::Chat;
use super::gigs::Application;
use super::operations::Operation;
use super::savings::Rule;
use crate::hash::canonical;
use crate::household::{Bill, Household, Source, Subscription, Transaction};

/// Savings rules and effects of one bank.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Books {
    /// Savings rules in force, by id.
    pub rules: BTreeMap<String, Rule>,
    /// Effects by idempotency key.
    pub operations: BTreeMap<String, Operation>,
}

/// Everything the providers hold for one user beyond what the household file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The user.
    pub user_id: String,
    /// Where the household comes from.
    pub source: Source,
    /// Digest of the household as it was read first.
    pub fingerprint: String,
    /// Today.
    pub clock: Date,
    /// Subscriptions by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Bills by id.
    pub bills: BTreeMap<String, Bill>,
    /// Savings rules in force, by id.
    pub rules: BTreeMap<String, Rule>,
    /// Open applications by id.
    pub applications: BTreeMap<String, Application>,
    /// Withdrawn applications by id.
    pub withdrawn: BTreeMap<String, Application>,
    /// Bills whose account holder has passed verification.
    pub verified: BTreeSet<String>,
    /// Retention chats by id.
    pub chats: BTreeMap<String, Chat>,
    /// Effects by idempotency key.
    pub operations: BTreeMap<String, Operation>,
    /// What the partner bank holds, which knows nothing of the rest.
    #[serde(default)]
    pub partner: Books,
    /// Charges and transfers since the household's date.
    pub charges: Vec<Transaction>,
}

impl World {
    /// The world of a household on its own date.
    #[must_use]
    pub fn new(user_id: &str, source: Source, fingerprint: String, household: &Household) -> Self {
        Self {
            user_id: user_id.to_owned(),
            source,
            fingerprint,
            clock: household.as_of,
            subscriptions: household.subscriptions.clone(),
            bills: household.bills.clone(),
            rules: BTreeMap::new(),
            applications: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
            verified: BTreeSet::new(),
            chats: BTreeMap::new(),
            operations: BTreeMap::new(),
            partner: Books::default(),
            charges: Vec::new(),
        }
    }

    /// Does something at the partner bank: the same service with books of its own.
    pub fn at_partner<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        self.swap_books();
        let done = act(self);
        self.swap_books();
        done
    }

    fn swap_books(&mut self) {
        std::mem::swap(&mut self.rules, &mut self.partner.rules);
        std::mem::swap(&mut self.operations, &mut self.partner.operations);
    }

    /// The state that matters to the user, canonical: what was done and undone leaves no trace in it.
    ///
    /// # Errors
    /// [`money::MoneyError`] when a balance cannot be computed.
    pub fn snapshot(&self, household: &Household) -> Result<Value, money::MoneyError> {
        Ok(canonical(json!({
            "user_id": self.user_id,
            "as_of": self.clock,
            "subscriptions": self.subscriptions,
            "bills": self.bills,
            "rules": self.rules,
            "partner_rules": self.partner.rules,
            "applications": self.applications,
            "balances": accounts::balances(self, household)?,
        })))
    }
}
