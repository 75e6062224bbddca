//! How alike the amounts of a row of charges are, and where a price changed for good.

use crate::order::sort_by;

/// How alike amounts are, from the most to the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// One price (within 2 %, as foreign exchange and tax move it), or one price after another.
    Fixed,
    /// Within 10 % of the middle one.
    Banded,
    /// A bill that follows use: the largest at most six times the smallest.
    Varying,
    /// No likeness.
    Wild,
}

impl Likeness {
    /// By how much chance is made less (above 1,000) or more (below) likely an explanation, in thousandths.
    pub(super) fn weight(self) -> u64 {
        match self {
            Self::Fixed => 20_000,
            Self::Banded => 5_000,
            Self::Varying => 1_000,
            Self::Wild => 100,
        }
    }
}

/// Whether two amounts are the same price: within 2 %, at least one minor unit.
pub(super) fn same_price(a: i64, b: i64) -> bool {
    a.abs_diff(b) <= (a.max(b) / 50).max(1).unsigned_abs()
}

/// How alike amounts in order of time are.
pub(super) fn likeness(minors: &[i64]) -> Likeness {
    let mut sorted = minors.to_vec();
    sort_by(&mut sorted, Ord::cmp);
    let (Some(&least), Some(&most)) = (sorted.first(), sorted.last()) else {
        return Likeness::Wild;
    };
    let middle = sorted[sorted.len() / 2];
    if is_stepped(minors) {
        Likeness::Fixed
    } else if (most - middle).max(middle - least) <= middle / 10 {
        Likeness::Banded
    } else if most <= least.saturating_mul(6) {
        Likeness::Varying
    } else {
        Likeness::Wild
    }
}

/// One price after another: at most one change per three charges, every price within a factor of three of the
/// next.
fn is_stepped(minors: &[i64]) -> bool {
    let changes = changes(minors);
    let near = |at: &usize| {
        let (before, after) = (minors[at - 1], minors[*at]);
        before.max(after) <= before.min(after).saturating_mul(3)
    };
    changes.is_empty() || (changes.len() * 3 <= minors.len() && changes.iter().all(near))
}

/// Where an amount differs from the one before.
pub(super) fn changes(minors: &[i64]) -> Vec<usize> {
    (1..minors.len()).filter(|at| !same_price(minors[at - 1], minors[*at])).collect()
}
