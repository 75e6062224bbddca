//! Whose turn it is: the order of a user's runs, first come first served, and what keeps one waiting.

use crate::out::{Note, RunEvent};
use crate::recommend::digest;
use crate::run::{Run, after};
use crate::status::RunStatus;
use crate::user::{Access, Queue, Queued};
use events::{EventType, InvalidId, RunId, Severity, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use statemachines::{Prerequisite, Seconds, Workflow};
use std::collections::{BTreeMap, BTreeSet};

/// The run that a user's selection leads to: the same for the same key, so that a crash between cannot make two.
///
/// # Errors
/// None in practice: it is always a valid identifier.
pub fn run_id(user: &UserId, idempotency_key: &str) -> Result<RunId, InvalidId> {
    RunId::parse(format!("run-{}", digest(&[user.as_str(), idempotency_key])))
}

/// The place of a new run in a user's queue.
pub fn place(run: &Run, workflow: &Workflow) -> Queued {
    let linked = workflow.prerequisites.iter().filter_map(|it| match it {
        Prerequisite::Link { link } => Some(link.clone()),
        _ => None,
    });
    Queued {
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        providers: linked.chain(workflow.external_dependencies.iter().cloned()).collect(),
    }
}

/// How long a run that cannot start yet is left alone at least.
pub const SHORTEST_PAUSE: Seconds = Seconds(30);

/// How long at most.
pub const LONGEST_PAUSE: Seconds = Seconds(900);

/// When a run that cannot start yet is tried again: after a tenth of the time that it has waited so far.
pub fn try_again_at(run: &Run, workflow: &Workflow, now: Timestamp) -> Timestamp {
    let left = run.expires.duration_since(now).as_secs();
    let waited = i64::from(workflow.queue_expiry.get()) - left;
    let pause = u32::try_from(waited / 10).unwrap_or(0);
    after(now, Seconds(pause.clamp(SHORTEST_PAUSE.get(), LONGEST_PAUSE.get())))
}

/// The first event of a run: it is queued.
pub fn queued(workflow: &Workflow) -> RunEvent {
    let mut events = Vec::with_capacity(1);
    let message = format!("{} {}", workflow.name, RunStatus::Queued.told());
    Note::push(&mut events, EventType::RunStateChanged, Severity::Info, message)
        .detail("from", Value::Null)
        .detail("to", json!(RunStatus::Queued));
    events.remove(0)
}

/// A queue without the runs that have ended or never were. `runs` holds every run of the queue that exists.
#[must_use]
pub fn without_ended(queue: &Queue, runs: &BTreeMap<RunId, Run>) -> Queue {
    let live = |entries: &[Queued]| {
        entries
            .iter()
            .filter(|entry| runs.get(&entry.run_id).is_some_and(|run| !run.status.is_terminal()))
            .cloned()
            .collect()
    };
    Queue { user_id: queue.user_id.clone(), waiting: live(&queue.waiting), running: live(&queue.running) }
}

/// The next run that the dispatcher may take: one that another dispatcher took and did not bring to an end, else the first
/// that waits, is not held until later, and shares no account with a run that runs or waits before it. One that has waited too long
/// has its turn at once, to be told so.
///
/// A run that waits for a dependency does not keep others waiting; one that waits for an account does, so that nobody overtakes it.
pub fn next_turn(
    queue: &Queue,
    runs: &BTreeMap<RunId, Run>,
    access: &Access,
    now: Timestamp,
) -> Option<RunId> {
    let due = |run: &Run| run.check_at.is_none_or(|at| at <= now);
    let left = queue.running.iter().find(|entry| {
        let run = runs.get(&entry.run_id);
        run.is_some_and(|run| run.status.is_before_execution() && due(run))
    });
    if let Some(entry) = left {
        return Some(entry.run_id.clone());
    }
    let mut taken: BTreeSet<&str> = queue.running.iter().flat_map(|entry| accounts(entry, access)).collect();
    for entry in &queue.waiting {
        let Some(run) = runs.get(&entry.run_id) else {
            continue;
        };
        if !run.status.is_before_execution() {
            // Cancelled while it waited, with effects of an earlier execution: they are being undone.
            taken.extend(accounts(entry, access));
            continue;
        }
        if run.expires <= now {
            return Some(entry.run_id.clone());
        }
        if !due(run) {
            continue;
        }
        let needs = accounts(entry, access);
        if taken.is_disjoint(&needs) {
            return Some(entry.run_id.clone());
        }
        taken.extend(needs);
    }
    None
}

/// The accounts behind the links that a run works with. A link that lists none counts as one account, named as its provider.
fn accounts<'a>(entry: &'a Queued, access: &'a Access) -> BTreeSet<&'a str> {
    let mut accounts = BTreeSet::new();
    for provider in &entry.providers {
        if let Some(link) = access.links.get(provider) {
            if link.accounts.is_empty() {
                accounts.insert(provider.as_str());
            }
            accounts.extend(link.accounts.iter().map(String::as_str));
        }
    }
    accounts
}

/// Moves a run from the waiting to the running ones.
pub fn take(queue: &mut Queue, run: &RunId) {
    if let Some(at) = queue.waiting.iter().position(|entry| entry.run_id == *run) {
        let entry = queue.waiting.remove(at);
        queue.running.push(entry);
    }
}

/// Moves a run that was taken back to the head of the waiting ones: it has lost no turn.
pub fn give_back(queue: &mut Queue, run: &RunId) {
    if let Some(at) = queue.running.iter().position(|entry| entry.run_id == *run) {
        let entry = queue.running.remove(at);
        queue.waiting.insert(0, entry);
    }
}

/// Takes a run out of the queue.
pub fn remove(queue: &mut Queue, run: &RunId) {
    queue.waiting.retain(|entry| entry.run_id != *run);
    queue.running.retain(|entry| entry.run_id != *run);
}

#[cfg(test)]
mod tests;
