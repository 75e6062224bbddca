//! A report as text that reads well on a screen and on paper.

use super::{ItemOutcome, Moment, Recovery, ReportItem, ReportStep, RunReport};
use crate::view::card::{Impact, UndoTerms};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use statemachines::Reversibility;

/// The report, section by section; a section without lines is left out.
pub(super) fn of(report: &RunReport) -> String {
    let section = |title: &str, lines: Vec<String>| {
        if lines.is_empty() { String::new() } else { format!("\n{title}\n{}\n", lines.join("\n")) }
    };
    let items = |wanted: &[ItemOutcome]| -> Vec<String> {
        let lines = |step: &ReportStep| {
            let wanted = step.items.iter().filter(|it| wanted.contains(&it.outcome));
            wanted.map(|it| line(step, it)).collect::<Vec<_>>()
        };
        report.steps.iter().flat_map(lines).collect()
    };
    let found = report.steps.iter().filter(|step| step.outcome == "complete" && step.items.is_empty());
    let found = found.filter(|step| !step.headline.is_empty());
    let found = found.map(|step| format!("  \u{2713} {}: {}", step.name, step.headline));
    let done = found.chain(items(&[ItemOutcome::Done])).collect();
    let left = items(&[ItemOutcome::NotUndone, ItemOutcome::InDoubt]);
    [
        head(report),
        section("Done, and in force", done),
        section("Undone", items(&[ItemOutcome::Undone])),
        section("Not undone: may still be in force", left),
        section("Not done", items(&[ItemOutcome::NotDone, ItemOutcome::Open])),
        section("What it brings", impact(&report.impact)),
        section("How to reverse it yourself", report.recovery.iter().flat_map(recovery).collect()),
        section("What happened", report.timeline.iter().map(moment).collect()),
    ]
    .concat()
}

fn head(report: &RunReport) -> String {
    let mut lines = vec![format!("{}: {}", report.name, report.status.words()), report.outcome.clone()];
    lines.extend(report.reason.as_ref().map(|reason| format!("Why: {reason}")));
    let times = [("Started", report.started_at), ("Ended", report.ended_at)];
    let times = times.into_iter().filter_map(|(word, at)| at.map(|at| format!("{word} {}", minute(at))));
    lines.push(times.chain([format!("run {}", report.run_id)]).collect::<Vec<_>>().join(" \u{b7} "));
    lines.extend(report.cloud_cost.clone());
    lines.join("\n") + "\n"
}

fn line(step: &ReportStep, item: &ReportItem) -> String {
    let mark = match item.outcome {
        ItemOutcome::Done => "\u{2713}",
        ItemOutcome::Undone => "\u{21b6}",
        ItemOutcome::NotUndone | ItemOutcome::InDoubt => "!",
        ItemOutcome::NotDone | ItemOutcome::Open => "-",
    };
    let mut line = format!("  {mark} {}: {}", step.name, item.title);
    if !item.words.is_empty() && item.words != item.title {
        line = format!("{line}\n      {}", item.words);
    }
    let reference = (!item.reference.is_empty()).then(|| format!("reference {}", item.reference));
    let undo = item.undo.filter(|_| item.outcome == ItemOutcome::Done).map(undoable);
    let more: Vec<_> = reference.into_iter().chain(undo).collect();
    if more.is_empty() { line } else { format!("{line}\n      {}", more.join("; ")) }
}

/// Whether and until when something can be undone, in words.
fn undoable(terms: UndoTerms) -> String {
    match (terms.reversibility, terms.until) {
        (Reversibility::Irreversible, _) => "cannot be undone".to_owned(),
        (Reversibility::Compensable, _) => "cannot be taken back; a new action makes up for it".to_owned(),
        (_, Some(until)) => format!("can be undone until {}", minute(until)),
        (Reversibility::UntilProvider, None) => {
            "can be undone; the provider does not say until when".to_owned()
        }
        (Reversibility::Reversible, None) => "can be undone at any time".to_owned(),
    }
}

fn impact(impact: &Impact) -> Vec<String> {
    let amounts = [
        ("saved a month, read back from the provider", impact.confirmed),
        ("saved a month, promised and not yet read back", impact.promised),
        ("saved a month, seen on a statement", impact.realised),
        ("saved over the next twelve months", impact.annual),
        ("put aside a month", impact.set_aside),
        ("earned a month", impact.income),
        ("to earn a month, promised and not yet seen", impact.income_promised),
        ("of fees, paid once", impact.fees),
    ];
    let amounts = amounts.into_iter().filter_map(|(what, amount)| Some((what, amount?)));
    let amounts = amounts.filter(|(_, amount)| !amount.is_zero());
    let amounts = amounts.map(|(what, amount)| format!("  {amount} {what}"));
    let ending = impact.lines.iter().filter_map(|line| {
        let ends = line.ends?;
        Some(format!("  {} a month of it holds until {ends}: {}", line.monthly, line.label))
    });
    amounts.chain(ending).collect()
}

fn recovery(recovery: &Recovery) -> Vec<String> {
    let mut lines = vec![format!("  {}", recovery.name)];
    for item in &recovery.items {
        let reference =
            if item.reference.is_empty() { "none known".to_owned() } else { item.reference.clone() };
        lines.push(format!("    ! {} (reference: {reference})", item.title));
        if !item.why.is_empty() {
            lines.push(format!("      {}", item.why));
        }
    }
    lines.extend(recovery.steps.iter().enumerate().map(|(at, step)| format!("    {}. {step}", at + 1)));
    lines.push(format!("    Who helps: {}", recovery.contact));
    lines.push(format!("    What to keep as proof: {}", recovery.proof));
    lines.extend(recovery.task_id.iter().map(|task| format!("    Tell us when it is done: task {task}")));
    lines
}

fn moment(moment: &Moment) -> String {
    let step = moment.step.as_ref().filter(|step| !moment.message.contains(step.as_str()));
    let step = step.map(|step| format!("{step}: ")).unwrap_or_default();
    format!("  {} {step}{}", second(moment.at), moment.message)
}

fn minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn second(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
