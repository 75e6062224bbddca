//! Expense audit: where the last three months' money went, and what can be reduced, ranked by what it saves.
//!
//! Every figure names the transactions it comes from. Savings are estimates: the whole price of a
//! subscription that can be cancelled, else the category's typical cut
//! ([`Category::typical_cut_basis_points`]); nothing is booked from them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use money::{Currency, Money, MoneyError, Rounding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::flows::{self, Flow};
use crate::order::sort_by;
use crate::recurrence::{Direction, Stream, StreamKind};
use crate::runway::{Household, Shares, Window};

/// What to do about an expense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuggestedAction {
    /// End the service.
    Cancel,
    /// Take a cheaper plan.
    Downgrade,
    /// Ask the provider for a better price.
    Negotiate,
    /// Spend less of it.
    Reduce,
}

/// Spending of one category over the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryTotal {
    /// The category.
    pub category: Category,
    /// Whether it is essential.
    pub essential: bool,
    /// Spent in the window, refunds taken off.
    pub total: Money,
    /// The same a month.
    pub monthly: Money,
    /// What it comes from.
    pub transaction_ids: Vec<String>,
}

/// One expense that can be reduced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReducibleExpense {
    /// Stable within a household: the stream's id, or `category:<name>`.
    pub id: String,
    /// Merchant or category to show.
    pub label: String,
    /// What it costs a month.
    pub monthly: Money,
    /// What reducing it would save a month, estimated.
    pub saving: Money,
    /// Its category.
    pub category: Category,
    /// Why it is on the list, for the user.
    pub reason: String,
    /// What to do about it.
    pub action: SuggestedAction,
    /// The recurring stream it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
    /// What its figures come from: of a stream [`Stream::evidence`], of a category every purchase in the window.
    pub transaction_ids: Vec<String>,
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// First day looked at.
    pub from: Date,
    /// Last day looked at.
    pub as_of: Date,
    /// Every category money was spent in or received as, largest spending first.
    pub categories: Vec<CategoryTotal>,
    /// What can be reduced, largest saving first.
    pub reducible: Vec<ReducibleExpense>,
    /// Sum of the savings.
    pub saving: Money,
}

/// Audits a household's last three months in one currency.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn audit(household: &Household<'_>, currency: Currency, as_of: Date) -> Result<Audit, MoneyError> {
    let window = Window::of(household.transactions, as_of);
    let flows = flows::flows(household.transactions, household.accounts, currency, (window.from, as_of));
    let shares = Shares::of(&window, &flows, household.streams);
    let mut reducible = Vec::new();
    let mut in_streams = BTreeSet::new();
    for stream in household.streams.iter().filter(|one| one.monthly.currency == currency) {
        in_streams.extend(stream.transaction_ids.iter().map(String::as_str));
        reducible.extend(from_stream(stream)?);
    }
    let loose: Vec<&Flow<'_>> =
        flows.iter().filter(|flow| !in_streams.contains(flow.transaction.id.as_str())).collect();
    for category in
        Category::ALL.into_iter().filter(|one| one.is_reducible() && *one != Category::Subscription)
    {
        reducible.extend(from_category(category, &loose, &window, &shares, currency)?);
    }
    sort_by(&mut reducible, |a, b| (-a.saving.minor, &a.id).cmp(&(-b.saving.minor, &b.id)));
    Ok(Audit {
        from: window.from,
        as_of,
        categories: totals(&flows, &shares, currency)?,
        saving: Money::sum(reducible.iter().map(|one| one.saving), currency)?,
        reducible,
    })
}

fn totals(
    flows: &[Flow<'_>],
    shares: &Shares<'_>,
    currency: Currency,
) -> Result<Vec<CategoryTotal>, MoneyError> {
    let mut by_category: BTreeMap<Category, Vec<&Flow<'_>>> = BTreeMap::new();
    for flow in flows {
        by_category.entry(flow.category).or_default().push(flow);
    }
    let mut totals = Vec::with_capacity(by_category.len());
    for (category, flows) in by_category {
        totals.push(CategoryTotal {
            category,
            essential: category.is_essential(),
            total: Money::sum(flows.iter().map(|flow| flow.amount), currency)?,
            monthly: shares.monthly(&flows, Rounding::HalfUp, currency)?,
            transaction_ids: flows.iter().map(|flow| flow.transaction.id.clone()).collect(),
        });
    }
    sort_by(&mut totals, |a, b| (-a.total.minor, a.category).cmp(&(-b.total.minor, b.category)));
    Ok(totals)
}

/// A running subscription or bill, if there is something to reduce about it.
fn from_stream(stream: &Stream) -> Result<Option<ReducibleExpense>, MoneyError> {
    let running = stream.is_active() && stream.direction == Direction::Outflow;
    let (action, cut) = match (stream.kind, stream.category) {
        (StreamKind::Subscription, _) => (SuggestedAction::Cancel, 10_000),
        (StreamKind::Bill, category) if category.is_negotiable() => {
            (SuggestedAction::Negotiate, category.typical_cut_basis_points())
        }
        (StreamKind::Bill, category) if category.is_reducible() => {
            (SuggestedAction::Reduce, category.typical_cut_basis_points())
        }
        (StreamKind::Other, Category::Fees) => {
            (SuggestedAction::Negotiate, Category::Fees.typical_cut_basis_points())
        }
        _ => return Ok(None),
    };
    if !running || (stream.monthly.is_zero() && !stream.in_trial()) {
        return Ok(None);
    }
    Ok(Some(ReducibleExpense {
        id: stream.id.clone(),
        label: stream.merchant.clone(),
        monthly: stream.monthly,
        saving: stream.monthly.basis_points(cut, Rounding::Floor)?,
        category: stream.category,
        reason: reason(stream, action),
        action,
        stream_id: Some(stream.id.clone()),
        transaction_ids: stream.evidence.clone(),
    }))
}

fn reason(stream: &Stream, action: SuggestedAction) -> String {
    if stream.in_trial() {
        return format!("A trial at {} is running and will be charged in full when it ends", stream.merchant);
    }
    let since = stream.first_date;
    let price = match &stream.price_change {
        Some(change) if change.to > change.from => {
            format!("; it rose from {} to {} on {}", change.from, change.to, change.on)
        }
        _ => String::new(),
    };
    match action {
        SuggestedAction::Cancel | SuggestedAction::Downgrade => {
            format!("Charged {} since {since}, {} a month{price}", stream.cadence.word(), stream.monthly)
        }
        SuggestedAction::Negotiate => {
            format!("A bill of {} a month since {since} whose price can be negotiated{price}", stream.monthly)
        }
        SuggestedAction::Reduce => {
            format!("A bill of about {} a month that follows use{price}", stream.monthly)
        }
    }
}

/// What was spent in a category outside of streams.
fn from_category(
    category: Category,
    loose: &[&Flow<'_>],
    window: &Window,
    shares: &Shares<'_>,
    currency: Currency,
) -> Result<Option<ReducibleExpense>, MoneyError> {
    let flows: Vec<&Flow<'_>> = loose.iter().copied().filter(|flow| flow.category == category).collect();
    let total = Money::sum(flows.iter().map(|flow| flow.amount), currency)?;
    if !total.is_positive() {
        return Ok(None);
    }
    let monthly = shares.monthly(&flows, Rounding::HalfUp, currency)?;
    let cut = category.typical_cut_basis_points();
    let label = category.label();
    Ok(Some(ReducibleExpense {
        id: format!("category:{}", label.to_lowercase().replace(' ', "-")),
        label: label.to_owned(),
        monthly,
        saving: monthly.basis_points(cut, Rounding::Floor)?,
        category,
        reason: format!(
            "{} purchases in {}, most at {}; households usually cut {} % here",
            flows.len(),
            window.in_words(),
            favourites(&flows, currency)?,
            cut / 100,
        ),
        action: SuggestedAction::Reduce,
        stream_id: None,
        transaction_ids: flows.iter().map(|flow| flow.transaction.id.clone()).collect(),
    }))
}

/// The two merchants most was spent at.
fn favourites(flows: &[&Flow<'_>], currency: Currency) -> Result<String, MoneyError> {
    let mut merchants: BTreeMap<&str, Money> = BTreeMap::new();
    for flow in flows {
        let spent = merchants.entry(&flow.merchant).or_insert(Money::zero(currency));
        *spent = spent.add(flow.amount)?;
    }
    let mut sorted: Vec<(&str, Money)> = merchants.into_iter().collect();
    sort_by(&mut sorted, |(a, a_spent), (b, b_spent)| (-a_spent.minor, a).cmp(&(-b_spent.minor, b)));
    let named: Vec<&str> = sorted.into_iter().take(2).map(|(name, _)| name).collect();
    Ok(named.join(" and "))
}
