//! What agents say of outcomes.

use events::{Impact, ImpactKind, Outcome};
use money::{Currency, Money};

/// What the outcomes that are in force come to a month, what is paid once left out; what is in another currency than the first is left
/// out.
///
/// `None` when none of them has an amount.
pub fn monthly_total<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Option<Money> {
    let mut total: Option<Money> = None;
    for impact in outcomes.into_iter().flat_map(impacts).filter(|it| it.kind != ImpactKind::Fee) {
        total = Some(match total {
            Some(total) => total.add(impact.monthly).unwrap_or(total),
            None => impact.monthly,
        });
    }
    total
}

/// [`monthly_total`], and nothing in dollars where there is no amount.
pub fn monthly_total_or_nothing<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Money {
    monthly_total(outcomes).unwrap_or(Money::zero(Currency::USD))
}

/// What an outcome changed for the household.
pub fn impacts(outcome: &Outcome) -> &[Impact] {
    match outcome {
        Outcome::Done { impact, .. } => impact,
        _ => &[],
    }
}

/// `2 of 3` for a headline: how many of the outcomes are in force.
pub fn done_of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> (usize, usize) {
    outcomes.into_iter().fold((0, 0), |(done, all), outcome| {
        (done + usize::from(matches!(outcome, Outcome::Done { .. })), all + 1)
    })
}
