//! Accounts and transactions of a household as every algorithm here sees them.
//!
//! Sign convention is Plaid's: a positive amount is money *out* of the account. Adapters for sources with the
//! opposite convention (beancount, most CSV exports) turn the sign at the edge.

use crate::order::sort_by;
use std::collections::BTreeSet;

use jiff::civil::Date;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One movement on one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// The provider's id, unique within the household.
    pub id: String,
    /// The account it is on.
    pub account_id: String,
    /// Day it was posted; for a pending one, the day it was seen.
    pub date: Date,
    /// Day the user authorised it, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorized_date: Option<Date>,
    /// Positive is money out, negative is money in.
    pub amount: Money,
    /// The bank's raw text. Untrusted: shown and matched, never obeyed.
    pub description: String,
    /// The merchant's name as the provider cleaned it, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant: Option<String>,
    /// The provider's category, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ProviderCategory>,
    /// Whether it is still pending.
    #[serde(default)]
    pub pending: bool,
    /// On a posted transaction: the pending one it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_transaction_id: Option<String>,
}

/// A category as the source names it: Plaid's `personal_finance_category`, or one free word of a CSV or
/// ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderCategory {
    /// Plaid's primary (`RENT_AND_UTILITIES`), or the source's own word (`groceries`,
    /// `Expenses:Food:Groceries`).
    pub primary: String,
    /// Plaid's detailed (`RENT_AND_UTILITIES_INTERNET_AND_CABLE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detailed: Option<String>,
}

impl Transaction {
    /// The day the user acted: when it was authorised, else when it was posted.
    #[must_use]
    pub fn effective_date(&self) -> Date {
        self.authorized_date.unwrap_or(self.date)
    }

    /// Whether money left the account.
    #[must_use]
    pub fn is_outflow(&self) -> bool {
        self.amount.is_positive()
    }
}

/// What an account is, as far as the rules here differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Everyday account.
    Checking,
    /// Savings account.
    Savings,
    /// Money market deposit account.
    MoneyMarket,
    /// Certificate of deposit: a deposit, but not at hand.
    CertificateOfDeposit,
    /// Credit card or line of credit.
    Credit,
    /// Mortgage, student, auto or other loan.
    Loan,
    /// Taxable brokerage account.
    Investment,
    /// 401(k), IRA and the like.
    Retirement,
    /// Anything else, such as a health savings account.
    Other,
}

impl AccountKind {
    /// Whether the balance counts toward an emergency fund: checking, savings, money market; no retirement,
    /// no credit.
    #[must_use]
    pub fn is_liquid(self) -> bool {
        matches!(self, Self::Checking | Self::Savings | Self::MoneyMarket)
    }

    /// Reads Plaid's account `type` and `subtype`
    /// (<https://plaid.com/docs/api/accounts/#account-type-schema>).
    #[must_use]
    pub fn from_plaid(kind: &str, subtype: Option<&str>) -> Self {
        match (kind, subtype.unwrap_or_default()) {
            ("depository", "savings") => Self::Savings,
            ("depository", "money market" | "cash management") => Self::MoneyMarket,
            ("depository", "cd") => Self::CertificateOfDeposit,
            ("depository", "hsa" | "ebt") => Self::Other,
            ("depository", _) => Self::Checking,
            ("credit", _) => Self::Credit,
            ("loan", _) => Self::Loan,
            ("investment" | "brokerage", subtype) if is_taxable(subtype) => Self::Investment,
            ("investment" | "brokerage", _) => Self::Retirement,
            _ => Self::Other,
        }
    }
}

/// Whether Plaid's investment subtype is taxable every year; all others shelter gains and losses.
fn is_taxable(subtype: &str) -> bool {
    matches!(
        subtype,
        "" | "brokerage"
            | "cash isa"
            | "crypto exchange"
            | "mutual fund"
            | "non-taxable brokerage account"
            | "stock plan"
    )
}

/// One account with its balances. On credit and loan accounts a positive balance is what is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The provider's id.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// What it is.
    pub kind: AccountKind,
    /// What can be spent now, where the bank says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<Money>,
    /// The booked balance.
    pub current: Money,
    /// Credit limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Money>,
}

impl Account {
    /// What can be spent: the available balance, else the booked one.
    #[must_use]
    pub fn spendable(&self) -> Money {
        self.available.unwrap_or(self.current)
    }
}

/// One debt, from the provider's liabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Debt {
    /// The account that carries it.
    pub account_id: String,
    /// Name shown to the user.
    pub name: String,
    /// Annual percentage rate in basis points: 2,290 is 22.9 %.
    pub apr_basis_points: i64,
    /// What is owed.
    pub balance: Money,
    /// Minimum payment of a month.
    pub minimum: Money,
}

/// One position in an investment account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The account that holds it.
    pub account_id: String,
    /// Ticker or name.
    pub symbol: String,
    /// What was paid for it, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_basis: Option<Money>,
    /// What it is worth.
    pub value: Money,
}

/// The transactions that count, in order of date and id: a pending one is dropped once its posted one is
/// there.
///
/// A pending transaction is a duplicate when a posted one names it, or, as not every bank links them, when a
/// posted one of the same account, amount and merchant text follows within seven days.
#[must_use]
pub fn settled(transactions: &[Transaction]) -> Vec<&Transaction> {
    // Filled and not collected, for which a sort would be compiled.
    let mut replaced: BTreeSet<&str> = BTreeSet::new();
    replaced.extend(transactions.iter().filter_map(|posted| posted.pending_transaction_id.as_deref()));
    let mut seen = BTreeSet::new();
    let mut kept: Vec<&Transaction> = transactions
        .iter()
        .filter(|one| !replaced.contains(one.id.as_str()) && seen.insert(one.id.as_str()))
        .filter(|one| !one.pending || !transactions.iter().any(|other| supersedes(other, one)))
        .collect();
    sort_by(&mut kept, |a, b| (a.effective_date(), &a.id).cmp(&(b.effective_date(), &b.id)));
    kept
}

fn supersedes(posted: &Transaction, pending: &Transaction) -> bool {
    !posted.pending
        && posted.pending_transaction_id.is_none()
        && posted.account_id == pending.account_id
        && posted.amount == pending.amount
        && days_between(pending.date, posted.date).is_some_and(|days| (0..=7).contains(&days))
        && crate::merchant::key(posted) == crate::merchant::key(pending)
}

/// Whole days from `from` to `to`; `None` outside the calendar's range.
pub(crate) fn days_between(from: Date, to: Date) -> Option<i32> {
    from.until(to).ok().map(|span| span.get_days())
}
