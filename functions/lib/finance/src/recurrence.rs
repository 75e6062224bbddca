//! Recurring streams: which charges and deposits come again, how often, for how much, and when next.
//!
//! Per currency, direction and normalised merchant (a merchant's charges follow a re-issued card to its new
//! account), charges are fitted to a calendar: weekly, every two weeks, twice a month (money in only),
//! monthly, quarterly, every six months, yearly. A fit is kept when chance is a poor explanation for it: the
//! probability that as many unrelated purchases fall so close to one rhythm, weighed by how alike their
//! amounts are. So few charges must be punctual and equal, many may drift over weekends and month ends, a
//! utility's amount may vary, a month may be missed and a price may rise. At least three charges (two for a
//! yearly one) make a stream; two equal, punctual ones of a known subscription or bill make an early one.
//!
//! Bands and statuses follow Plaid's recurring streams
//! (<https://plaid.com/docs/api/products/transactions/#transactionsrecurringget>).

mod amounts;
mod build;
mod cadence;
mod groups;
mod series;
mod trial;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::order::sort_by;
use crate::transaction::Transaction;

/// How often a stream comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Every 7 days (5 to 9).
    Weekly,
    /// Every 14 days (12 to 16).
    Biweekly,
    /// Twice a month, such as the 15th and the last; wages only.
    SemiMonthly,
    /// Every month (24 to 35 days).
    Monthly,
    /// Every three months (85 to 100 days).
    Quarterly,
    /// Every six months.
    SemiAnnual,
    /// Every year (355 to 375 days).
    Annual,
    /// Not known yet: a trial that has not been charged in full.
    Unknown,
}

impl Cadence {
    /// From one charge to the next; a rhythm that is not known yet is taken for a month.
    pub(crate) fn span(self) -> Span {
        match self {
            Self::Weekly => 7.days(),
            Self::Biweekly => 14.days(),
            Self::SemiMonthly => 15.days(),
            Self::Monthly | Self::Unknown => 1.month(),
            Self::Quarterly => 3.months(),
            Self::SemiAnnual => 6.months(),
            Self::Annual => 1.year(),
        }
    }

    /// In words, for the user.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Biweekly => "every two weeks",
            Self::SemiMonthly => "twice a month",
            Self::Monthly | Self::Unknown => "monthly",
            Self::Quarterly => "quarterly",
            Self::SemiAnnual => "every six months",
            Self::Annual => "yearly",
        }
    }
}

/// Plaid's life cycle of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamStatus {
    /// Enough regular charges, the last one not overdue.
    Mature,
    /// Seen too few times to be sure.
    EarlyDetection,
    /// Overdue beyond its tolerance: it has ended.
    Tombstoned,
}

/// What a stream is to the household; only `Subscription` and `Bill` can be cancelled or negotiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// A service that can be cancelled.
    Subscription,
    /// Housing, utilities, telecommunications, insurance.
    Bill,
    /// Wages, pension, benefits.
    Payroll,
    /// Between own accounts or person to person.
    Transfer,
    /// Payment of a card's balance.
    CardPayment,
    /// Instalment of a loan.
    Loan,
    /// Anything else that recurs, such as taxes.
    Other,
}

/// Which way the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Into the account.
    Inflow,
    /// Out of the account.
    Outflow,
}

/// A trial before the full price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The $0 or $1 charge that started it.
    pub transaction_id: String,
    /// Its day.
    pub started: Date,
    /// Whether no full charge has followed yet.
    pub running: bool,
}

/// The latest lasting change of the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceChange {
    /// What it was.
    pub from: Money,
    /// What it is.
    pub to: Money,
    /// Day of the first charge at the new amount.
    pub on: Date,
}

/// One recurring stream. All amounts are positive, whatever the direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Stable while its first charge is in the history.
    pub id: String,
    /// The account of its latest charge.
    pub account_id: String,
    /// Merchant to show.
    pub merchant: String,
    /// Merchant key, as [`crate::merchant::normalise`] makes it.
    pub merchant_key: String,
    /// Category of its latest charge.
    pub category: Category,
    /// What it is to the household.
    pub kind: StreamKind,
    /// Which way the money goes.
    pub direction: Direction,
    /// How often it comes.
    pub cadence: Cadence,
    /// Where it is in its life.
    pub status: StreamStatus,
    /// Mean amount of its charges.
    pub average: Money,
    /// Amount of the latest charge.
    pub last: Money,
    /// What it comes to a month: from the current price where amounts are fixed, else from the mean of a
    /// year.
    pub monthly: Money,
    /// Day of the first charge.
    pub first_date: Date,
    /// Day of the latest charge.
    pub last_date: Date,
    /// Day the next one is expected; none once it has ended or while the rhythm is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_expected: Option<Date>,
    /// Whether every charge has the price of its time (no varying bill).
    pub fixed_amount: bool,
    /// The latest lasting change of price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_change: Option<PriceChange>,
    /// The trial it began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// The charges that `monthly` and `price_change` come from, oldest first: the evidence of these figures.
    pub evidence: Vec<String>,
    /// All its charges, oldest first.
    pub transaction_ids: Vec<String>,
}

impl Stream {
    /// Whether it is still running.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status != StreamStatus::Tombstoned
    }

    /// Whether its trial runs and nothing has been charged in full.
    #[must_use]
    pub fn in_trial(&self) -> bool {
        self.trial.as_ref().is_some_and(|trial| trial.running)
    }
}

/// Finds the recurring streams of a history as of a day; later transactions are ignored.
///
/// Ordered by direction, then monthly amount, largest first. Deterministic: the order of the input does not
/// matter.
#[must_use]
pub fn detect(transactions: &[Transaction], as_of: Date) -> Vec<Stream> {
    let settled = crate::transaction::settled(transactions);
    let mut streams: Vec<Stream> = groups::group(&settled, as_of)
        .iter()
        .flat_map(|group| {
            let mut found: Vec<Stream> =
                series::extract(group).iter().filter_map(|one| build::stream(group, one, as_of)).collect();
            found.extend(trial::running(group, &found, as_of));
            found
        })
        .collect();
    sort_by(&mut streams, |a, b| {
        let outflow_first = |stream: &Stream| stream.direction == Direction::Inflow;
        (outflow_first(a), -a.monthly.minor, &a.id).cmp(&(outflow_first(b), -b.monthly.minor, &b.id))
    });
    streams
}
