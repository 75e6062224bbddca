//! The three months that averages are over, and how much of a month what happened in them comes to.
//!
//! A history may begin within the window. What is bought then counts by the days that it covers, so that a few days
//! are no whole month. What comes once a month does not: whether the days covered show one charge of it or two, it
//! costs one a month.

use jiff::ToSpan;
use jiff::civil::Date;
use money::{Currency, Money, MoneyError, Rounding};

use crate::category::Category;
use crate::flows::Flow;
use crate::recurrence::{Cadence, Stream};
use crate::transaction::{Transaction, days_between};

/// A shorter history is taken for one of so many days: of a week nobody can tell what a month costs.
const LEAST_DAYS: i64 = 28;
/// Charges that come monthly are at least so many days apart.
const MONTHLY_GAP: i32 = 24;
/// Months of a window.
const MONTHS: i64 = 3;

/// The three months up to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// First days of the months that the history covers from their first day, latest first.
    pub full_months: Vec<Date>,
    days: i64,
    covered: i64,
}

impl Window {
    /// The window up to a day.
    #[must_use]
    pub fn of(transactions: &[Transaction], as_of: Date) -> Self {
        let mut full_months: Vec<Date> = (1..=3).filter_map(|back| months_before(as_of, back)).collect();
        let from = full_months.last().copied().unwrap_or(as_of);
        let first = transactions.iter().map(Transaction::effective_date).min().unwrap_or(as_of);
        full_months.retain(|start| first <= *start);
        let length = |first: Date| days_between(first, as_of).map_or(LEAST_DAYS, |days| i64::from(days) + 1);
        let days = length(from).max(LEAST_DAYS);
        Self { from, full_months, days, covered: length(first).clamp(LEAST_DAYS, days) }
    }

    /// Days of the window that the history covers, at least 28.
    #[must_use]
    pub fn days_covered(&self) -> i64 {
        self.covered
    }

    /// What a sum over the days covered comes to in an average month, a third of the window.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn monthly(&self, total: Money, rounding: Rounding) -> Result<Money, MoneyError> {
        total.ratio(self.days, MONTHS * self.covered, rounding)
    }

    /// The days covered, for the user.
    pub(crate) fn in_words(&self) -> String {
        if self.covered == self.days { format!("{MONTHS} months") } else { format!("{} days", self.covered) }
    }

    /// How often what comes monthly is seen in the days covered, at least.
    fn least_charges(&self) -> usize {
        usize::try_from(self.covered * MONTHS / self.days).unwrap_or(1)
    }
}

/// The first day of the window that begins so many months back: the day after the same day of that month.
fn months_before(as_of: Date, months: i32) -> Option<Date> {
    as_of.checked_sub(months.months()).ok()?.tomorrow().ok()
}

/// How much of a month each flow of a window stands for.
pub(crate) struct Shares<'a> {
    window: &'a Window,
    flows: &'a [Flow<'a>],
    streams: &'a [Stream],
}

impl<'a> Shares<'a> {
    /// `flows` are all of the window.
    pub(crate) fn of(window: &'a Window, flows: &'a [Flow<'a>], streams: &'a [Stream]) -> Self {
        Self { window, flows, streams }
    }

    /// What some of the flows come to in an average month.
    pub(crate) fn monthly(
        &self,
        flows: &[&Flow<'_>],
        rounding: Rounding,
        currency: Currency,
    ) -> Result<Money, MoneyError> {
        let zero = Money::zero(currency);
        let mut bought = zero;
        // What comes monthly, by how many charges there are of it, so that each sum is rounded once.
        let mut charged: Vec<(usize, Money)> = Vec::new();
        for flow in flows {
            let count = self.charges_like(flow);
            let sum = match (count, charged.iter().position(|(known, _)| *known == count)) {
                (0, _) => &mut bought,
                (_, Some(at)) => &mut charged[at].1,
                (_, None) => {
                    charged.push((count, zero));
                    let last = charged.len() - 1;
                    &mut charged[last].1
                }
            };
            *sum = sum.add(flow.amount)?;
        }
        let mut monthly = self.window.monthly(bought, rounding)?;
        for (count, sum) in charged {
            monthly = monthly.add(sum.ratio(1, i64::try_from(count).unwrap_or(i64::MAX), rounding)?)?;
        }
        Ok(monthly)
    }

    /// How many charges there are of what comes monthly; 0 of anything else, and over whole months, where each is a third.
    fn charges_like(&self, flow: &Flow<'_>) -> usize {
        if self.window.covered == self.window.days {
            return 0;
        }
        let alike = |other: &&Flow<'_>| {
            other.merchant_key == flow.merchant_key && other.amount.is_negative() == flow.amount.is_negative()
        };
        let charges: Vec<&Flow<'_>> = self.flows.iter().filter(alike).collect();
        if self.comes_monthly(&charges) { charges.len() } else { 0 }
    }

    /// Whether a merchant's charges are those of something that comes once a month: a month apart, as many as there
    /// must be, and known to come again. A bill is known by its kind, wages by coming twice, and all else by its stream.
    fn comes_monthly(&self, charges: &[&Flow<'_>]) -> bool {
        let Some(first) = charges.first() else { return false };
        let apart = charges
            .windows(2)
            .all(|pair| days_between(pair[0].date(), pair[1].date()).is_some_and(|days| days >= MONTHLY_GAP));
        let known = match first.category {
            category if category.is_bill() => true,
            Category::Income => charges.len() > 1,
            _ => self.streams.iter().any(|stream| {
                stream.cadence == Cadence::Monthly && stream.transaction_ids.contains(&first.transaction.id)
            }),
        };
        apart && known && charges.len() >= self.window.least_charges()
    }
}
