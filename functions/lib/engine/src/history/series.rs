//! What was promised, confirmed and realised, day by day.

use super::RunImpact;
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
    /// Agreed, confirmed or not.
    pub promised: i64,
    /// Read back from providers.
    pub confirmed: i64,
    /// Seen in later charges.
    pub realised: i64,
}

/// One point a day on which something changed, earliest first. Savings of other currencies are left out.
pub fn series(runs: &[RunImpact], currency: Currency) -> Vec<Point> {
    let mut days: BTreeMap<Date, [i64; 3]> = BTreeMap::new();
    let lines = runs.iter().flat_map(|run| &run.lines);
    for it in lines.filter(|it| it.line.kind == ImpactKind::Savings && it.line.monthly.currency == currency) {
        let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        days.entry(day(it.promised_at)).or_default()[0] += it.line.monthly.minor;
        if let Some(at) = it.confirmed_at {
            days.entry(day(at)).or_default()[1] += it.line.monthly.minor;
        }
        if let Some(realised) = it.realised.as_ref().filter(|it| it.monthly.currency == currency) {
            days.entry(realised.on).or_default()[2] += realised.monthly.minor;
        }
    }
    let mut so_far = [0; 3];
    let point = |(date, added): (Date, [i64; 3])| {
        so_far.iter_mut().zip(added).for_each(|(sum, more)| *sum += more);
        let [promised, confirmed, realised] = so_far;
        Point { date, promised, confirmed, realised }
    };
    days.into_iter().map(point).collect()
}
