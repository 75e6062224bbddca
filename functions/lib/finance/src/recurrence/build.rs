//! A series as a [`Stream`]: its kind, status, price, next day and monthly equivalent.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use money::{Money, Rounding};

use super::amounts::{self, Likeness};
use super::cadence;
use super::groups::{Charge, Group};
use super::series::Series;
use super::{Cadence, Direction, PriceChange, Stream, StreamKind, StreamStatus, trial};
use crate::category::Category;

/// The stream of a series; none only where amounts or dates leave their ranges.
pub(super) fn stream(group: &Group<'_>, series: &Series<'_>, as_of: Date) -> Option<Stream> {
    let (first, last) = (series.charges.first()?, series.charges.last()?);
    let currency = last.transaction.amount.currency;
    let money = |minor: i64| Money::new(minor, currency);
    let fixed_amount = series.likeness == Likeness::Fixed;
    let next = next_after(last.date, &series.fit)?;
    let overdue = next.checked_add(grace(series.fit.cadence)).ok()? < as_of;
    let enough = if series.fit.cadence == Cadence::Annual { 2 } else { 3 };
    let status = match series.charges.len() {
        _ if overdue => StreamStatus::Tombstoned,
        charges if charges >= enough => StreamStatus::Mature,
        _ => StreamStatus::EarlyDetection,
    };
    let priced = priced_by(&series.charges, fixed_amount);
    let changed = if fixed_amount { price_change(&series.charges) } else { None };
    let (times, over) = per_month(series.fit.cadence);
    let trial = trial::before(group, series);
    let trial_id = trial.iter().map(|trial| trial.transaction_id.clone());
    Some(Stream {
        id: id(group, first),
        account_id: last.transaction.account_id.clone(),
        merchant: group.merchant.name.clone(),
        merchant_key: group.merchant.key.clone(),
        category: group.category,
        kind: kind(group, series),
        direction: group.direction,
        cadence: series.fit.cadence,
        status,
        average: money(mean(&series.charges)),
        last: money(last.minor),
        monthly: money(mean(priced)).ratio(times, over, Rounding::HalfUp).ok()?,
        first_date: first.date,
        last_date: last.date,
        next_expected: (!overdue).then_some(next),
        fixed_amount,
        price_change: changed.map(|(before, after)| PriceChange {
            from: money(before.minor),
            to: money(after.minor),
            on: after.date,
        }),
        evidence: evidence(changed, priced),
        transaction_ids: trial_id.chain(series.charges.iter().map(id_of)).collect(),
        trial,
    })
}

/// `stream:<merchant-key>:<first transaction>`.
pub(super) fn id(group: &Group<'_>, first: &Charge<'_>) -> String {
    format!("stream:{}:{}", group.merchant.key.replace(' ', "-"), first.transaction.id)
}

/// How often a year's charges fall in a month, as a fraction.
fn per_month(cadence: Cadence) -> (i64, i64) {
    match cadence {
        Cadence::Weekly => (52, 12),
        Cadence::Biweekly => (26, 12),
        Cadence::SemiMonthly => (2, 1),
        Cadence::Monthly => (1, 1),
        Cadence::Quarterly => (1, 3),
        Cadence::SemiAnnual => (1, 6),
        Cadence::Annual => (1, 12),
        Cadence::Unknown => (0, 1),
    }
}

/// How long after its day a charge may still come before the stream counts as ended.
fn grace(cadence: Cadence) -> Span {
    match cadence {
        Cadence::Weekly => 7.days(),
        Cadence::Biweekly | Cadence::SemiMonthly => 10.days(),
        Cadence::Monthly | Cadence::Unknown => 15.days(),
        Cadence::Quarterly | Cadence::SemiAnnual => 30.days(),
        Cadence::Annual => 45.days(),
    }
}

fn next_after(last: Date, fit: &cadence::Fit) -> Option<Date> {
    let in_months = |months: i32| {
        let (month, _) = cadence::nearest(last, fit.anchor);
        cadence::in_month(month + months, fit.anchor)
    };
    match fit.cadence {
        Cadence::Weekly => last.checked_add(7.days()).ok(),
        Cadence::Biweekly => last.checked_add(14.days()).ok(),
        Cadence::SemiMonthly => last.checked_add(15.days()).ok(),
        Cadence::Monthly | Cadence::Unknown => in_months(1),
        Cadence::Quarterly => in_months(3),
        Cadence::SemiAnnual => in_months(6),
        Cadence::Annual => in_months(12),
    }
}

/// The charges that the monthly amount is computed from: the latest where amounts are fixed, else those of the last year.
fn priced_by<'c, 'a>(charges: &'c [Charge<'a>], fixed: bool) -> &'c [Charge<'a>] {
    let Some(last) = charges.last() else { return charges };
    let from = charges.partition_point(|charge| last.day - charge.day >= 360);
    if fixed { std::slice::from_ref(last) } else { charges.get(from..).unwrap_or(charges) }
}

/// The charges that a stream's figures come from, oldest first.
fn evidence(changed: Option<(&Charge<'_>, &Charge<'_>)>, priced: &[Charge<'_>]) -> Vec<String> {
    let changed = changed.into_iter().flat_map(|(before, after)| [before, after]);
    let mut ids: Vec<String> = changed.chain(priced).map(id_of).collect();
    // The first charge at a new price may be the latest.
    ids.dedup();
    ids
}

fn id_of(charge: &Charge<'_>) -> String {
    charge.transaction.id.clone()
}

/// The mean in whole minor units, halves up; zero of nothing.
fn mean(charges: &[Charge<'_>]) -> i64 {
    let count = i128::try_from(charges.len()).unwrap_or(i128::MAX).max(1);
    let sum: i128 = charges.iter().map(|charge| i128::from(charge.minor)).sum();
    i64::try_from((sum * 2 + count) / (count * 2)).unwrap_or(i64::MAX)
}

/// The last charge at the price before the present one, and the first at the present.
fn price_change<'c, 'a>(charges: &'c [Charge<'a>]) -> Option<(&'c Charge<'a>, &'c Charge<'a>)> {
    let minors: Vec<i64> = charges.iter().map(|charge| charge.minor).collect();
    let at = *amounts::changes(&minors).last()?;
    Some((charges.get(at.checked_sub(1)?)?, charges.get(at)?))
}

fn kind(group: &Group<'_>, series: &Series<'_>) -> StreamKind {
    use Category::{
        Cable, CardPayment, DebtPayment, Entertainment, Giving, Health, Housing, Income, Insurance, Internet,
        Phone, Subscription, Tax, Transfer, Utilities,
    };
    // What a bank pays on a balance is no wage to save from.
    let on_capital = ["interest", "intrst", "dividend"].iter().any(|word| group.merchant.key.contains(word));
    match (group.direction, group.category) {
        (_, CardPayment) => StreamKind::CardPayment,
        (_, Transfer) => StreamKind::Transfer,
        (Direction::Inflow, Income) if !on_capital => StreamKind::Payroll,
        (Direction::Inflow, _) | (Direction::Outflow, Income | Tax | Giving) => StreamKind::Other,
        (Direction::Outflow, DebtPayment) => StreamKind::Loan,
        (Direction::Outflow, Cable | Housing | Insurance | Internet | Phone | Utilities) => StreamKind::Bill,
        (Direction::Outflow, Subscription | Entertainment) => StreamKind::Subscription,
        // An unknown merchant that takes one fixed, small sum a month sells a subscription.
        (Direction::Outflow, Health) => StreamKind::Other,
        (Direction::Outflow, _) if series.likeness == Likeness::Fixed && is_small(series) => {
            StreamKind::Subscription
        }
        (Direction::Outflow, _) => StreamKind::Other,
    }
}

/// At most a hundred major units.
fn is_small(series: &Series<'_>) -> bool {
    let limit = |charge: &Charge<'_>| 100 * 10_i64.pow(charge.transaction.amount.currency.exponent());
    series.charges.iter().all(|charge| charge.minor <= limit(charge))
}
