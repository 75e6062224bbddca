//! Effects can be undone where the definition says so, and groups can be undone as a whole.

use super::{Report, Subject, at};
use crate::definition::{Reversibility, Step, Undo, UndoneBy};
use std::collections::{BTreeMap, BTreeSet};

/// What can be undone says how, and what cannot does not.
pub(super) fn undo(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        let path = format!("{}.undo", at(step));
        match (step.reversibility, &step.undo) {
            (Some(Reversibility::Irreversible), Some(_)) => report.error(
                path,
                "the step is irreversible and yet has an undo",
                "write `reversibility: compensable` if a new action makes up for it, else take `undo` out",
            ),
            (Some(Reversibility::Irreversible) | None, None) => {}
            (Some(_), None) => report.error(
                path,
                "the step's effects can be undone but nothing says how",
                "add `undo` with an action, or write `reversibility: irreversible`",
            ),
            (None, Some(_)) => report.error(
                path,
                "the step has an undo but no effects",
                "add `reversibility`, or take `undo` out",
            ),
            (Some(_), Some(_)) => {}
        }
        if let Some(undo) = &step.undo {
            by_hand(step, undo, report);
        }
    }
}

/// Whoever is left with an undo by hand is told how.
fn by_hand(step: &Step, undo: &Undo, report: &mut Report) {
    let path = format!("{}.undo.byHand", at(step));
    let help = "write the steps, the provider's contact, what proves it, and a deadline";
    match &undo.by_hand {
        None if undo.by == UndoneBy::Person => {
            report.error(path, "a person is to undo this and is not told how", help);
        }
        None => {}
        Some(it) if it.steps.is_empty() || it.contact.trim().is_empty() || it.proof.trim().is_empty() => {
            report.error(path, "it says too little to be followed", help);
        }
        Some(_) => {}
    }
}

/// The rollback plan names what can be undone, once.
pub(super) fn rollback_plan(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let mut seen = BTreeSet::new();
    for entry in &workflow.rollback_plan {
        let path = format!("rollbackPlan[{}]", entry.step);
        match workflow.step(&entry.step) {
            None => {
                report.error(path.clone(), "this is no step of the workflow", "name a step with an `undo`");
            }
            Some(step) if step.undo.is_none() => {
                report.error(
                    path.clone(),
                    "this step has no undo",
                    "take the entry out, or give the step an `undo`",
                );
            }
            Some(_) => {}
        }
        if !seen.insert(&entry.step) {
            report.error(path, "this step stands twice", "name each once");
        }
    }
    let left_out = workflow.steps.iter().filter(|step| step.undo.is_some() && !seen.contains(&step.id));
    for step in left_out.filter(|_| !seen.is_empty()) {
        report.warning(
            "rollbackPlan",
            format!("`{}` can be undone but is not in the plan", step.id),
            "a plan that names some steps should name them all, so that their order can be read",
        );
    }
}

/// After what cannot be undone, nothing of its group may fail.
pub(super) fn irreversible(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let Some(graph) = &subject.graph else { return };
    for (place, step) in workflow.steps.iter().enumerate() {
        if step.group.is_none() || step.reversibility != Some(Reversibility::Irreversible) {
            continue;
        }
        let mut members = workflow
            .steps
            .iter()
            .enumerate()
            .filter(|(other, member)| *other != place && member.group == step.group);
        if let Some((_, member)) = members.find(|(other, _)| !graph.precedes(*other, place)) {
            report.error(
                format!("{}.reversibility", at(step)),
                format!(
                    "the step cannot be undone, but `{}` of its group may still fail after it",
                    member.id
                ),
                "let it be the last of its group: every other member before it by `dependsOn`",
            );
        }
    }
}

/// A group has at least two members, and what follows its failure is said once of a group that exists.
pub(super) fn group(subject: &Subject, report: &mut Report) {
    let mut groups: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for step in &subject.workflow.steps {
        if let Some(group) = &step.group {
            groups.entry(group).or_default().push(step);
        }
    }
    let mut named = BTreeSet::new();
    for group in &subject.workflow.groups {
        let path = format!("groups[{}]", group.id);
        if !groups.contains_key(group.id.as_str()) {
            report.error(
                path.clone(),
                "no step is in this group",
                "let at least two steps name it as `group`",
            );
        }
        if !named.insert(&group.id) {
            report.error(path, "this group stands twice", "name each once");
        }
    }
    for (name, members) in groups {
        if let [only] = members.as_slice() {
            let what = format!("`{}` is the only member of the group `{name}`", only.id);
            report.warning(
                format!("{}.group", at(only)),
                what,
                "a group is for steps that count only together",
            );
        }
    }
}
