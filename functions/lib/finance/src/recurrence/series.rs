//! Which charges of a group make a series: all of them, those of one price, or those nearest to one day of
//! the month.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::amounts::{self, Likeness};
use super::cadence::{self, Fit};
use super::groups::{Charge, Group};
use super::{Cadence, Direction};
use crate::category::Category;
use crate::order::sort_by;

/// A row of charges on one rhythm, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Series<'a> {
    /// Its charges.
    pub charges: Vec<Charge<'a>>,
    /// Its rhythm.
    pub fit: Fit,
    /// How alike its amounts are.
    pub likeness: Likeness,
}

/// Chance must explain a series with less than one percent, in parts per million.
const UNLIKELY: u64 = 10_000;

/// The same where people simply like to go: shops, cafés, fares.
const UNLIKELY_FOR_VISITS: u64 = 20;

/// The series of a group. A charge belongs to one series at most.
pub(super) fn extract<'a>(group: &Group<'a>) -> Vec<Series<'a>> {
    let trials = trial_tokens(group);
    let is_trial =
        |charge: &&Charge<'a>| trials.iter().any(|token| token.transaction.id == charge.transaction.id);
    let paid: Vec<Charge<'a>> = group.charges.iter().filter(|charge| !is_trial(charge)).copied().collect();
    if let Some(whole) = accept(group, &paid, 1) {
        return vec![whole];
    }
    let mut rest = paid;
    let mut found = Vec::new();
    for price in prices(&rest) {
        let (same, other): (Vec<_>, Vec<_>) =
            rest.iter().partition(|charge| amounts::same_price(charge.minor, price));
        let (series, left) = of_one_price(group, same);
        found.extend(series);
        rest = other;
        rest.extend(left);
        sort_by(&mut rest, |a, b| a.day.cmp(&b.day));
    }
    let mut found = chain(group, found);
    if let Some(series) = accept(group, &rest, 1).or_else(|| punctual(group, &rest, 1, true)) {
        found.push(series);
    } else if found.is_empty() {
        found.extend(early(group, &rest));
    }
    found
}

/// The charges that may have started a trial: token amounts, as long as there are few, for a trial is not
/// repeated.
pub(super) fn trial_tokens<'a, 'b>(group: &'b Group<'a>) -> Vec<&'b Charge<'a>> {
    let tokens: Vec<&Charge<'a>> = group.charges.iter().filter(|charge| is_token(charge)).collect();
    if tokens.len() > 2 { Vec::new() } else { tokens }
}

/// Whether a charge is of the token amount that starts a trial: at most one major unit.
fn is_token(charge: &Charge<'_>) -> bool {
    charge.minor <= 10_i64.pow(charge.transaction.amount.currency.exponent())
}

/// The charges as one series, if chance is a poor explanation. `ways` is how many selections were tried.
fn accept<'a>(group: &Group<'a>, charges: &[Charge<'a>], ways: u64) -> Option<Series<'a>> {
    let (dates, days, minors) = columns(charges);
    let likeness = amounts::likeness(&minors);
    let fits = [cadence::best(&dates, &days), wages(group, &dates, &days)];
    let fit = fits.into_iter().flatten().min_by_key(|fit| fit.chance)?;
    if !plausible(group, &fit, likeness) {
        return None;
    }
    let doubt = fit.chance.saturating_mul(ways).saturating_mul(1_000) / likeness.weight();
    let bar = if is_visited(group) { UNLIKELY_FOR_VISITS } else { UNLIKELY };
    (doubt <= bar).then(|| Series { charges: charges.to_vec(), fit, likeness })
}

fn wages(group: &Group<'_>, dates: &[Date], days: &[i32]) -> Option<Fit> {
    (group.direction == Direction::Inflow).then(|| cadence::semi_monthly(dates, days)).flatten()
}

/// What no number of charges makes a stream: wild amounts, weekly spending that varies, weekly visits.
fn plausible(group: &Group<'_>, fit: &Fit, likeness: Likeness) -> bool {
    let often = matches!(fit.cadence, Cadence::Weekly | Cadence::Biweekly);
    let spends = group.direction == Direction::Outflow;
    match likeness {
        Likeness::Wild => false,
        Likeness::Varying if spends && often => false,
        // Two charges a year apart must at least cost about the same.
        Likeness::Varying if fit.cadence == Cadence::Annual => false,
        _ => !(spends && often && is_visited(group)),
    }
}

/// Whether the merchant is somewhere people go when they feel like it.
fn is_visited(group: &Group<'_>) -> bool {
    use Category::{Dining, Entertainment, Groceries, Shopping, Transport, Travel};
    group.direction == Direction::Outflow
        && matches!(group.category, Dining | Entertainment | Groceries | Shopping | Transport | Travel)
}

/// The prices that occur, most frequent first.
fn prices(charges: &[Charge<'_>]) -> Vec<i64> {
    let mut minors: Vec<i64> = charges.iter().map(|charge| charge.minor).collect();
    sort_by(&mut minors, Ord::cmp);
    minors.dedup();
    let count = |price: i64| charges.iter().filter(|charge| amounts::same_price(charge.minor, price)).count();
    let mut counted: Vec<(usize, i64)> = minors.into_iter().map(|price| (count(price), price)).collect();
    counted.retain(|(count, _)| *count >= 2);
    sort_by(&mut counted, |a, b| b.cmp(a));
    counted.into_iter().map(|(_, price)| price).collect()
}

/// The series among charges of one price, and the charges left over.
fn of_one_price<'a>(group: &Group<'a>, charges: Vec<Charge<'a>>) -> (Vec<Series<'a>>, Vec<Charge<'a>>) {
    let ways = ways_to_choose(group, charges.len());
    if let Some(series) = accept(group, &charges, ways) {
        return (vec![series], Vec::new());
    }
    let (mut found, mut rest) = (Vec::new(), charges);
    while let Some(series) = punctual(group, &rest, ways, false) {
        rest.retain(|charge| {
            series.charges.iter().all(|taken| taken.transaction.id != charge.transaction.id)
        });
        found.push(series);
    }
    (found, rest)
}

/// The monthly series of the charges nearest to one day of the month. With `most`, three quarters must belong
/// to it.
fn punctual<'a>(group: &Group<'a>, charges: &[Charge<'a>], ways: u64, most: bool) -> Option<Series<'a>> {
    let (first, last) = (charges.first()?, charges.last()?);
    let months = usize::try_from((last.day - first.day) / 28 + 2).ok()?;
    // One charge a month at most is picked: a place visited more often has no chance of three quarters.
    if charges.len() < 3 || (most && months * 4 < charges.len() * 3) {
        return None;
    }
    let anchors = (1..=31).filter(|day| charges.iter().any(|charge| charge.date.day() == *day));
    let candidate = |anchor: i8| {
        let picked = nearest_each_month(charges, anchor);
        let enough = picked.len() >= 3 && (!most || picked.len() * 4 >= charges.len() * 3);
        enough
            .then(|| accept(group, &picked, ways.saturating_mul(ways_to_pick(charges.len(), picked.len()))))
            .flatten()
    };
    anchors
        .filter_map(candidate)
        .min_by_key(|series| (series.fit.chance, series.charges.first().map(|c| c.day)))
}

/// How many times likelier a fit is for being one price among others: the more other charges there are, the
/// more prices could have been the one that fits, in three usual rhythms.
fn ways_to_choose(group: &Group<'_>, chosen: usize) -> u64 {
    let others = u64::try_from(group.charges.len().saturating_sub(chosen)).unwrap_or(u64::MAX);
    others.saturating_mul(3).saturating_add(1)
}

/// How many times likelier a fit is for having been picked out of more charges: where there are twice as
/// many, each of the picked ones had two chances to lie near its day; and the day was picked too.
fn ways_to_pick(all: usize, picked: usize) -> u64 {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let mut ways_thousandths = count(all).saturating_mul(1_000);
    for _ in 1..picked {
        ways_thousandths = ways_thousandths.saturating_mul(count(all)) / count(picked).max(1);
    }
    (ways_thousandths / 1_000).max(1)
}

fn nearest_each_month<'a>(charges: &[Charge<'a>], anchor: i8) -> Vec<Charge<'a>> {
    let mut months: BTreeMap<i32, (i32, Charge<'a>)> = BTreeMap::new();
    for charge in charges {
        let (month, off) = cadence::nearest(charge.date, anchor);
        if off.abs() <= 4 && months.get(&month).is_none_or(|(best, _)| off.abs() < *best) {
            months.insert(month, (off.abs(), *charge));
        }
    }
    months.into_values().map(|(_, charge)| charge).collect()
}

/// Joins a series to the one that takes over its rhythm at another price.
fn chain<'a>(group: &Group<'a>, mut found: Vec<Series<'a>>) -> Vec<Series<'a>> {
    let begins = |series: &Series<'_>| series.charges.first().map(|first| first.day);
    sort_by(&mut found, |a, b| begins(a).cmp(&begins(b)));
    let mut chained: Vec<Series<'a>> = Vec::new();
    for series in found {
        let joined = chained.iter().position(|before| ends_before(before, &series)).and_then(|at| {
            let together: Vec<Charge<'a>> =
                chained[at].charges.iter().chain(&series.charges).copied().collect();
            let joined = accept(group, &together, 1)?;
            Some((at, joined)).filter(|(_, joined)| joined.likeness == Likeness::Fixed)
        });
        match joined {
            Some((at, joined)) => chained[at] = joined,
            None => chained.push(series),
        }
    }
    chained
}

fn ends_before(before: &Series<'_>, after: &Series<'_>) -> bool {
    let last = before.charges.last().map(|charge| charge.day);
    last < after.charges.first().map(|charge| charge.day)
}

/// Two equal, punctual charges of a service that is known to be charged by the month.
fn early<'a>(group: &Group<'a>, charges: &[Charge<'a>]) -> Option<Series<'a>> {
    use Category::{Cable, Housing, Insurance, Internet, Phone, Subscription};
    let known = matches!(group.category, Cable | Housing | Insurance | Internet | Phone | Subscription);
    if !known || group.direction == Direction::Inflow || charges.len() != 2 {
        return None;
    }
    let (dates, days, minors) = columns(charges);
    let fit = cadence::early_monthly(&dates, &days)?;
    let likeness = amounts::likeness(&minors);
    let doubt = fit.chance.saturating_mul(1_000) / likeness.weight();
    (likeness == Likeness::Fixed && doubt <= UNLIKELY).then(|| Series {
        charges: charges.to_vec(),
        fit,
        likeness,
    })
}

fn columns(charges: &[Charge<'_>]) -> (Vec<Date>, Vec<i32>, Vec<i64>) {
    let dates = charges.iter().map(|charge| charge.date).collect();
    let days = charges.iter().map(|charge| charge.day).collect();
    (dates, days, charges.iter().map(|charge| charge.minor).collect())
}
