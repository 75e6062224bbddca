//! What a user arranges about what is done by hand: when it is due, when to be reminded, a note, and files that prove it.

use super::Task;
use crate::console::layout::encoded;
use crate::console::words;
use crate::view::Arranged;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

/// For how long one can be left alone, in words and hours.
const SNOOZES: [(&str, i64); 4] = [("3 hours", 3), ("a day", 24), ("3 days", 72), ("a week", 168)];

/// What is arranged, to be seen before anything else.
pub(super) fn summary(arranged: &Arranged) -> Markup {
    html! {
        @if let Some(until) = arranged.snoozed_until { p.notice { "Put off until " (words::time(until)) "." } }
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
            summary { "Not now, or somebody else" }
            (form(html! {
                label { "Leave me alone for"
                    select name="snooze_hours" { @for (words, hours) in SNOOZES { option value=(hours) { (words) } } }
                }
                button type="submit" { "Put it off" }
            }))
            (form(html! {
                label { "Due on" input name="due" type="date" value=(day(arranged.due)) required; }
                button type="submit" { "Move the due date" }
            }))
            (form(html! {
                label { "Note for whoever goes on with it"
                    textarea name="hand_over" rows="3" maxlength="2000" { (arranged.hand_over) }
                }
                button type="submit" { "Keep the note" }
            }))
        }
    }
}

fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// The end of a day, in UTC.
pub(crate) fn end_of(day: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.at(23, 59, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// So many hours from now.
pub(crate) fn hours_from(now: Timestamp, hours: &str) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_hours(hours.parse().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_its_end() {
        assert_eq!(end_of("2026-07-03"), Some("2026-07-03T23:59:00Z".parse().unwrap()));
        assert_eq!(end_of("soon"), None);
        let now = "2026-07-01T12:00:00Z".parse().unwrap();
        assert_eq!(hours_from(now, "24"), Some("2026-07-02T12:00:00Z".parse().unwrap()));
    }
}
