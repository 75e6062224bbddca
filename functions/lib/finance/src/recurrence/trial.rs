//! Trials: a token charge of nothing or one dollar, then the full price, or nothing yet.

use jiff::civil::Date;
use money::Money;

use super::amounts::Likeness;
use super::groups::{Charge, Group};
use super::series::{self, Series};
use super::{Cadence, Direction, Stream, StreamKind, StreamStatus, Trial, build};
use crate::category::Category;

/// The longest a trial runs before the full price: 30 days is usual, some give 60.
const LONGEST_TRIAL_DAYS: i32 = 62;

/// The trial a series began with: the last token charge before its first full one.
pub(super) fn before(group: &Group<'_>, series: &Series<'_>) -> Option<Trial> {
    let first = series.charges.first()?;
    let starts = |charge: &&Charge<'_>| (1..=LONGEST_TRIAL_DAYS).contains(&(first.day - charge.day));
    let token = series::trial_tokens(group).into_iter().rev().find(starts)?;
    Some(trial(token, false))
}

/// Trials of a group that no stream has claimed: still running, or charged in full just once.
pub(super) fn running(group: &Group<'_>, found: &[Stream], as_of: Date) -> Option<Stream> {
    let known = matches!(group.category, Category::Subscription | Category::Entertainment);
    let token = series::trial_tokens(group).pop()?;
    let claimed = found.iter().any(|stream| stream.transaction_ids.contains(&token.transaction.id));
    let age = crate::transaction::days_between(token.date, as_of)?;
    if claimed || group.direction == Direction::Inflow || !known || age > LONGEST_TRIAL_DAYS {
        return None;
    }
    let after: Vec<&Charge<'_>> = group.charges.iter().filter(|charge| charge.day > token.day).collect();
    match after.as_slice() {
        [] if found.is_empty() => unconverted(group, token),
        [full] if found.is_empty() => converted(group, token, full, as_of),
        _ => None,
    }
}

fn trial(token: &Charge<'_>, running: bool) -> Trial {
    Trial { transaction_id: token.transaction.id.clone(), started: token.date, running }
}

fn unconverted(group: &Group<'_>, token: &Charge<'_>) -> Option<Stream> {
    let paid = token.transaction.amount.abs().ok()?;
    Some(Stream {
        id: build::id(group, token),
        account_id: token.transaction.account_id.clone(),
        merchant: group.merchant.name.clone(),
        merchant_key: group.merchant.key.clone(),
        category: group.category,
        kind: StreamKind::Subscription,
        direction: group.direction,
        cadence: Cadence::Unknown,
        status: StreamStatus::EarlyDetection,
        average: paid,
        last: paid,
        monthly: Money::zero(paid.currency),
        first_date: token.date,
        last_date: token.date,
        next_expected: None,
        fixed_amount: true,
        price_change: None,
        trial: Some(trial(token, true)),
        evidence: vec![token.transaction.id.clone()],
        transaction_ids: vec![token.transaction.id.clone()],
    })
}

/// One full charge after a token: taken as monthly until the next one tells.
fn converted(group: &Group<'_>, token: &Charge<'_>, full: &Charge<'_>, as_of: Date) -> Option<Stream> {
    let fit = super::cadence::Fit { cadence: Cadence::Monthly, anchor: full.date.day(), chance: 1 };
    let series = Series { charges: vec![*full], fit, likeness: Likeness::Fixed };
    let mut stream = build::stream(group, &series, as_of)?;
    stream.trial = Some(trial(token, false));
    stream.status = if stream.is_active() { StreamStatus::EarlyDetection } else { stream.status };
    Some(stream)
}
