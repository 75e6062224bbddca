//! The words of a notice. A title may stand on a locked screen; amounts and what others wrote are in the lines alone.

use crate::kind::NoticeKind;
use crate::telling::{Around, Fact};
use engine::Task;
use events::{Choice, Impact, ImpactKind, ImpactStage, TaskKind, WorkflowEvent};
use serde::Deserialize;

/// The longest line that is taken over, in characters.
const LONGEST: usize = 500;

pub(crate) fn title(kind: NoticeKind, fact: &Fact, around: Around<'_>) -> String {
    let workflow = around.workflow.unwrap_or("Your workflow");
    match kind {
        NoticeKind::Question => format!("{workflow} needs your answer"),
        NoticeKind::Reminder => format!("{workflow} still needs your answer"),
        NoticeKind::Help => format!("{workflow} is paused and needs your help"),
        NoticeKind::ByHand => format!("{workflow} needs you to undo something"),
        NoticeKind::Completed => format!("{workflow} is completed"),
        NoticeKind::Stopped => format!("{workflow} was stopped"),
        NoticeKind::Failed => format!("{workflow} could not be started"),
        NoticeKind::RolledBack => format!("{workflow} was undone"),
        NoticeKind::NeedsAttention => format!("{workflow} could not be undone completely, please look at it"),
        NoticeKind::Savings => brought(impact(fact).as_ref(), workflow),
        NoticeKind::RiskReduced => format!("{workflow} has lowered a risk"),
        NoticeKind::GoalProgress => "You are nearer to a goal".to_owned(),
        NoticeKind::Partial => format!("{workflow} had to leave something out"),
        NoticeKind::Held => format!("{workflow} waits for a service that is down"),
        NoticeKind::Achievement
        | NoticeKind::Suggestion
        | NoticeKind::Recommendation
        | NoticeKind::Digest => named(fact),
    }
}

/// What a run brought, by its kind: money put aside is no saving, and what is promised is not saved yet.
fn brought(impact: Option<&Impact>, workflow: &str) -> String {
    match impact.map(|it| (it.kind, it.stage)) {
        Some((ImpactKind::SetAside, _)) => format!("{workflow} has set money aside"),
        Some((ImpactKind::Income, ImpactStage::Promised)) => format!("{workflow} was promised extra income"),
        Some((ImpactKind::Income, _)) => format!("{workflow} brings you extra income"),
        Some((_, ImpactStage::Promised)) => format!("{workflow} was promised a saving"),
        Some((_, ImpactStage::Realised)) => format!("What {workflow} saved shows in your charges"),
        _ => format!("{workflow} has saved you money"),
    }
}

/// What an event says that a run brought.
fn impact(fact: &Fact) -> Option<Impact> {
    let Fact::Run(event) = fact else { return None };
    event.data.details.get("impact").and_then(|it| Impact::deserialize(it).ok())
}

/// The title of a fact that has a name of its own.
fn named(fact: &Fact) -> String {
    match fact {
        Fact::Achieved { title, .. } => format!("Achieved: {title}"),
        Fact::Suggested(next) => format!("What you could do next: {}", next.name),
        Fact::Recommended(made) => {
            let first = made.actions.iter().find(|it| it.available).map_or("Something to do", |it| &it.name);
            format!("Recommended for you: {first}")
        }
        Fact::Run(event) => event.data.message.clone(),
    }
}

pub(crate) fn lines(kind: NoticeKind, fact: &Fact, around: Around<'_>) -> Vec<String> {
    let lines = match fact {
        Fact::Run(event) => of_run(kind, event, impact(fact).as_ref(), around),
        Fact::Suggested(next) => next.reasons.clone(),
        Fact::Recommended(made) => {
            made.actions.iter().find(|it| it.available).map(|it| it.reasons.clone()).unwrap_or_default()
        }
        Fact::Achieved { reason, .. } => vec![reason.clone()],
    };
    lines.into_iter().filter(|it| !it.is_empty()).map(|it| cut(&it, LONGEST)).collect()
}

fn of_run(
    kind: NoticeKind,
    event: &WorkflowEvent,
    impact: Option<&Impact>,
    around: Around<'_>,
) -> Vec<String> {
    let mut lines = Vec::new();
    match around.step {
        // An alert names its step itself.
        Some(step) if kind != NoticeKind::Help => lines.push(format!("{step}: {}", event.data.message)),
        _ => lines.push(event.data.message.clone()),
    }
    lines.extend(around.task.and_then(to_decide));
    match impact {
        // Its own figure; what the run has brought so far may not count it yet. Some have it in their sentence.
        Some(it) if it.kind == ImpactKind::RiskReduced || it.stage == ImpactStage::Realised => {}
        Some(it) => {
            let holds = match it.months {
                None => String::new(),
                Some(1) => " for a month".to_owned(),
                Some(months) => format!(" for {months} months"),
            };
            let certain = if it.stage == ImpactStage::Promised { "not confirmed yet" } else { "confirmed" };
            lines.push(format!("{} a month{holds}, {certain}.", it.monthly));
        }
        // Of what is undone, nothing is left.
        None if kind == NoticeKind::RolledBack => {}
        None => {
            let saved = around.impact.and_then(|impact| impact.confirmed.filter(|it| !it.is_zero()));
            lines.extend(saved.map(|it| format!("Saved so far: {it} a month.")));
        }
    }
    lines
}

/// What is left to decide of a question; of an alert, what can be done.
fn to_decide(task: &Task) -> Option<String> {
    let mut open = task.items.iter().filter(|it| it.decided.is_none());
    if task.kind == TaskKind::Help {
        let options: Vec<_> = open.next()?.choices.iter().copied().map(option).collect();
        let (last, before) = options.split_last()?;
        return Some(match before {
            [] => format!("You can {last}."),
            [one] => format!("You can {one} or {last}."),
            before => format!("You can {}, or {last}.", before.join(", ")),
        });
    }
    match open.count() {
        0 => None,
        1 => Some("There is one thing to decide.".to_owned()),
        more => Some(format!("There are {more} things to decide, each by itself.")),
    }
}

/// What can be done, after "You can".
fn option(choice: Choice) -> &'static str {
    match choice {
        Choice::Approve => "approve it",
        Choice::Modify => "change it",
        Choice::Skip => "skip this step",
        Choice::Continue => "let it continue",
        Choice::Override => "take the result as it is",
        Choice::Grant => "allow it",
        Choice::Deny => "refuse it",
        Choice::Stop => "stop and keep what was done",
        Choice::Done => "say that it is done",
    }
}

/// What stands on the button.
pub(crate) fn label(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Help => "See your options",
        NoticeKind::ByHand => "See how to undo it",
        _ => "Look and decide",
    }
}

/// At most so many characters; what was cut ends in an ellipsis.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) => text.chars().take(longest.saturating_sub(1)).chain(['…']).collect(),
    }
}
