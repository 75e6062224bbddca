//! Dates of things that come round: cadences, counted from an anchor so that month ends never drift.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

/// How often something comes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Every 7 days.
    Weekly,
    /// Every 14 days.
    Biweekly,
    /// On the same day of every month, or its last day where the month is shorter.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Annual,
}

impl Cadence {
    /// The span of `count` rounds; negative goes back.
    fn span(self, count: i32) -> Span {
        match self {
            Self::Weekly => (7 * i64::from(count)).days(),
            Self::Biweekly => (14 * i64::from(count)).days(),
            Self::Monthly => count.months(),
            Self::Quarterly => (3 * count).months(),
            Self::Annual => count.years(),
        }
    }

    /// The date `count` rounds after `anchor` (before it, when negative); the calendar's edge where it would leave it.
    #[must_use]
    pub fn nth(self, anchor: Date, count: i32) -> Date {
        anchor.saturating_add(self.span(count))
    }

    /// Every date of the series through `anchor` that lies in `from..=to`, in order.
    #[must_use]
    pub fn dates(self, anchor: Date, from: Date, to: Date) -> Vec<Date> {
        let mut dates = Vec::new();
        let mut count = self.rounds_before(anchor, from);
        loop {
            let date = self.nth(anchor, count);
            if date > to || date == Date::MAX {
                return dates;
            }
            if date >= from {
                dates.push(date);
            }
            count += 1;
        }
    }

    /// The first date of the series through `anchor` that lies after `day`.
    #[must_use]
    pub fn next_after(self, anchor: Date, day: Date) -> Date {
        let mut count = self.rounds_before(anchor, day);
        while self.nth(anchor, count) <= day {
            count += 1;
        }
        self.nth(anchor, count)
    }

    /// A count of rounds that surely lands on or before `day` and close to it.
    fn rounds_before(self, anchor: Date, day: Date) -> i32 {
        let days = days_between(anchor, day);
        let shortest_round = match self {
            Self::Weekly => 7,
            Self::Biweekly => 14,
            Self::Monthly => 28,
            Self::Quarterly => 89,
            Self::Annual => 365,
        };
        let longest_round = match self {
            Self::Monthly => 31,
            Self::Quarterly => 92,
            Self::Annual => 366,
            Self::Weekly | Self::Biweekly => shortest_round,
        };
        if days >= 0 { days / longest_round - 1 } else { days / shortest_round - 1 }
    }
}

/// Whole days from `from` to `to`, negative when `to` is earlier.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    from.duration_until(to).as_hours().checked_div(24).and_then(|days| i32::try_from(days).ok()).unwrap_or(0)
}

/// `day` plus `days`, kept inside the calendar.
#[must_use]
pub fn plus_days(day: Date, days: i32) -> Date {
    day.saturating_add(i64::from(days).days())
}

/// `day` plus `months`, kept inside the calendar and the month.
#[must_use]
pub fn plus_months(day: Date, months: u32) -> Date {
    day.saturating_add(i64::from(months).months())
}

/// Whole months from `from` to `to`; 0 when `to` is earlier.
#[must_use]
pub fn months_between(from: Date, to: Date) -> u32 {
    let mut months = 0;
    while plus_months(from, months + 1) <= to {
        months += 1;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn month_ends_come_back_to_their_day() {
        let dates = Cadence::Monthly.dates(date(2026, 1, 31), date(2026, 1, 1), date(2026, 4, 30));
        assert_eq!(dates, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]);
    }

    #[test]
    fn series_reach_back_before_their_anchor() {
        let check = |cadence: Cadence, from: Date, expect: &[Date]| {
            assert_eq!(cadence.dates(date(2026, 7, 5), from, date(2026, 6, 30)), expect, "{cadence:?}");
        };
        check(Cadence::Weekly, date(2026, 6, 15), &[date(2026, 6, 21), date(2026, 6, 28)]);
        check(Cadence::Biweekly, date(2026, 6, 1), &[date(2026, 6, 7), date(2026, 6, 21)]);
        check(Cadence::Quarterly, date(2025, 12, 1), &[date(2026, 1, 5), date(2026, 4, 5)]);
        check(Cadence::Annual, date(2024, 1, 1), &[date(2024, 7, 5), date(2025, 7, 5)]);
    }

    #[test]
    fn next_date_is_after_the_day_itself() {
        for cadence in
            [Cadence::Weekly, Cadence::Biweekly, Cadence::Monthly, Cadence::Quarterly, Cadence::Annual]
        {
            let anchor = date(2024, 2, 29);
            assert_eq!(cadence.next_after(anchor, anchor), cadence.nth(anchor, 1), "{cadence:?}");
            assert_eq!(cadence.next_after(anchor, plus_days(anchor, -1)), anchor, "{cadence:?}");
        }
    }

    #[test]
    fn tenure_counts_whole_months() {
        assert_eq!(months_between(date(2022, 11, 5), date(2026, 6, 30)), 43);
        assert_eq!(months_between(date(2026, 6, 30), date(2026, 6, 1)), 0);
    }
}
