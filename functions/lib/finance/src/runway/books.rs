//! The averages of a household's window: what counts, how often, and what happened only once.

use std::collections::{BTreeMap, BTreeSet};

use money::{Currency, Money, MoneyError, Rounding};

use super::{Figure, Household, Shares, Window};
use crate::category::Category;
use crate::flows::Flow;
use crate::recurrence::{Cadence, Direction, Stream};
use crate::transaction;

/// The sum of some flows, with their transactions.
pub(super) fn figure(flows: &[&Flow<'_>], currency: Currency) -> Result<Figure, MoneyError> {
    Ok(Figure {
        amount: Money::sum(flows.iter().map(|flow| flow.amount), currency)?,
        transaction_ids: flows.iter().map(|flow| flow.transaction.id.clone()).collect(),
        account_ids: Vec::new(),
    })
}

/// The flows of the window, apart from charges that come less than quarterly, which count by their streams.
pub(super) struct Books<'a> {
    /// The flows that count.
    pub flows: Vec<&'a Flow<'a>>,
    rare: Vec<&'a Stream>,
    /// How often each merchant occurs in the whole history.
    visits: BTreeMap<String, usize>,
    in_streams: BTreeSet<&'a str>,
    window: &'a Window,
    shares: Shares<'a>,
    currency: Currency,
}

impl<'a> Books<'a> {
    pub(super) fn new(
        household: &Household<'a>,
        window: &'a Window,
        flows: &'a [Flow<'a>],
        currency: Currency,
    ) -> Self {
        let is_rare = |stream: &&Stream| {
            stream.direction == Direction::Outflow
                && matches!(stream.cadence, Cadence::Annual | Cadence::SemiAnnual)
                && stream.monthly.currency == currency
        };
        let rare: Vec<&Stream> = household.streams.iter().filter(is_rare).collect();
        let of_rare = |id: &String| rare.iter().any(|stream| stream.transaction_ids.contains(id));
        let mut visits = BTreeMap::new();
        for one in transaction::settled(household.transactions) {
            *visits.entry(crate::merchant::key(one)).or_insert(0) += 1;
        }
        // Not collected: to collect a set sorts (see `order`).
        let mut in_streams = BTreeSet::new();
        in_streams.extend(household.streams.iter().flat_map(|one| &one.transaction_ids).map(String::as_str));
        Self {
            flows: flows.iter().filter(|flow| !of_rare(&flow.transaction.id)).collect(),
            rare: rare.iter().copied().filter(|stream| stream.is_active()).collect(),
            visits,
            in_streams,
            window,
            shares: Shares::of(window, flows, household.streams),
            currency,
        }
    }

    /// Outflows that happened once and are large: more than a quarter of an average month, at a merchant seen
    /// once.
    ///
    /// What everybody pays again, such as rent, is never one, even if it was seen once.
    pub(super) fn one_offs(&self) -> Result<Vec<&'a Flow<'a>>, MoneyError> {
        use Category::{DebtPayment, Groceries, Housing, Insurance, Utilities};
        let spending = self.spent(&[], Category::is_spending);
        let month = self.monthly(&spending, |_| false)?.amount;
        let limit = month.ratio(1, 4, Rounding::HalfUp)?;
        let once = |flow: &&Flow<'_>| {
            flow.category.is_spending()
                && !matches!(flow.category, DebtPayment | Groceries | Housing | Insurance | Utilities)
                && flow.amount > limit
                && self.visits.get(&flow.merchant_key) == Some(&1)
                && !self.in_streams.contains(flow.transaction.id.as_str())
        };
        Ok(self.flows.iter().copied().filter(once).collect())
    }

    /// The outflows of some categories, without the one-offs.
    pub(super) fn spent(&self, one_offs: &[&Flow<'_>], keep: fn(Category) -> bool) -> Vec<&'a Flow<'a>> {
        self.flows.iter().copied().filter(|flow| keep(flow.category) && !one_offs.contains(flow)).collect()
    }

    /// The average month of some flows, and the share of a month of the rare charges whose category is kept.
    pub(super) fn monthly(
        &self,
        flows: &[&Flow<'_>],
        keep: fn(Category) -> bool,
    ) -> Result<Figure, MoneyError> {
        let amount = self.shares.monthly(flows, Rounding::HalfUp, self.currency)?;
        self.with_rare(Figure { amount, ..figure(flows, self.currency)? }, keep)
    }

    /// The full month in which the essential flows come to least, where that is less than in the `average` month.
    pub(super) fn leanest(&self, flows: &[&Flow<'_>], average: &Figure) -> Result<Figure, MoneyError> {
        let mut months = vec![Vec::new(); self.window.full_months.len()];
        for flow in flows {
            let back = self.window.full_months.iter().position(|start| flow.date() >= *start);
            if let Some(month) = back.and_then(|back| months.get_mut(back)) {
                month.push(*flow);
            }
        }
        let mut leanest: Option<Figure> = None;
        for month in &months {
            let found = figure(month, self.currency)?;
            if leanest.as_ref().is_none_or(|best| found.amount < best.amount) {
                leanest = Some(found);
            }
        }
        let leanest = leanest.map(|month| self.with_rare(month, Category::is_essential)).transpose()?;
        Ok(leanest.filter(|month| month.amount <= average.amount).unwrap_or_else(|| average.clone()))
    }

    fn with_rare(&self, mut figure: Figure, keep: fn(Category) -> bool) -> Result<Figure, MoneyError> {
        for stream in self.rare.iter().filter(|stream| stream.category.is_spending() && keep(stream.category))
        {
            figure.amount = figure.amount.add(stream.monthly)?;
            figure.transaction_ids.extend(stream.transaction_ids.last().cloned());
        }
        Ok(figure)
    }

    pub(super) fn income(&self) -> Result<Figure, MoneyError> {
        let received = |flow: &&Flow<'_>| flow.category == Category::Income && flow.amount.is_negative();
        let income: Vec<&Flow<'_>> = self.flows.iter().copied().filter(received).collect();
        let amount = self.shares.monthly(&income, Rounding::HalfUp, self.currency)?.neg()?;
        Ok(Figure { amount, ..figure(&income, self.currency)? })
    }
}
