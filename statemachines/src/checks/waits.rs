//! Whoever waits for a person says for how long, and holds up nobody else.

use super::{Report, Subject, at};
use crate::definition::{Step, StepKind};
use crate::graph::Block;
use events::Choice;

/// Every wait has a deadline, and choices that its type of step knows.
pub(super) fn interaction(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        if step.may_ask && step.kind != StepKind::Automated {
            let help = "take `mayAsk` out; this type of step always asks";
            report.error(format!("{}.mayAsk", at(step)), "only automated steps may ask", help);
        }
        let path = format!("{}.userInteraction", at(step));
        let Some(interaction) = &step.interaction else {
            if step.waits() {
                let help = "add `userInteraction` with a prompt and a deadline";
                report.error(path, "the step waits for a person without a deadline", help);
            }
            continue;
        };
        if !step.waits() {
            let help = "add `mayAsk: true` if its agent may ask, else take `userInteraction` out";
            report.error(path.clone(), "the step never asks", help);
        }
        if interaction.deadline.get() == 0 {
            report.error(
                format!("{path}.deadline"),
                "a deadline of 0 gives no time to answer",
                "such as 72h",
            );
        }
        for remind in interaction.remind.iter().filter(|remind| **remind >= interaction.deadline) {
            let what = format!(
                "a reminder after {remind} comes too late for a deadline of {}",
                interaction.deadline
            );
            report.error(format!("{path}.remind"), what, "remind before the deadline");
        }
        if !interaction.remind.is_sorted() {
            report.error(
                format!("{path}.remind"),
                "the reminders are not in order",
                "write the earliest first",
            );
        }
        choices(step, &interaction.choices, &format!("{path}.choices"), report);
    }
}

fn choices(step: &Step, choices: &[Choice], path: &str, report: &mut Report) {
    let allowed: &[Choice] = match step.kind {
        StepKind::Manual => &[Choice::Skip],
        StepKind::SemiAutomated | StepKind::Automated => &[Choice::Approve, Choice::Modify, Choice::Skip],
    };
    for choice in choices.iter().filter(|choice| !allowed.contains(choice)) {
        let what = format!("{choice:?} is no choice of this type of step");
        report.error(path, what, "approve, modify and skip; a manual step has skip alone");
    }
    let needs = step.kind != StepKind::Manual;
    if needs && !(choices.contains(&Choice::Approve) && choices.contains(&Choice::Skip)) {
        let what = "the user can not both approve and skip";
        report.error(path, what, "nobody may be made to approve: name approve and skip at least");
    }
}

/// Where the order had to be cut, a person's wait may hold up a step that does not need its answer.
pub(super) fn blocks(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let Some(graph) = &subject.graph else { return };
    let Ok(block) = graph.blocks(workflow) else { return };
    for (earlier, later) in ordered(&block) {
        if workflow.steps[earlier].waits() && !graph.precedes(earlier, later) {
            report.warning(
                at(&workflow.steps[later]),
                format!(
                    "the step waits for a person's answer to `{}` without depending on it",
                    workflow.steps[earlier].id
                ),
                "their order is not series-parallel: make the dependency explicit, or split one of the steps",
            );
        }
    }
}

/// Every pair of steps of which the machine runs one before the other.
fn ordered(block: &Block) -> Vec<(usize, usize)> {
    match block {
        Block::Step(_) => Vec::new(),
        Block::Group(_, inner) => ordered(inner),
        Block::Parallel(blocks) => blocks.iter().flat_map(ordered).collect(),
        Block::Series(blocks) => {
            let mut pairs: Vec<(usize, usize)> = blocks.iter().flat_map(ordered).collect();
            let mut before: Vec<usize> = Vec::new();
            for block in blocks {
                let here = block.steps();
                pairs.extend(before.iter().flat_map(|&a| here.iter().map(move |&b| (a, b))));
                before.extend(here);
            }
            pairs
        }
    }
}
