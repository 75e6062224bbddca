//! Reads the project's own household format: checks it and turns it into a [`Household`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde_saphyr::Spanned;

use super::error::HouseholdError;
use super::history;
use super::model::{Account, Goal, Hold, Holding, Household, Liability, Transaction};
use super::own_format::{
    File, FileAccount, FileBill, FileGoal, FileHolding, FileLiability, FilePrice, FileSubscription,
    FileTransaction, Text,
};
use super::services::{Bill, Subscription, SubscriptionStatus, Tier};

/// Reads `text`, the content of `path`.
///
/// # Errors
/// [`HouseholdError::Bad`] with the line of the first mistake.
pub(super) fn read(path: &Path, text: &str) -> Result<Household, HouseholdError> {
    let file: File = serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map(|location| location.line());
        HouseholdError::at(path, line, first_line(&error.without_snippet().to_string()))
    })?;
    let reader = Reader::new(path, &file)?;
    reader.household(file)
}

/// Pieces of the file's own reading that every part needs.
pub(super) struct Reader<'a> {
    path: &'a Path,
    pub(super) as_of: Date,
    currency: Currency,
    accounts: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn new(path: &'a Path, file: &File) -> Result<Self, HouseholdError> {
        if file.household.value != 1 {
            return Err(at(path, &file.household, "`household` is the format's version and must be 1"));
        }
        let currency = Currency::new(&file.currency.value)
            .map_err(|error| at(path, &file.currency, error.to_string()))?;
        let mut accounts = BTreeSet::new();
        for account in &file.accounts {
            if !accounts.insert(account.id.value.clone()) {
                return Err(at(path, &account.id, format!("account `{}` appears twice", account.id.value)));
            }
        }
        Ok(Self { path, as_of: file.as_of, currency, accounts })
    }

    fn household(&self, file: File) -> Result<Household, HouseholdError> {
        let subscriptions = self.subscriptions(&file.subscriptions)?;
        let bills = self.bills(&file.bills)?;
        let transactions = self.transactions(&file, &subscriptions, &bills)?;
        let retention = self.all_retention(&file.bills)?;
        Ok(Household {
            accounts: file.accounts.iter().map(|account| self.account(account)).collect::<Result<_, _>>()?,
            transactions,
            subscriptions,
            bills,
            retention,
            offers: file.offers.into_iter().map(|offer| self.offer(offer)).collect::<Result<_, _>>()?,
            gigs: file.gigs.into_iter().map(|gig| self.gig(gig)).collect::<Result<_, _>>()?,
            goals: file.goals.into_iter().map(|goal| self.goal(goal)).collect::<Result<_, _>>()?,
            liabilities: file.liabilities.iter().map(|one| self.liability(one)).collect::<Result<_, _>>()?,
            holdings: file.holdings.into_iter().map(|one| self.holding(one)).collect::<Result<_, _>>()?,
            user_id: file.user_id,
            name: file.name,
            currency: self.currency,
            as_of: file.as_of,
            address: file.address,
            person: file.person,
        })
    }

    fn transactions(
        &self,
        file: &File,
        subscriptions: &BTreeMap<String, Subscription>,
        bills: &BTreeMap<String, Bill>,
    ) -> Result<Vec<Transaction>, HouseholdError> {
        let mut transactions = Vec::new();
        for rule in &file.rules {
            transactions.extend(history::rule(self, rule)?);
        }
        for (index, one) in file.transactions.iter().enumerate() {
            transactions.extend(self.transaction(index, one)?);
        }
        for (one, subscription) in
            file.subscriptions.iter().filter_map(|one| Some((one, subscriptions.get(&one.id.value)?)))
        {
            transactions.extend(history::subscription(self, one, subscription)?);
        }
        for (one, bill) in file.bills.iter().filter_map(|one| Some((one, bills.get(&one.id.value)?))) {
            transactions.extend(history::bill(self, one, bill)?);
        }
        transactions.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
        Ok(transactions)
    }

    /// A one-off, or both legs of one between two accounts.
    fn transaction(&self, index: usize, one: &FileTransaction) -> Result<Vec<Transaction>, HouseholdError> {
        let posted_on = match &one.posted_on {
            Some(posted) if posted.value < one.date => {
                return Err(self.at(posted, "`posted_on` lies before `date`"));
            }
            Some(posted) => posted.value,
            None => crate::calendar::plus_days(one.date, 1),
        };
        let held = match &one.held {
            Some(held) => Some(Hold { amount: self.money(&held.amount)?, corrected_on: held.corrected_on }),
            None => None,
        };
        let out = Transaction {
            id: format!("txn_once_{:04}_{}", index + 1, one.date),
            account_id: self.account_id(&one.account)?,
            amount: self.money(&one.amount)?,
            date: one.date,
            posted_on,
            name: one.name.clone(),
            merchant: one.merchant.clone(),
            category: one.category.clone(),
            held,
        };
        self.with_other_leg(out, one.to_account.as_ref())
    }

    /// The movement and, where it goes to another account of the household, its counterpart there.
    pub(super) fn with_other_leg(
        &self,
        out: Transaction,
        to_account: Option<&Text>,
    ) -> Result<Vec<Transaction>, HouseholdError> {
        let Some(to_account) = to_account else { return Ok(vec![out]) };
        let amount = out.amount.neg().map_err(|error| self.at(to_account, error.to_string()))?;
        let other = Transaction {
            id: format!("{}_in", out.id),
            account_id: self.account_id(to_account)?,
            amount,
            category: out.category.replacen("TRANSFER_OUT", "TRANSFER_IN", 1),
            ..out.clone()
        };
        Ok(vec![out, other])
    }

    fn account(&self, one: &FileAccount) -> Result<Account, HouseholdError> {
        Ok(Account {
            id: one.id.value.clone(),
            name: one.name.clone(),
            official_name: one.official_name.clone(),
            kind: one.r#type,
            subtype: one.subtype.clone(),
            mask: one.mask.clone(),
            balance: self.money(&one.balance)?,
            available: self.optional_money(one.available.as_ref())?,
            limit: self.optional_money(one.limit.as_ref())?,
        })
    }

    fn subscriptions(
        &self,
        all: &[FileSubscription],
    ) -> Result<BTreeMap<String, Subscription>, HouseholdError> {
        let mut subscriptions = BTreeMap::new();
        for one in all {
            if subscriptions.insert(one.id.value.clone(), self.subscription(one)?).is_some() {
                return Err(self.at(&one.id, format!("subscription `{}` appears twice", one.id.value)));
            }
        }
        Ok(subscriptions)
    }

    fn subscription(&self, one: &FileSubscription) -> Result<Subscription, HouseholdError> {
        let next_charge_on = self.coming(&one.next_charge_on, "next_charge_on")?;
        let trial_ends_on = match &one.trial_ends_on {
            Some(ends) => Some(self.coming(ends, "trial_ends_on")?),
            None => None,
        };
        let tiers = one.tiers.iter().map(|tier| {
            Ok(Tier { price: self.money(&tier.price)?, id: tier.id.clone(), name: tier.name.clone() })
        });
        Ok(Subscription {
            account_id: self.account_id(&one.account)?,
            price: self.money(&one.price)?,
            tiers: tiers.collect::<Result<_, HouseholdError>>()?,
            id: one.id.value.clone(),
            merchant: one.merchant.clone(),
            descriptor: one.descriptor.clone(),
            category: one.category.clone(),
            status: if trial_ends_on.is_some() {
                SubscriptionStatus::Trial
            } else {
                SubscriptionStatus::Active
            },
            plan: one.plan.clone(),
            cadence: one.cadence,
            started_on: one.started_on,
            trial_ends_on,
            next_charge_on: Some(next_charge_on),
            access_until: None,
            usage: one.usage.clone(),
            restorable_until: None,
        })
    }

    fn bills(&self, all: &[FileBill]) -> Result<BTreeMap<String, Bill>, HouseholdError> {
        let mut bills = BTreeMap::new();
        for one in all {
            if bills.insert(one.id.value.clone(), self.bill(one)?).is_some() {
                return Err(self.at(&one.id, format!("bill `{}` appears twice", one.id.value)));
            }
        }
        Ok(bills)
    }

    fn bill(&self, one: &FileBill) -> Result<Bill, HouseholdError> {
        Ok(Bill {
            account_id: self.account_id(&one.account)?,
            price: self.money(&one.price)?,
            next_charge_on: self.coming(&one.next_charge_on, "next_charge_on")?,
            early_termination_fee: self.optional_money(one.early_termination_fee.as_ref())?,
            price_after_promo: self.optional_money(one.price_after_promo.as_ref())?,
            id: one.id.value.clone(),
            kind: one.kind,
            provider: one.provider.clone(),
            descriptor: one.descriptor.clone(),
            account_mask: one.account_mask.clone(),
            plan: one.plan.clone(),
            cadence: one.cadence,
            started_on: one.started_on,
            contract_ends_on: one.contract_ends_on,
            promo_ends_on: one.promo_ends_on,
            applied_offer: None,
        })
    }

    fn goal(&self, one: FileGoal) -> Result<Goal, HouseholdError> {
        Ok(Goal {
            target: self.money(&one.target)?,
            saved: self.money(&one.saved)?,
            id: one.id,
            name: one.name,
        })
    }

    fn liability(&self, one: &FileLiability) -> Result<Liability, HouseholdError> {
        let rate = |text: &Option<Text>| text.as_ref().map(|text| self.decimal(text)).transpose();
        Ok(Liability {
            account_id: self.account_id(&one.account)?,
            kind: one.kind,
            apr: self.decimal(&one.apr)?,
            cash_apr: rate(&one.cash_apr)?,
            balance_transfer_apr: rate(&one.balance_transfer_apr)?,
            minimum: self.money(&one.minimum)?,
            last_payment: self.optional_money(one.last_payment.as_ref())?,
            next_due_on: one.next_due_on,
            overdue: one.overdue,
        })
    }

    fn holding(&self, one: FileHolding) -> Result<Holding, HouseholdError> {
        Ok(Holding {
            account_id: self.account_id(&one.account)?,
            quantity: self.decimal(&one.quantity)?,
            price: self.decimal(&one.price)?,
            cost_basis: one.cost_basis.as_ref().map(|cost| self.decimal(cost)).transpose()?,
            symbol: one.symbol,
            name: one.name,
            priced_on: one.priced_on,
            currency: self.currency,
            cash_equivalent: one.cash_equivalent,
        })
    }

    /// The prices that held before their dates, earliest first.
    pub(super) fn prices(&self, all: &[FilePrice]) -> Result<Vec<(Date, Money)>, HouseholdError> {
        let mut prices =
            all.iter().map(|one| Ok((one.before, self.money(&one.price)?))).collect::<Result<Vec<_>, _>>()?;
        prices.sort_by_key(|(before, _)| *before);
        Ok(prices)
    }

    pub(super) fn account_id(&self, id: &Text) -> Result<String, HouseholdError> {
        if self.accounts.contains(&id.value) {
            return Ok(id.value.clone());
        }
        let known: Vec<&str> = self.accounts.iter().map(String::as_str).collect();
        Err(self.at(id, format!("no account `{}`; there are: {}", id.value, known.join(", "))))
    }

    pub(super) fn money(&self, text: &Text) -> Result<Money, HouseholdError> {
        Money::parse(&text.value, self.currency).map_err(|error| self.at(text, error.to_string()))
    }

    pub(super) fn optional_money(&self, text: Option<&Text>) -> Result<Option<Money>, HouseholdError> {
        text.map(|text| self.money(text)).transpose()
    }

    fn decimal(&self, text: &Text) -> Result<Decimal, HouseholdError> {
        text.value.parse().map_err(|_| self.at(text, format!("`{}` is not a decimal number", text.value)))
    }

    /// A date that must lie after `as_of`.
    fn coming(&self, date: &Spanned<Date>, field: &str) -> Result<Date, HouseholdError> {
        if date.value > self.as_of {
            return Ok(date.value);
        }
        Err(self.at(date, format!("`{field}` must lie after `as_of` ({})", self.as_of)))
    }

    pub(super) fn at<T>(&self, place: &Spanned<T>, problem: impl Into<String>) -> HouseholdError {
        at(self.path, place, problem)
    }
}

fn at<T>(path: &Path, place: &Spanned<T>, problem: impl Into<String>) -> HouseholdError {
    HouseholdError::at(path, Some(place.referenced.line()), problem)
}

/// The message without its place, which is told apart.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.rsplit_once(" at line ").map_or(line, |(message, _)| message).to_owned()
}
