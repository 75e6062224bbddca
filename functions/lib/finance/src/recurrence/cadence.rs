//! How well a row of days fits a calendar rhythm, and how likely chance alone would fit it as well.

use jiff::civil::Date;

use super::Cadence;

/// A million: probabilities are counted in parts of it, so no floating point is compared.
pub(super) const CERTAIN: u64 = 1_000_000;

/// How days lie on a rhythm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    /// The rhythm.
    pub cadence: Cadence,
    /// Day of the month the rhythm aims at, for rhythms of months.
    pub anchor: i8,
    /// Probability, in parts per million, that unrelated days lie so well on it.
    pub chance: u64,
}

/// What a rhythm is made of.
struct Rhythm {
    cadence: Cadence,
    /// Whole months between two charges, or 0 for rhythms of days.
    months: i32,
    /// Days between two charges.
    days: i32,
    /// How far a charge may lie from its day: weekends, month ends, holidays, late posting.
    tolerance: i32,
    /// Charges it takes.
    least: usize,
}

const RHYTHMS: [Rhythm; 6] = [
    Rhythm { cadence: Cadence::Weekly, months: 0, days: 7, tolerance: 2, least: 3 },
    Rhythm { cadence: Cadence::Biweekly, months: 0, days: 14, tolerance: 2, least: 3 },
    Rhythm { cadence: Cadence::Monthly, months: 1, days: 30, tolerance: 5, least: 3 },
    Rhythm { cadence: Cadence::Quarterly, months: 3, days: 91, tolerance: 7, least: 3 },
    Rhythm { cadence: Cadence::SemiAnnual, months: 6, days: 182, tolerance: 8, least: 3 },
    Rhythm { cadence: Cadence::Annual, months: 12, days: 365, tolerance: 10, least: 2 },
];

/// The rhythm that explains the days best, if one does. `days` ascend; equal days fit no rhythm.
pub(super) fn best(dates: &[Date], days: &[i32]) -> Option<Fit> {
    RHYTHMS.iter().filter_map(|rhythm| fit(rhythm, dates, days, rhythm.least)).min_by_key(|fit| fit.chance)
}

/// Whether two or more days lie a month apart: the start of a monthly stream.
pub(super) fn early_monthly(dates: &[Date], days: &[i32]) -> Option<Fit> {
    RHYTHMS
        .iter()
        .filter(|rhythm| rhythm.cadence == Cadence::Monthly)
        .find_map(|rhythm| fit(rhythm, dates, days, 2))
}

/// Twice a month on fixed days, as wages are paid: each half of the charges keeps its own day of the month.
pub(super) fn semi_monthly(dates: &[Date], days: &[i32]) -> Option<Fit> {
    if dates.len() < 4 || days.windows(2).any(|pair| !(10..=20).contains(&(pair[1] - pair[0]))) {
        return None;
    }
    let half = |parity: usize| -> Option<Fit> {
        let pick = |index: &usize| index % 2 == parity;
        let dates: Vec<Date> = (0..dates.len()).filter(pick).map(|index| dates[index]).collect();
        let days: Vec<i32> = (0..days.len()).filter(pick).map(|index| days[index]).collect();
        early_monthly(&dates, &days)
    };
    let (first, second) = (half(0)?, half(1)?);
    let chance = scaled(first.chance, second.chance, CERTAIN);
    Some(Fit { cadence: Cadence::SemiMonthly, anchor: first.anchor, chance })
}

fn fit(rhythm: &Rhythm, dates: &[Date], days: &[i32], least: usize) -> Option<Fit> {
    if days.len() < least {
        return None;
    }
    let placed = if rhythm.months == 0 { on_days(rhythm, days) } else { on_months(rhythm, dates) }?;
    let hits = i32::try_from(days.len()).ok()?;
    let slots = placed.slots + 1;
    let missed = slots - hits;
    // One missed period at first, a quarter of them later; nothing missed where two charges are all there is.
    if missed > (hits / 3).min(slots / 4 + 1) || (hits == 2 && missed > 0) {
        return None;
    }
    let window = u64::try_from(2 * placed.spread + 1).ok()?;
    let period = u64::try_from(rhythm.days).ok()?;
    let mut chance = CERTAIN;
    for _ in 1..hits {
        chance = scaled(chance, window.min(period), period);
    }
    for _ in 0..missed {
        chance = chance.saturating_mul(u64::try_from(slots).ok()?);
    }
    Some(Fit { cadence: rhythm.cadence, anchor: placed.anchor, chance: chance.max(1) })
}

fn scaled(value: u64, numerator: u64, denominator: u64) -> u64 {
    (value.saturating_mul(numerator) / denominator).max(1)
}

/// Where days came to lie on a rhythm.
struct Placed {
    /// Periods between the first and the last charge.
    slots: i32,
    /// Largest distance of a charge from its day.
    spread: i32,
    anchor: i8,
}

fn on_days(rhythm: &Rhythm, days: &[i32]) -> Option<Placed> {
    let (first, mut last_slot, mut low, mut high) = (*days.first()?, -1, 0, 0);
    for day in days {
        let slot = (day - first + rhythm.days / 2).div_euclid(rhythm.days);
        let off = day - first - slot * rhythm.days;
        (low, high) = (low.min(off), high.max(off));
        if slot <= last_slot {
            return None;
        }
        last_slot = slot;
    }
    // The grid may lie anywhere between the earliest and the latest offset.
    let spread = (high - low + 1) / 2;
    (spread <= rhythm.tolerance).then_some(Placed { slots: last_slot, spread, anchor: 0 })
}

fn on_months(rhythm: &Rhythm, dates: &[Date]) -> Option<Placed> {
    let anchors = (1..=31).filter(|day| dates.iter().any(|date| date.day() == *day));
    let placed = anchors.filter_map(|anchor| on_anchor(rhythm, dates, anchor));
    placed.min_by_key(|(spread_sum, placed)| (placed.spread, *spread_sum)).map(|(_, placed)| placed)
}

fn on_anchor(rhythm: &Rhythm, dates: &[Date], anchor: i8) -> Option<(i32, Placed)> {
    let (mut first, mut last, mut spread, mut sum) = (None, None, 0, 0);
    for date in dates {
        let (month, off) = nearest(*date, anchor);
        let first = *first.get_or_insert(month);
        if (month - first) % rhythm.months != 0 || last.is_some_and(|last| month <= last) {
            return None;
        }
        last = Some(month);
        spread = spread.max(off.abs());
        sum += off.abs();
    }
    let slots = (last? - first?) / rhythm.months;
    (spread <= rhythm.tolerance).then_some((sum, Placed { slots, spread, anchor }))
}

/// The month whose anchor day is nearest to a date, as months since year 0, and the distance in days.
///
/// Counted in whole numbers, as this is asked for every charge, anchor and rhythm.
pub(super) fn nearest(date: Date, anchor: i8) -> (i32, i32) {
    let (month, day) = (month_number(date), i32::from(date.day()));
    let aim = |month: i32| i32::from(anchor).clamp(1, days_in(month));
    let before = (month - 1, day + days_in(month - 1) - aim(month - 1));
    let same = (month, day - aim(month));
    let after = (month + 1, day - days_in(month) - aim(month + 1));
    let nearer = |a: (i32, i32), b: (i32, i32)| if b.1.abs() < a.1.abs() { b } else { a };
    nearer(nearer(before, same), after)
}

/// Days of a month, given as months since year 0.
fn days_in(month: i32) -> i32 {
    let year = month.div_euclid(12);
    match month.rem_euclid(12) {
        1 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// Months since year 0.
pub(super) fn month_number(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// The anchor day in a month, or the month's last day where it is shorter.
pub(super) fn in_month(month: i32, anchor: i8) -> Option<Date> {
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let first = Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1).ok()?;
    Date::new(first.year(), first.month(), anchor.clamp(1, first.days_in_month())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counted distance is the calendar's, for every day and anchor of five years with a leap day.
    #[test]
    fn nearest_agrees_with_the_calendar() {
        let mut date = Date::constant(2023, 1, 1);
        while date.year() < 2028 {
            for anchor in 1..=31 {
                let distance = |month: i32| {
                    crate::transaction::days_between(in_month(month, anchor).unwrap(), date).unwrap()
                };
                let (month, off) = nearest(date, anchor);
                assert_eq!(off, distance(month), "{date} {anchor}");
                let own = month_number(date);
                assert!(
                    (own - 1..=own + 1).all(|other| distance(other).abs() >= off.abs()),
                    "{date} {anchor}"
                );
            }
            date = date.tomorrow().unwrap();
        }
    }
}
