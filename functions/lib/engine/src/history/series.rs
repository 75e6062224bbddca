//! What was agreed, confirmed and realised, day by day.

use super::{DatedImpact, RunImpact};
use events::ImpactKind;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Currency;
use std::collections::BTreeMap;

/// All savings a month up to a day, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub date: Date,
    /// Agreed, confirmed or not. What is promised and not confirmed yet is what of it lies above `confirmed`.
    pub agreed: i64,
    /// Read back from providers.
    pub confirmed: i64,
    /// Seen in later charges.
    pub realised: i64,
}

/// One point a day, by the clock, on which something changed or ended until a day, earliest first. Savings of other currencies are
/// left out.
pub fn series(runs: &[RunImpact], currency: Currency, today: Date) -> Vec<Point> {
    let mut days: BTreeMap<Date, [i64; 3]> = BTreeMap::new();
    let lines = runs.iter().flat_map(|run| run.lines.iter().map(move |it| (run, it)));
    let is_told =
        |it: &DatedImpact| it.line.kind == ImpactKind::Savings && it.line.monthly.currency == currency;
    for (run, it) in lines.filter(|(_, it)| is_told(it)) {
        let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        let ends = it.ends();
        let realised = it.realised.as_ref().filter(|it| it.monthly.currency == currency);
        let certain = [
            (Some(day(it.promised_at)), it.line.monthly),
            (it.confirmed_at.map(day), it.line.monthly),
            (realised.map(|it| run.clock_day(it.on)), realised.map_or(it.line.monthly, |it| it.monthly)),
        ];
        for (which, (begins, monthly)) in certain.into_iter().enumerate() {
            // What was seen only after it had ended never was a saving at any time.
            let Some(begins) = begins.filter(|it| ends.is_none_or(|ends| *it < ends)) else { continue };
            days.entry(begins).or_default()[which] += monthly.minor;
            if let Some(ends) = ends.filter(|it| *it <= today) {
                days.entry(ends).or_default()[which] -= monthly.minor;
            }
        }
    }
    let mut so_far = [0; 3];
    let point = |(date, added): (Date, [i64; 3])| {
        so_far.iter_mut().zip(added).for_each(|(sum, more)| *sum += more);
        let [agreed, confirmed, realised] = so_far;
        Point { date, agreed, confirmed, realised }
    };
    days.into_iter().map(point).collect()
}
