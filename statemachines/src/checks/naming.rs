//! Names: of the definition's own things, and of the things outside that it uses.

use super::{Report, Subject, at};
use crate::definition::{Prerequisite, Status, Step};
use crate::registry::{AGENTS, BASIC_TYPES, CONSENTS, PROVIDERS, agent_named, is_output_type};
use std::collections::BTreeSet;

/// The longest name of a step: with `.help` behind it, it names a state, which has at most 80 characters.
const LONGEST: usize = 60;

fn is_kebab(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    starts && name.len() <= LONGEST && name.chars().all(fits) && !name.ends_with('-')
}

/// Ids that become names of states, folders and functions.
pub(super) fn names(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let help = format!(
        "write lower-case words joined by hyphens, at most {LONGEST} characters, such as expense-audit"
    );
    if !is_kebab(workflow.id.as_str()) {
        report.error("id", format!("`{}` cannot name a state machine", workflow.id), help.clone());
    }
    for step in &workflow.steps {
        if !is_kebab(step.id.as_str()) {
            report.error(at(step), format!("`{}` cannot name a state", step.id), help.clone());
        }
        if step.name.trim().is_empty() || step.description.trim().is_empty() {
            report.error(at(step), "the step has no name or no description", "both are shown to the user");
        }
        if let Some(group) = &step.group
            && (!is_kebab(group) || ["next", "ask", "failed"].contains(&group.as_str()))
        {
            let what = format!("`{group}` cannot name a group");
            report.error(format!("{}.group", at(step)), what, format!("{help}, but not next, ask or failed"));
        }
    }
}

/// Actions and followed figures are told apart by their names.
pub(super) fn action_names(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        if step.actions.is_empty() {
            report.error(
                format!("{}.actions", at(step)),
                "the step has no action",
                "say what its agent does",
            );
        }
        let ids = step.actions.iter().map(|action| ("actions", action.id.as_str()));
        let figures = step.tracking_events.iter().map(|event| ("trackingEvents", event.figure.as_str()));
        let mut seen = BTreeSet::new();
        for (list, name) in ids.chain(figures) {
            if !seen.insert((list, name)) {
                let what = format!("`{name}` stands twice");
                report.error(format!("{}.{list}", at(step)), what, "name each once");
            }
        }
    }
}

/// Steps and the workflow's list name the same agents, and all of them exist.
pub(super) fn agents(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    for step in &workflow.steps {
        let path = format!("{}.agent", at(step));
        if agent_named(step.agent.as_str()).is_none() {
            let known: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
            let help = format!("one of {}, or a new line in src/registry.rs", known.join(", "));
            report.error(path, format!("there is no agent `{}`", step.agent), help);
        } else if !workflow.agents.iter().any(|required| required.agent == step.agent) {
            let what = format!("`{}` is not among the workflow's agents", step.agent);
            report.error(path, what, "add it to `agents` with a capacity");
        }
    }
    for (place, required) in workflow.agents.iter().enumerate() {
        let path = format!("agents[{}]", required.agent);
        if !workflow.steps.iter().any(|step| step.agent == required.agent) {
            report.error(path.clone(), "no step uses this agent", "take it out of `agents`");
        }
        if workflow.agents[..place].iter().any(|other| other.agent == required.agent) {
            report.error(path.clone(), "this agent stands twice", "name each once");
        }
        if required.capacity == 0 {
            report.error(
                path,
                "a capacity of 0 lets no step run",
                "say how many may work at once, at least 1",
            );
        }
    }
}

/// Only a workflow whose agents are all there can be selected.
pub(super) fn status(subject: &Subject, report: &mut Report) {
    if subject.workflow.status == Status::Planned {
        return;
    }
    for required in &subject.workflow.agents {
        if agent_named(required.agent.as_str()).is_some_and(|agent| !agent.implemented) {
            let what =
                format!("the workflow is available but its agent `{}` is still planned", required.agent);
            report.error("status", what, "write `status: planned`, or implement the agent");
        }
    }
}

/// Outputs have a type that exists.
pub(super) fn output_types(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        for (name, kind) in step.outputs.iter().filter(|(_, kind)| !is_output_type(kind)) {
            let own = agent_named(step.agent.as_str()).map_or(&[][..], |agent| agent.records);
            let known = [&BASIC_TYPES[..], own].concat().join(", ");
            let path = format!("{}.outputs.{name}", at(step));
            report.error(
                path,
                format!("there is no type `{kind}`"),
                format!("one of {known}; a list is written Bill[]"),
            );
        }
    }
}

/// Consents exist, and what a step needs is asked for before the start.
pub(super) fn consents(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let known = format!("one of {}", CONSENTS.join(", "));
    let asked: BTreeSet<&str> = workflow
        .prerequisites
        .iter()
        .filter_map(|prerequisite| match prerequisite {
            Prerequisite::Consent { consent } => Some(consent.as_str()),
            _ => None,
        })
        .collect();
    for consent in asked.iter().filter(|consent| !CONSENTS.contains(consent)) {
        report.error("prerequisites", format!("there is no consent `{consent}`"), known.clone());
    }
    let mut needed = BTreeSet::new();
    for step in &workflow.steps {
        for consent in &step.consents {
            needed.insert(consent.as_str());
            let path = format!("{}.consents", at(step));
            if !CONSENTS.contains(&consent.as_str()) {
                report.error(path, format!("there is no consent `{consent}`"), known.clone());
            } else if !asked.contains(consent.as_str()) {
                let what = format!("`{consent}` is needed here but is no prerequisite");
                report.error(path, what, format!("add `- consent: {consent}` to `prerequisites`"));
            }
        }
        if step.consents.is_empty() && step.has_effects() {
            let what = "the step has effects but needs no consent";
            report.error(format!("{}.consents", at(step)), what, known.clone());
        }
    }
    for consent in asked.difference(&needed) {
        let what = format!("no step needs the consent `{consent}`");
        report.warning("prerequisites", what, "do not ask the user for more than is needed");
    }
}

/// Outside systems exist.
pub(super) fn providers(subject: &Subject, report: &mut Report) {
    let known = format!("one of {}", PROVIDERS.join(", "));
    for name in &subject.workflow.external_dependencies {
        if !PROVIDERS.contains(&name.as_str()) {
            report.error("externalDependencies", format!("there is no provider `{name}`"), known.clone());
        }
    }
    for step in &subject.workflow.steps {
        interchangeable(subject, step, report);
    }
    for prerequisite in &subject.workflow.prerequisites {
        let Prerequisite::Link { link } = prerequisite else { continue };
        if !PROVIDERS.contains(&link.as_str()) {
            report.error("prerequisites", format!("there is no provider `{link}`"), known.clone());
        } else if !subject.workflow.external_dependencies.contains(link) {
            let what = format!("`{link}` must be linked but is no external dependency");
            report.error("prerequisites", what, "add it to `externalDependencies`, so that it is probed");
        }
    }
}

/// Providers that stand in for each other are probed before the start, and what a person approved is done where it was shown.
fn interchangeable(subject: &Subject, step: &Step, report: &mut Report) {
    let path = format!("{}.providers", at(step));
    for (place, name) in step.providers.iter().enumerate() {
        if !subject.workflow.external_dependencies.contains(name) {
            let what = format!("`{name}` is no external dependency");
            report.error(&path, what, "add it to `externalDependencies`, so that it is probed");
        }
        if step.providers[..place].contains(name) {
            report.error(&path, format!("`{name}` stands there twice"), "name each provider once");
        }
    }
    if !step.providers.is_empty() && (step.waits() || !step.has_effects()) {
        let what = "only an automated step with effects that never asks can change its provider";
        report.error(&path, what, "what a person approved is done where it was shown: leave `providers` out");
    }
}
