//! What a user arranges about what is done by hand: when it is due, when to be reminded, a note, and files that prove it.

use super::Task;
use crate::console::layout::encoded;
use crate::console::words;
use crate::view::Arranged;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

/// For how long one can be left alone, in words and hours.
const SNOOZES: [(&str, i64); 4] = [("3 hours", 3), ("a day", 24), ("3 days", 72), ("a week", 168)];

/// What is arranged, to be seen before anything else.
pub(super) fn summary(arranged: &Arranged) -> Markup {
    html! {
        @if let Some(until) = arranged.snoozed_until { p.notice { "Snoozed until " (words::time(until)) "." } }
        @if let [first, others @ ..] = arranged.reminders.as_slice() {
            p.quiet.small { "We remind you " (words::time(*first)) @for at in others { ", " (words::time(*at)) } "." }
        }
        @if !arranged.hand_over.is_empty() { div.notice { b { "Note: " } (arranged.hand_over) } }
    }
}

/// The files that are there, and adding one.
pub(super) fn proofs(task: &Task<'_>, arranged: &Arranged) -> Markup {
    let task_id = &task.question.request.task_id;
    let address = task.site.href(&format!("/tasks/{task_id}/proof"));
    let file = |name: &str| task.site.href(&format!("/tasks/{task_id}/files/{}", encoded(name)));
    html! {
        @if !arranged.proofs.is_empty() {
            ul.checks { @for it in &arranged.proofs { li.ok { span aria-hidden="true" { "\u{2713}" } span { a href=(file(&it.file)) { (it.name) } span.quiet { " \u{b7} received " (words::time(it.at)) } } } } }
        }
        p { a href=(address) { "Add a file that proves it" } }
    }
}

/// Forms that arrange it.
pub(super) fn forms(task: &Task<'_>, arranged: &Arranged) -> Markup {
    let request = &task.question.request;
    let address = task.site.href(&format!("/tasks/{}/arrangement", request.task_id));
    let form = |fields: Markup| {
        html! { form.stack method="post" action=(address) hx-post=(address) hx-target="closest article.task" hx-swap="morph:outerHTML" hx-ext="morph" { (fields) } }
    };
    html! {
        details #{ "arrange-" (request.task_id) } {
            summary { "Snooze, move the due date, or leave a note" }
            (form(html! {
                label { "Snooze for"
                    select name="snooze_hours" { @for (words, hours) in SNOOZES { option value=(hours) { (words) } } }
                }
                button type="submit" { "Snooze it" }
            }))
            (form(html! {
                label { "Due on" span.hint { "Until the end of that day, time zone " (task.zone.iana_name().unwrap_or("UTC")) }
                    input name="due" type="date" value=(day(arranged.due, task.zone)) required;
                }
                button type="submit" { "Move the due date" }
            }))
            (form(html! {
                label { "Hand-over note"
                    textarea name="hand_over" rows="3" maxlength="2000" { (arranged.hand_over) }
                }
                button type="submit" { "Save the note" }
            }))
        }
    }
}

/// The day by the user's clock, as a field of dates has it.
fn day(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).date().to_string()
}

/// The end of a day by the user's clock.
pub(crate) fn end_of(day: &str, zone: &TimeZone) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    zone.to_timestamp(day.at(23, 59, 0, 0)).ok()
}

/// So many hours from now.
pub(crate) fn hours_from(now: Timestamp, hours: &str) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_hours(hours.parse().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_when_it_does_by_its_users_clock() {
        let of = |zone: &str| notices::Preferences {
            zone: zone.to_owned(),
            ..notices::Preferences::of("u".parse().unwrap())
        };
        for (zone, end) in [
            ("UTC", "2026-07-03T23:59:00Z"),
            ("America/Phoenix", "2026-07-04T06:59:00Z"),
            ("Asia/Tokyo", "2026-07-03T14:59:00Z"),
        ] {
            let zone = of(zone).zone();
            let due = end_of("2026-07-03", &zone).unwrap();
            assert_eq!((due.to_string().as_str(), day(due, &zone).as_str()), (end, "2026-07-03"));
        }
        assert_eq!(end_of("soon", &TimeZone::UTC), None);
        let now = "2026-07-01T12:00:00Z".parse().unwrap();
        assert_eq!(hours_from(now, "24"), Some("2026-07-02T12:00:00Z".parse().unwrap()));
    }
}
