//! What a step does next: a plain decision over its record.

use crate::change::Settlement;
use crate::step::{Failure, Item, ItemState, StepRecord};
use events::{ErrorClass, ItemId, Proof};
use serde_json::Value;
use statemachines::{Step, StepKind};
use std::collections::BTreeMap;

/// What a step does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Let the agent propose; with the user's changes, by item.
    Propose(BTreeMap<ItemId, BTreeMap<String, Value>>),
    /// Let the agent say what became of these items: they were begun and their end is not known.
    Probe(Vec<ItemId>),
    /// Let the agent do these items.
    Execute(Vec<ItemId>),
    /// Let the agent check the user's proof.
    Verify(Proof),
    /// Ask the user about these items; they are shown as they now are.
    Ask(Vec<ItemId>),
    /// Wait for the user.
    Wait,
    /// The attempt failed.
    Fail(Failure),
    /// Everything is settled.
    Settle(Settlement),
}

impl Action {
    /// Whether the step's agent is asked for it.
    pub fn asks_agent(&self) -> bool {
        matches!(self, Self::Propose(_) | Self::Probe(_) | Self::Execute(_) | Self::Verify(_))
    }
}

/// Decides what a step does next.
pub fn next(step: &Step, record: &StepRecord) -> Action {
    let worst = worst_failure(&record.items);
    // It is unsafe to go on: no other effect begins, and what is in doubt is asked about before it is undone.
    if let Some(failure) = worst.clone().filter(|failure| failure.class.is_unsafe()) {
        return Action::Fail(failure);
    }
    let begun = ids(record, |item| matches!(item.state, ItemState::Executing | ItemState::Unknown));
    if !begun.is_empty() {
        return Action::Probe(begun);
    }
    if record.skipped {
        return Action::Settle(settled(record, !record.items.iter().any(|item| item.state.is_done())));
    }
    if !record.proposed {
        return Action::Propose(BTreeMap::new());
    }
    let changed: BTreeMap<_, _> = record
        .items
        .iter()
        .filter(|item| item.state == ItemState::Changed)
        .map(|item| (item.proposal.item_id.clone(), item.changes.clone()))
        .collect();
    if !changed.is_empty() {
        return Action::Propose(changed);
    }
    if step.kind == StepKind::Manual {
        return next_of_guide(record);
    }
    let asks = step.kind == StepKind::SemiAutomated;
    let ready = ids(record, |item| {
        item.state == ItemState::Approved || (item.state == ItemState::Proposed && !asks && !item.must_ask)
    });
    if !ready.is_empty() {
        return Action::Execute(ready);
    }
    let to_ask = ids(record, |item| item.state == ItemState::Proposed);
    if !to_ask.is_empty() {
        return Action::Ask(to_ask);
    }
    if let Some(failure) = worst {
        return Action::Fail(failure);
    }
    if record.items.iter().any(|item| item.state == ItemState::Asked) {
        return Action::Wait;
    }
    Action::Settle(settlement(step, record))
}

fn next_of_guide(record: &StepRecord) -> Action {
    if record.items.iter().any(|item| item.state.is_done()) || record.guide.is_none() {
        return Action::Settle(settled(record, record.guide.is_none()));
    }
    match &record.proof {
        Some(proof) => Action::Verify(proof.clone()),
        None => Action::Wait,
    }
}

fn ids(record: &StepRecord, wanted: impl Fn(&Item) -> bool) -> Vec<ItemId> {
    record.items.iter().filter(|item| wanted(item)).map(|item| item.proposal.item_id.clone()).collect()
}

/// The failure that decides about the attempt: what is unsafe before what a person must see before what may pass by itself.
fn worst_failure(items: &[Item]) -> Option<Failure> {
    let weight = |class: ErrorClass| match class {
        ErrorClass::Critical => 0,
        ErrorClass::Defect => 1,
        ErrorClass::Ending => 2,
        class if class.is_transient() => 3,
        _ => 4,
    };
    items
        .iter()
        .filter_map(|item| match item.state {
            ItemState::Failed { class } => Some(Failure::new(class, item.summary.clone())),
            _ => None,
        })
        .min_by_key(|failure| weight(failure.class))
}

/// How a step whose items are all settled is settled.
fn settlement(step: &Step, record: &StepRecord) -> Settlement {
    let is = |state: &ItemState| record.items.iter().any(|item| item.state == *state);
    let nothing_done = !record.items.is_empty()
        && record.items.iter().all(|item| matches!(item.state, ItemState::Skipped | ItemState::NoEffect));
    let mut it = settled(record, nothing_done);
    if step.fallback.is_some() && is(&ItemState::Declined) && !is(&ItemState::Done) {
        it.diverted = true;
        it.skipped = true;
    }
    if it.message.is_empty() {
        let done = record.items.iter().filter(|item| item.state.is_done()).count();
        it.message = match done {
            0 => "nothing was changed".to_owned(),
            _ => format!("{done} of {} done", record.items.len()),
        };
    }
    if let Some(elsewhere) = elsewhere(step, record) {
        it.message = format!("{} ({elsewhere})", it.message.trim_end_matches('.'));
    }
    it
}

/// Where it was done, when that is not the provider that the step prefers.
fn elsewhere(step: &Step, record: &StepRecord) -> Option<String> {
    let preferred = step.providers.first()?;
    let done = record.items.iter().filter(|item| item.state.is_done());
    let other = done.filter_map(|item| item.provider.as_ref()).find(|provider| *provider != preferred)?;
    Some(format!("at {other}, as {preferred} did not answer"))
}

/// How a step is settled in the middle of which the run is stopped: what is done is kept, the rest left open. `None` while it is not
/// known what is done.
pub fn settle_unfinished(step: &Step, record: &StepRecord) -> Option<Settlement> {
    if record.items.iter().any(|item| matches!(item.state, ItemState::Executing | ItemState::Unknown)) {
        return None;
    }
    let done = record.items.iter().filter(|item| item.state.is_done()).count();
    Some(Settlement {
        message: format!("{}: stopped with {done} of {} done", step.name, record.items.len()),
        left: Vec::new(),
        unfinished: true,
        ..settled(record, done == 0)
    })
}

fn settled(record: &StepRecord, skipped: bool) -> Settlement {
    Settlement {
        skipped,
        message: record.headline.clone(),
        left: record
            .items
            .iter()
            .filter(|item| item.state == ItemState::Declined)
            .map(|item| item.summary.clone())
            .collect(),
        impact: record.fresh_impact().cloned().collect(),
        open_effects: record.has_open_effects(),
        undo_until: record.undo_until(),
        diverted: false,
        unfinished: false,
    }
}

/// Makes a record ready for another attempt: what failed is tried again unless that is unsafe, what is done stays.
pub fn prepare_attempt(record: &mut StepRecord) {
    record.failure = None;
    for item in &mut record.items {
        if matches!(item.state, ItemState::Failed { class } if !class.is_unsafe()) {
            item.state = ready_again(item);
        }
    }
}

/// Makes a record ready to be gone through once more from its beginning, where its outputs failed their check and nothing is done
/// yet: the agent is asked anew, with what the user provided.
pub fn forget_outputs(record: &mut StepRecord) {
    if !record.has_open_effects() {
        record.proposed = false;
        record.executed = false;
        record.items.clear();
        record.clear_outputs();
    }
}

/// The state of an item whose effect did not happen and may be begun again.
pub fn ready_again(item: &Item) -> ItemState {
    if item.approved { ItemState::Approved } else { ItemState::Proposed }
}

/// Leaves out what failed, as the user chose in a recovery alert; a step that never came to its items is left out whole.
/// Begun items stay: they are probed, never dropped.
pub fn skip_failed(record: &mut StepRecord) {
    if record.failure.take().is_some_and(|failure| failure.overridable) {
        // Outputs that failed their check are nobody's input.
        record.clear_outputs();
    }
    record.skipped = !record.items.iter().any(|item| matches!(item.state, ItemState::Failed { .. }));
    for item in &mut record.items {
        if matches!(item.state, ItemState::Failed { .. }) {
            item.state = ItemState::Skipped;
        }
    }
}
