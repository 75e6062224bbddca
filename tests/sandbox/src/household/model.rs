//! A household as the sandbox's providers know it, whatever file it came from.
//!
//! Amounts on transactions follow Plaid: positive is money out of the account. The readers beside this module turn
//! the sign where their source does otherwise.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::services::{Bill, Gig, MarketOffer, Person, Retention, Subscription};

/// Everything the providers know about one person on one date.
#[derive(Debug, Clone)]
pub struct Household {
    /// The user the household belongs to; Plaid's `override_username`.
    pub user_id: String,
    /// Name of the person.
    pub name: String,
    /// Currency of every amount that names none.
    pub currency: Currency,
    /// The household's last date: balances and next dates are as of this day.
    pub as_of: Date,
    /// Where the bills are delivered and offers are looked for.
    pub address: Address,
    /// Linked accounts.
    pub accounts: Vec<Account>,
    /// All movements by date and id; those after [`Household::as_of`] become visible as the clock moves.
    pub transactions: Vec<Transaction>,
    /// Subscriptions by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Bills by id.
    pub bills: BTreeMap<String, Bill>,
    /// How each biller's retention desk behaves, by bill id; a bill without an entry is refused flatly.
    pub retention: BTreeMap<String, Retention>,
    /// Competing offers at the address.
    pub offers: Vec<MarketOffer>,
    /// Work on offer.
    pub gigs: Vec<Gig>,
    /// What the person can do and when.
    pub person: Person,
    /// What the person saves for.
    pub goals: Vec<Goal>,
    /// Terms of the debts.
    pub liabilities: Vec<Liability>,
    /// Securities held.
    pub holdings: Vec<Holding>,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default)]
    pub street: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// State or region.
    #[serde(default)]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default)]
    pub postal_code: Option<String>,
}

/// A linked account. On credit and loan accounts a positive balance is what is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's id.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// The bank's own name for the product.
    pub official_name: Option<String>,
    /// Plaid's account type.
    pub kind: AccountType,
    /// Plaid's account subtype.
    pub subtype: String,
    /// Last digits of the number.
    pub mask: Option<String>,
    /// Booked balance at [`Household::as_of`].
    pub balance: Money,
    /// Available balance where the source forces one; else booked less pending.
    pub available: Option<Money>,
    /// Credit limit.
    pub limit: Option<Money>,
}

/// Plaid's account type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// Checking, savings and the like.
    Depository,
    /// Credit card or line of credit.
    Credit,
    /// Mortgage, student, auto or other loan.
    Loan,
    /// Brokerage or retirement.
    Investment,
    /// None of the others.
    Other,
}

impl AccountType {
    /// The word Plaid uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Depository => "depository",
            Self::Credit => "credit",
            Self::Loan => "loan",
            Self::Investment => "investment",
            Self::Other => "other",
        }
    }
}

/// One movement on one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// Unique within the household.
    pub id: String,
    /// The account it is on.
    pub account_id: String,
    /// Positive is money out of the account.
    pub amount: Money,
    /// The day it happened; pending from here.
    pub date: Date,
    /// The day it is booked; never before `date`.
    pub posted_on: Date,
    /// The bank's raw text.
    pub name: String,
    /// The cleaned merchant, where known.
    pub merchant: Option<String>,
    /// Plaid's detailed personal finance category.
    pub category: String,
    /// While pending the amount was this one, until the given day (a tip, a fuel hold).
    pub held: Option<Hold>,
}

/// A pending amount that was corrected before the transaction posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The amount first held.
    pub amount: Money,
    /// The day the pending amount was corrected; after `date` and before `posted_on`.
    pub corrected_on: Date,
}

/// What the person saves for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goal {
    /// Unique within the household.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// The amount aimed at.
    pub target: Money,
    /// What is put aside so far.
    pub saved: Money,
}

/// Terms of one debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liability {
    /// The account that carries it.
    pub account_id: String,
    /// Whether it is a card, a student loan or a mortgage.
    pub kind: LiabilityKind,
    /// Purchase rate of a card, or the loan's rate, in percent.
    pub apr: Decimal,
    /// Rate of cash advances.
    pub cash_apr: Option<Decimal>,
    /// Rate of transferred balances.
    pub balance_transfer_apr: Option<Decimal>,
    /// Minimum payment of a month.
    pub minimum: Money,
    /// The last payment.
    pub last_payment: Option<Money>,
    /// When the next payment is due.
    pub next_due_on: Option<Date>,
    /// Whether a payment is late.
    pub overdue: bool,
}

/// Kinds of debt that Plaid keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiabilityKind {
    /// A credit card.
    Credit,
    /// A student loan.
    Student,
    /// A mortgage.
    Mortgage,
}

/// One position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The account that holds it.
    pub account_id: String,
    /// Ticker.
    pub symbol: String,
    /// Name of the security.
    pub name: Option<String>,
    /// Units held.
    pub quantity: Decimal,
    /// Price of a unit.
    pub price: Decimal,
    /// The day of the price.
    pub priced_on: Option<Date>,
    /// What was paid for the whole position.
    pub cost_basis: Option<Decimal>,
    /// Currency of price and cost.
    pub currency: Currency,
    /// Whether it is cash in all but name.
    pub cash_equivalent: bool,
}
