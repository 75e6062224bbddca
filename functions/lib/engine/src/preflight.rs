//! The checks before a run starts: all of them, with all failures told at once.

use crate::user::{Access, providers_of};
use events::{AgentCard, AgentId, ErrorClass};
use jiff::Timestamp;
use serde_json::{Value, json};
use statemachines::{Prerequisite, Status, Variables, Workflow, eval_bool};
use std::collections::{BTreeMap, BTreeSet};

/// What is known before a run starts.
pub struct Situation<'a> {
    /// The definition that the run is pinned to; none when this version no longer exists.
    pub workflow: Option<&'a Workflow>,
    /// What the user allows.
    pub access: &'a Access,
    /// The simulation's figures.
    pub simulation: &'a Value,
    /// What each agent of the workflow said of itself just now.
    pub agents: &'a [Probe],
    /// Now.
    pub now: Timestamp,
}

/// What an agent said of itself, or how it failed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The agent asked.
    pub agent: AgentId,
    /// Its card.
    pub answer: Result<AgentCard, ErrorClass>,
}

/// Whether a run may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Pass,
    /// It may not; one sentence for each check that failed.
    Refuse(Vec<String>),
    /// Nothing is wrong but what may pass by itself: which, in one sentence.
    Hold(String),
}

/// Evaluates every check.
pub fn check(situation: &Situation) -> Verdict {
    let Some(workflow) = situation.workflow else {
        return Verdict::Refuse(vec!["this version of the workflow no longer exists".to_owned()]);
    };
    let mut failures = Vec::new();
    if workflow.status != Status::Available {
        failures.push(format!("{} is not yet available", workflow.name));
    }
    failures.extend(lacking(workflow, situation.access, situation.simulation, situation.now));
    let agents = agents(situation.agents);
    failures.extend(agents.broken);
    let dependencies = dependencies(workflow, situation, !agents.silent.is_empty());
    failures.extend(dependencies.unknown);
    let down: Vec<String> = agents.silent.into_iter().chain(dependencies.down).collect();
    match (failures.is_empty(), down.is_empty()) {
        (true, true) => Verdict::Pass,
        (true, false) => Verdict::Hold(down.join("; ")),
        (false, _) => Verdict::Refuse(failures.into_iter().chain(down).collect()),
    }
}

/// What a user lacks for a workflow: conditions that do not hold, links and consents that are missing; one sentence each.
pub fn lacking(workflow: &Workflow, access: &Access, simulation: &Value, now: Timestamp) -> Vec<String> {
    let mut lacking = unmet_conditions(workflow, access, simulation);
    lacking.extend(missing_links(workflow, access));
    lacking.extend(missing_consents(workflow, access, now));
    lacking
}

fn unmet_conditions(workflow: &Workflow, access: &Access, simulation: &Value) -> Vec<String> {
    let variables = Variables::of(&variables(access, simulation));
    let mut unmet = Vec::new();
    for prerequisite in &workflow.prerequisites {
        if let Prerequisite::Check { check, otherwise } = prerequisite {
            match eval_bool(check, &variables) {
                Ok(true) => {}
                Ok(false) => unmet.push(otherwise.clone()),
                // What cannot be checked does not hold; the error says which check and never a value.
                Err(error) => unmet.push(format!("{otherwise} ({error})")),
            }
        }
    }
    unmet
}

/// What the conditions of prerequisites read: `accounts.linked`, `links.<provider>`, `simulation`.
pub fn variables(access: &Access, simulation: &Value) -> Value {
    let named: BTreeSet<&String> = access.links.values().flat_map(|link| &link.accounts).collect();
    let unnamed = access.links.values().filter(|link| link.accounts.is_empty()).count();
    let links: BTreeMap<&String, bool> = access.links.keys().map(|name| (name, true)).collect();
    json!({
        "accounts": { "linked": named.len() + unnamed },
        "links": links,
        "simulation": simulation,
    })
}

/// The links of the prerequisites, and of every step one of the providers that each of its consents is about.
fn missing_links(workflow: &Workflow, access: &Access) -> Vec<String> {
    let listed = workflow.prerequisites.iter().filter_map(|it| match it {
        Prerequisite::Link { link } => Some(vec![link.as_str()]),
        _ => None,
    });
    let scopes = workflow.steps.iter().flat_map(|step| &step.consents);
    let worked_with = scopes.map(|scope| providers_of(scope).to_vec()).filter(|several| !several.is_empty());
    let mut missing: Vec<_> = listed
        .chain(worked_with)
        .filter(|several| !several.iter().any(|link| access.links.contains_key(*link)))
        .map(|several| format!("{} is not linked", several.join(" or ")))
        .collect();
    let mut told = BTreeSet::new();
    missing.retain(|it| told.insert(it.clone()));
    missing
}

/// The consents of the prerequisites and of every step.
fn missing_consents(workflow: &Workflow, access: &Access, now: Timestamp) -> Vec<String> {
    let listed = workflow.prerequisites.iter().filter_map(|it| match it {
        Prerequisite::Consent { consent } => Some(consent),
        _ => None,
    });
    let wanted: BTreeSet<&String> =
        listed.chain(workflow.steps.iter().flat_map(|step| &step.consents)).collect();
    wanted
        .into_iter()
        .filter(|scope| !access.allows(scope, now))
        .map(|scope| {
            let consent = access.consents.get(scope);
            let why = match consent {
                None => "is not given",
                Some(consent) if consent.revoked_at.is_some() => "was revoked",
                Some(_) => "has expired",
            };
            format!("the consent {scope} {why}")
        })
        .collect()
}

struct Agents {
    /// Those that will not answer by themselves.
    broken: Vec<String>,
    /// Those that may answer later.
    silent: Vec<String>,
}

fn agents(probes: &[Probe]) -> Agents {
    let mut agents = Agents { broken: Vec::new(), silent: Vec::new() };
    for Probe { agent, answer } in probes {
        match answer {
            Ok(card) if card.agent == *agent => {}
            Ok(card) => agents.broken.push(format!("{} answers for the agent {agent}", card.agent)),
            Err(class) if class.is_transient() => {
                agents.silent.push(format!("the agent {agent} does not answer"));
            }
            Err(class) => agents.broken.push(format!("the agent {agent} is not available ({class})")),
        }
    }
    agents
}

struct Dependencies {
    /// Those that some agent could not reach.
    down: Vec<String>,
    /// Those that none of the agents knows.
    unknown: Vec<String>,
}

/// An outside system is up when an agent reached it just now and no other failed to. While an agent is silent, nobody may know it.
/// One whose part another can take, which is up and linked, may be down.
fn dependencies(workflow: &Workflow, situation: &Situation, agent_silent: bool) -> Dependencies {
    let probes = situation.agents;
    let reached = |name: &String| {
        let answers = probes.iter().filter_map(|probe| probe.answer.as_ref().ok());
        answers
            .filter_map(|card| card.providers.get(name))
            .fold(None, |all: Option<bool>, up| Some(all.unwrap_or(true) && *up))
    };
    let stands_in =
        |other: &String| situation.access.links.contains_key(other) && reached(other) == Some(true);
    let dispensable = |name: &String| {
        let mut steps = workflow.steps.iter().filter(|step| step.providers.contains(name)).peekable();
        steps.peek().is_some()
            && steps.all(|step| step.providers.iter().any(|it| it != name && stands_in(it)))
    };
    let mut dependencies = Dependencies { down: Vec::new(), unknown: Vec::new() };
    for name in &workflow.external_dependencies {
        match reached(name) {
            Some(true) => {}
            Some(false) if dispensable(name) => {}
            Some(false) => dependencies.down.push(format!("{name} does not answer")),
            None if agent_silent => {}
            None => dependencies.unknown.push(format!("none of the workflow's agents can reach {name}")),
        }
    }
    dependencies
}

#[cfg(test)]
mod tests;
