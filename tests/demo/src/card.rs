//! The progress card as lines of text. Pure: the same card at the same time gives the same lines.

use crate::wire::{Card, Completed, Current, Impact, UndoTerms};
use events::{ImpactKind, Reversibility};
use jiff::Timestamp;
use money::Money;

/// Cells of the progress bar.
const BAR: usize = 30;

/// Records that a figure's line names; of more, some are only counted.
const MOST_EVIDENCE: usize = 6;

/// The card at a time, no line wider than `width` characters.
pub fn lines(card: &Card, now: Timestamp, width: usize) -> Vec<String> {
    let mut lines = header(card);
    for step in &card.current {
        lines.push(String::new());
        lines.extend(current(step, now));
    }
    if !card.completed.is_empty() {
        lines.push(String::new());
        lines.push("Completed".to_owned());
        lines.extend(card.completed.iter().map(completed));
    }
    if !card.upcoming.is_empty() && !card.has_ended() {
        lines.push(String::new());
        lines.push("Upcoming".to_owned());
        lines.extend(card.upcoming.iter().map(|step| format!("  - {}", step.name)));
    }
    lines.push(String::new());
    lines.extend(live_impact(impact(card), card.has_ended()));
    lines.iter().map(|line| cut(line, width)).collect()
}

/// The one line that says most, for where lines cannot be redrawn.
pub fn line(card: &Card) -> String {
    let mut parts = vec![format!("{:>3} %", card.progress), card.status.clone()];
    for step in &card.current {
        let waits = if step.waiting_user { " (waits for you)" } else { "" };
        parts.push(format!("{}: {}{waits}", step.name, step.status));
    }
    if let Some(reason) = card.reason.as_ref().filter(|_| card.current.is_empty()) {
        parts.push(reason.clone());
    }
    parts.join("  ")
}

/// What each figure comes from.
pub fn sources(card: &Card) -> Vec<String> {
    let mut lines = Vec::new();
    for line in &impact(card).lines {
        let kind = match line.kind {
            ImpactKind::Savings => "saved",
            ImpactKind::SetAside => "put aside",
            ImpactKind::Income => "earned",
            ImpactKind::RiskReduced => "at less risk",
            ImpactKind::Fee => "in fees",
        };
        let often = if line.kind == ImpactKind::Fee { "once" } else { "a month" };
        lines.push(format!("  {} {often} {kind}: {}", line.monthly, line.label));
        lines.push(format!("      from {}", evidence(&line.evidence)));
    }
    lines
}

/// The calculated impact of a completed run, until then what its events told.
fn impact(card: &Card) -> &Impact {
    card.completion.as_ref().map_or(&card.impact, |it| &it.impact)
}

/// The first and the last of a long list, and how many are between them; the API has them all.
fn evidence(ids: &[String]) -> String {
    match ids {
        [head @ .., last] if ids.len() > MOST_EVIDENCE => {
            let shown = head.len().min(MOST_EVIDENCE - 2);
            format!("{}, {} more, {last}", head[..shown].join(", "), head.len() - shown)
        }
        _ => ids.join(", "),
    }
}

fn header(card: &Card) -> Vec<String> {
    let filled = usize::from(card.progress.min(100)) * BAR / 100;
    let bar = format!("[{}{}]", "#".repeat(filled), ".".repeat(BAR - filled));
    let left = match card.status.as_str() {
        "Executing" | "Paused" => {
            format!("about {} left", span(card.remaining_seconds.min, card.remaining_seconds.max))
        }
        "RollingBack" => "undoing what was done".to_owned(),
        status => status.to_owned(),
    };
    let mut lines = vec![card.name.clone(), format!("{bar} {} %, {left}", card.progress)];
    if let Some(reason) = &card.reason {
        lines.push(reason.clone());
    }
    lines
}

fn current(step: &Current, now: Timestamp) -> Vec<String> {
    let elapsed = u32::try_from((now.as_second() - step.since.as_second()).max(0)).unwrap_or(u32::MAX);
    let mut lines = vec![
        format!("{}... {} %", step.name, step.percent),
        format!("  Agent: {}", step.agent),
        format!("  Status: \"{}\"", step.status),
        format!("  Elapsed: {}", clock(elapsed)),
    ];
    lines.extend(step.figures.iter().map(|(label, figure)| format!("  {label}: {figure}")));
    if step.waiting_user {
        lines.push("  Waits for you".to_owned());
    }
    lines
}

fn completed(step: &Completed) -> String {
    let mark = match step.outcome.as_str() {
        "complete" => "\u{2713}",
        "skipped" => "-",
        "undone" => "\u{21b6}",
        _ => "\u{2717}",
    };
    let message = if step.message.is_empty() { String::new() } else { format!(": {}", step.message) };
    let undo = step.undo.as_ref().map(|terms| format!(" [{}]", undoable(terms))).unwrap_or_default();
    format!("  {mark} {} ({}){message}{undo}", step.name, length(step.seconds))
}

/// Whether and until when something can be undone.
pub(crate) fn undoable(terms: &UndoTerms) -> String {
    match (terms.reversibility, terms.until) {
        (Reversibility::Irreversible, _) => "cannot be undone".to_owned(),
        (Reversibility::Compensable, _) => "made up for by a new action".to_owned(),
        (_, Some(until)) => format!("can be undone until {}", until.strftime("%Y-%m-%d %H:%M UTC")),
        (Reversibility::UntilProvider, None) => "can be undone while the provider allows it".to_owned(),
        (Reversibility::Reversible, None) => "can be undone".to_owned(),
    }
}

fn live_impact(impact: &Impact, ended: bool) -> Vec<String> {
    let none = if ended { "nothing" } else { "nothing yet" }.to_owned();
    let a_month = |amount: Option<Money>| amount.filter(|it| !it.is_zero()).map(|it| format!("{it} a month"));
    let promised =
        impact.promised.filter(|it| !it.is_zero()).map(|it| format!(" ({it} promised)")).unwrap_or_default();
    // Nothing saved is a result once the run has ended, and it has an amount.
    let saved = impact.confirmed.filter(|it| ended || !it.is_zero()).map(|it| format!("{it} a month"));
    let mut lines = vec![
        if ended { "Impact" } else { "Live impact" }.to_owned(),
        format!("  \u{1f4b0} Savings so far: {}{promised}", saved.unwrap_or_else(|| none.clone())),
        format!("  \u{1f4c5} Annual projection: {}", impact.annual.map_or(none, |it| it.to_string())),
    ];
    if let Some(amount) = a_month(impact.set_aside) {
        lines.push(format!("  \u{1f3e6} Put aside: {amount}"));
    }
    if let Some(amount) = a_month(impact.income) {
        lines.push(format!("  \u{1f4bc} Extra income: {amount}"));
    }
    if let Some(amount) = a_month(impact.income_promised) {
        lines.push(format!("  \u{1f4bc} Extra income, promised: {amount}"));
    }
    if let Some(fees) = impact.fees {
        lines.push(format!("  \u{1f4b8} Fees, paid once: {fees}"));
    }
    if let Some(goal) = &impact.goal {
        let sign = if goal.tenths_of_percent < 0 { '-' } else { '+' };
        let tenths = goal.tenths_of_percent.unsigned_abs();
        let (whole, tenth) = (tenths / 10, tenths % 10);
        lines.push(format!(
            "  \u{1f3af} Goal impact: {sign}{whole}.{tenth} % progress on {} a year",
            goal.name
        ));
    }
    lines
}

/// `3:24`, `1:02:03`.
fn clock(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `45s`, `1m 20s`, `2h 5m`.
fn length(seconds: u32) -> String {
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3_599 => format!("{}m {}s", seconds / 60, seconds % 60),
        _ => format!("{}h {}m", seconds / 3_600, seconds / 60 % 60),
    }
}

/// `12 min`, `5 to 60 min`.
fn span(min: u32, max: u32) -> String {
    let (min, max) = (min.div_ceil(60), max.div_ceil(60));
    if min == max { format!("{max} min") } else { format!("{min} to {max} min") }
}

/// A line that does not wrap: a wrapped one would be redrawn in the wrong place.
fn cut(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(width.saturating_sub(1)).collect();
    short.push('\u{2026}');
    short
}

#[cfg(test)]
mod tests;
