//! Which accounts of a ledger are bank accounts, cards, loans or investments: by the words in their names, else by what
//! is done with them, as a ledger says it no other way.

use std::collections::{BTreeMap, BTreeSet};

use beancount_parser::Posting;
use money::Currency;
use rust_decimal::Decimal;

use super::ledger_amounts::amounts;

/// What an account of the ledger is to a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Everyday account.
    Checking,
    /// Savings account.
    Savings,
    /// Money market account.
    MoneyMarket,
    /// Credit card.
    Card,
    /// Mortgage or other loan.
    Loan,
    /// Cash and securities at one broker.
    Investment,
    /// Cash and securities of one retirement plan.
    Retirement,
}

/// The ledger's accounts that a bank would show.
pub(super) struct Chart {
    /// Ledger account to id and role.
    roles: BTreeMap<String, (String, Role)>,
    /// Id to name and role.
    accounts: BTreeMap<String, (String, Role)>,
}

impl Chart {
    /// Sorts the accounts that the postings of `transactions` touch.
    pub(super) fn of<'a>(
        transactions: impl Iterator<Item = &'a [Posting<Decimal>]>,
        currency: Currency,
    ) -> Self {
        let (mut names, mut holders, mut retirement) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut used = BTreeSet::new();
        for postings in transactions {
            used.extend(paid_from_or_into(postings, currency));
            let to_plan = postings.iter().any(|posting| is_retirement(posting.account.as_str()));
            for posting in postings {
                let name = posting.account.as_str();
                let operating = |code: &str| code == currency.code();
                if posting.cost.is_some() {
                    holders.insert(parent(name));
                }
                if posting.cost.is_some()
                    || posting.amount.as_ref().is_none_or(|amount| operating(amount.currency.as_str()))
                {
                    names.insert(name);
                }
                if to_plan {
                    retirement.insert(parent(name));
                }
            }
        }
        let mut chart = Self { roles: BTreeMap::new(), accounts: BTreeMap::new() };
        for name in names {
            let held_by =
                Some(parent(name)).filter(|parent| name.starts_with("Assets:") && holders.contains(parent));
            let (shown, role) = match (held_by, role_by_name(name)) {
                (Some(parent), _) if retirement.contains(parent) => (parent, Role::Retirement),
                (Some(parent), _) => (parent, Role::Investment),
                (None, Some(role)) => (name, role),
                (None, None) if used.contains(name) => (name, Role::Checking),
                (None, None) => continue,
            };
            let id = format!("acc_{}", shown.to_lowercase().replace(':', "_"));
            chart.roles.insert(name.to_owned(), (id.clone(), role));
            chart.accounts.insert(id, (shown.to_owned(), role));
        }
        chart
    }

    /// Id and role of a ledger account that a bank would show.
    pub(super) fn role(&self, name: &str) -> Option<(&str, Role)> {
        self.roles.get(name).map(|(id, role)| (id.as_str(), *role))
    }

    /// Whether there is an account that money can be paid from.
    pub(super) fn has_bank_account(&self) -> bool {
        let is_bank = |role: Role| matches!(role, Role::Checking | Role::Savings | Role::MoneyMarket);
        self.accounts.values().any(|(_, role)| is_bank(*role))
    }

    /// Id, name and role of every account that a bank would show.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (&str, &str, Role)> {
        self.accounts.iter().map(|(id, (name, role))| (id.as_str(), name.as_str(), *role))
    }
}

/// The asset accounts that a transaction pays an expense from or receives an income into, in the operating currency.
///
/// A thing that loses value, what others owe and what was paid in advance have such postings too.
fn paid_from_or_into(postings: &[Posting<Decimal>], currency: Currency) -> impl Iterator<Item = &str> {
    let has = |name: &str, words: &[&str]| words.iter().any(|word| name.to_lowercase().contains(word));
    let names = || postings.iter().map(|posting| posting.account.as_str());
    let spent = names().any(|name| name.starts_with("Expenses:") && !has(name, &["depreciation"]));
    let earned = names().any(|name| name.starts_with("Income:"));
    names().zip(amounts(postings, currency.code())).filter_map(move |(name, amount)| {
        let amount = amount.unwrap_or_default();
        let is_moved = spent && amount < Decimal::ZERO || earned && amount > Decimal::ZERO;
        let is_money = !has(name, &["receivable", "prepaid"]) && !is_retirement(name);
        (name.starts_with("Assets:") && is_money && is_moved).then_some(name)
    })
}

/// Whether an account has to do with a retirement plan. A plan itself is often named after its broker only; what
/// gives it away is that contributions to it name the plan.
fn is_retirement(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["401k", "403b", "retirement", "pension", "roth", ":ira"].iter().any(|word| lower.contains(word))
}

fn parent(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(parent, _)| parent)
}

fn role_by_name(name: &str) -> Option<Role> {
    let lower = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if lower.starts_with("assets:") {
        if has(&["checking", "current", "giro"]) {
            return Some(Role::Checking);
        }
        if has(&["moneymarket", "money-market"]) {
            return Some(Role::MoneyMarket);
        }
        return has(&["saving"]).then_some(Role::Savings);
    }
    if !lower.starts_with("liabilities:") || has(&["payable", "tax"]) {
        return None;
    }
    Some(if has(&["mortgage", "loan", "student"]) { Role::Loan } else { Role::Card })
}
