//! How long what a run brought holds: a promotional price ends, and from then on it is no saving any more.

use super::{DatedImpact, RunImpact};
use crate::LiveImpact;
use crate::card::ImpactLine;
use crate::run::Run;
use events::ImpactKind;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit};

/// The first day on which a line that began then does not hold any more. None where its end is not known, and for what is paid once.
fn ends(line: &ImpactLine, began: Timestamp) -> Option<Date> {
    let months = line.months.filter(|_| line.kind != ImpactKind::Fee)?;
    Some(began.to_zoned(TimeZone::UTC).date().saturating_add(i64::from(months).months()))
}

/// What is left of a line at a day, with the months that it still holds, a month that has begun counted whole; none once it has ended.
fn left(line: &ImpactLine, ends: Option<Date>, today: Date) -> Option<ImpactLine> {
    let Some(ends) = ends else { return Some(line.clone()) };
    let months = today.until((Unit::Month, ends)).map_or(0, |it| {
        let begun = i32::from(it.get_days() > 0);
        it.get_months() + begun
    });
    let months = u32::try_from(months).unwrap_or(0).min(line.months.unwrap_or(u32::MAX));
    (ends > today).then(|| ImpactLine { months: Some(months), ..line.clone() })
}

impl DatedImpact {
    /// The first day on which it does not hold any more, where that is known.
    pub fn ends(&self) -> Option<Date> {
        ends(&self.line, self.confirmed_at.unwrap_or(self.promised_at))
    }

    /// The same with what is left of it at a day; none once it has ended.
    pub(super) fn left(&self, today: Date) -> Option<Self> {
        Some(Self { line: left(&self.line, self.ends(), today)?, ..self.clone() })
    }
}

impl RunImpact {
    /// The same with what is left of it at a day.
    pub(super) fn left(&self, today: Date) -> Self {
        let lines = self.lines.iter().filter_map(|it| it.left(today)).collect();
        Self { lines, ..self.clone() }
    }
}

/// The first day on which a line of a run does not hold any more, where that is known: it counts from the end of its step.
pub fn ends_of(line: &ImpactLine, run: &Run) -> Option<Date> {
    let step = line.step_id.as_ref().and_then(|step| run.entry(step).ended_at);
    ends(line, step.or(run.ended_at)?)
}

/// What a run has brought, its sums without what has ended by a day. Every line is still listed.
#[must_use]
pub fn in_force(impact: LiveImpact, run: &Run, today: Date) -> LiveImpact {
    let lines: Vec<_> =
        impact.items.iter().filter_map(|line| left(line, ends_of(line, run), today)).collect();
    if lines == impact.items {
        return impact;
    }
    LiveImpact { goal: impact.goal, items: impact.items, ..crate::fold::sums(lines) }
}
