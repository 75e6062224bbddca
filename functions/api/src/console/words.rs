//! How things are said: times, durations, states, and the small pieces that pages are made of.

use crate::view::{RunStatus, UndoTerms};
use events::{Category, ImpactKind};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use money::Money;
use statemachines::Reversibility;

/// A point in time. Without a script in UTC; our script says it in the reader's own time.
pub(crate) fn time(at: Timestamp) -> Markup {
    let utc = at.to_zoned(TimeZone::UTC);
    html! { time datetime=(format!("{at:.0}")) { (utc.strftime("%-d %b %Y, %H:%M")) " UTC" } }
}

/// A date, which is the same everywhere.
pub(crate) fn date(on: Date) -> Markup {
    html! { time.date datetime=(on) { (on.strftime("%-d %B %Y")) } }
}

/// How long something took: `45 s`, `3 min 24 s`, `2 h 5 min`, `3 days`.
pub(crate) fn lasting(seconds: u32) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..172_800 => match seconds % 3_600 / 60 {
            0 => format!("{} h", seconds / 3_600),
            minutes => format!("{} h {minutes} min", seconds / 3_600),
        },
        _ => format!("{} days", seconds / 86_400),
    }
}

/// About how much work is left: rounded to what anybody can use.
pub(crate) fn left(min: u32, max: u32) -> String {
    let minutes = |seconds: u32| seconds.div_ceil(60);
    match (minutes(min), minutes(max)) {
        (_, 0) => "a moment".to_owned(),
        (_, 1) => "about a minute".to_owned(),
        (low, high) if low == high || low == 0 => about(high),
        (low, high) if high <= 90 => format!("{low} to {high} min"),
        (low, high) => format!("{} to {}", about(low), about(high)),
    }
}

fn about(minutes: u32) -> String {
    match minutes {
        0..=90 => format!("{minutes} min"),
        91..=2_880 => format!("{} h", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1_440),
    }
}

/// How long something has been going on; our script counts on.
pub(crate) fn elapsed(since: Timestamp, now: Timestamp) -> Markup {
    let seconds = u32::try_from(now.duration_since(since).as_secs()).unwrap_or(0);
    html! { span.elapsed data-since=(format!("{since:.0}")) { (lasting(seconds)) } }
}

/// Whether what waits until then waits for good: what is to be undone by hand after a run's end has no deadline.
pub(crate) fn is_for_good(until: Timestamp) -> bool {
    until == Timestamp::MAX
}

/// An amount, its thousands apart: `$12,345.67`.
pub(crate) fn amount(amount: Money) -> String {
    let text = amount.to_string();
    let Some(begin) = text.find(|it: char| it.is_ascii_digit()) else { return text };
    let (sign, digits) = text.split_at(begin);
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

/// What follows the amount of an impact.
pub(crate) fn how_often(kind: ImpactKind) -> &'static str {
    if kind == ImpactKind::Fee { " once" } else { " a month" }
}

/// For how long a figure holds, where its end is known: ` for 6 months, until 1 January 2027`; ` for 6 months, which ended on …`.
pub(crate) fn term(kind: ImpactKind, months: Option<u32>, ends: Option<Date>, today: Date) -> Markup {
    let months = months.filter(|_| kind != ImpactKind::Fee);
    html! {
        @if let Some(months) = months {
            " for " @if months == 1 { "a month" } @else { (months) " months" }
            @match ends {
                Some(ends) if ends <= today => { ", which ended on " (date(ends)) },
                Some(ends) => { ", until " (date(ends)) },
                None => {},
            }
        }
    }
}

/// A share with its sign: `+2.3 %`, `-0.4 %`.
pub(crate) fn share(tenths_of_percent: i64) -> String {
    let sign = if tenths_of_percent > 0 { "+" } else { "" };
    format!("{sign}{} %", engine::fold::tenths(tenths_of_percent.into()))
}

/// The day of a moment.
pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// What kind of state it is.
pub(crate) fn look(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Executing => "live",
        RunStatus::Paused | RunStatus::RollingBack => "asks",
        RunStatus::Completed => "good",
        RunStatus::Failed | RunStatus::NeedsAttention => "bad",
        RunStatus::Queued
        | RunStatus::Validating
        | RunStatus::Ready
        | RunStatus::RolledBack
        | RunStatus::Stopped => "calm",
    }
}

/// The badge of a state. Told by its words and its sign, not by its colour alone.
pub(crate) fn badge(status: RunStatus) -> Markup {
    sign(status.words(), look(status))
}

/// The same of a run that is being ended: one that is stopped keeps what it did.
pub(crate) fn ending(status: RunStatus, stopping: bool) -> Markup {
    if stopping { sign("Stopping", "asks") } else { badge(status) }
}

fn sign(words: &str, kind: &str) -> Markup {
    let sign = match kind {
        "live" => "\u{25cf}",
        "asks" | "bad" => "!",
        "good" => "\u{2713}",
        _ => "\u{2013}",
    };
    html! { span class={ "badge " (kind) } { span aria-hidden="true" { (sign) " " } (words) } }
}

/// What a workflow is for.
pub(crate) fn category(category: Category) -> &'static str {
    match category {
        Category::Optimize => "Spend less for the same",
        Category::Protect => "Lower a risk",
        Category::Grow => "Earn or keep more",
        Category::Emergency => "Act now",
    }
}

/// Whether and until when something can be undone.
pub(crate) fn undoable(terms: UndoTerms) -> Markup {
    html! {
        @match (terms.reversibility, terms.until) {
            (Reversibility::Irreversible, _) => "Cannot be undone",
            (Reversibility::Compensable, _) => "Cannot be taken back; a new action makes up for it",
            (_, Some(until)) => { "Can be undone until " (time(until)) },
            (Reversibility::Reversible, None) => "Can be undone at any time",
            (Reversibility::UntilProvider, None) => "Can be undone as long as the provider allows it",
        }
    }
}

/// `bill-negotiator` → `Bill negotiator`; `read_transactions` → `Read transactions`.
pub(crate) fn title(id: &str) -> String {
    let spaced = id.replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

/// What a consent allows, in words a person would use.
pub(crate) fn consent(scope: &str) -> String {
    title(&statemachines::allowed_by(&[scope]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (seconds, expect) in [
            (0, "0 s"),
            (45, "45 s"),
            (60, "1 min"),
            (204, "3 min 24 s"),
            (7_200, "2 h"),
            (7_500, "2 h 5 min"),
            (259_200, "3 days"),
        ] {
            assert_eq!(lasting(seconds), expect);
        }
        for (cents, expect) in [(1_299, "$12.99"), (-123_456_789, "-$1,234,567.89"), (100_000, "$1,000.00")] {
            assert_eq!(amount(Money::usd(cents)), expect);
        }
        for (min, max, expect) in [
            (0, 0, "a moment"),
            (0, 40, "about a minute"),
            (0, 300, "5 min"),
            (480, 720, "8 to 12 min"),
            (600, 7_200, "10 min to 2 h"),
            (172_800, 604_800, "48 h to 7 days"),
        ] {
            assert_eq!(left(min, max), expect);
        }
    }
}
