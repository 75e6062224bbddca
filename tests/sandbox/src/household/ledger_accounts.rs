//! Which accounts of a ledger are bank accounts, cards, loans or investments: by the words in their names, as a ledger
//! says it no other way.

use std::collections::{BTreeMap, BTreeSet};

use beancount_parser::Posting;
use money::Currency;
use rust_decimal::Decimal;

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
        for postings in transactions {
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

    /// Id, name and role of every account that a bank would show.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (&str, &str, Role)> {
        self.accounts.iter().map(|(id, (name, role))| (id.as_str(), name.as_str(), *role))
    }
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
