//! What an agent's answer makes of a step's record.

use engine::{Item, ItemState, StepRecord, ready_again};
use events::{AgentResponse, ErrorClass, ImpactKind, ItemId, ItemResult, Outcome, Proposal};
use money::Money;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A step's outputs, by name.
type Outputs = BTreeMap<String, Value>;

/// A first or repeated proposal. Items that are begun or settled stay; changed ones take what is now proposed.
pub(crate) fn proposed(record: &mut StepRecord, response: AgentResponse, provider: Option<&String>) {
    let first = !record.proposed;
    record.proposed = true;
    if first {
        record.headline = response.headline;
        if !record.executed {
            record.outputs.extend(response.outputs);
        }
        record.guide = response.guide;
        // In a run that was resumed, what is in force already stays as it is.
        let fresh =
            |proposal: &Proposal| record.items.iter().all(|it| it.proposal.item_id != proposal.item_id);
        let item = |it| Item { provider: provider.cloned(), ..Item::proposed(record, it) };
        let items: Vec<_> = response.proposals.into_iter().filter(fresh).map(item).collect();
        record.items.extend(items);
        return;
    }
    for item in &mut record.items {
        if item.state != ItemState::Changed {
            continue;
        }
        match response.proposals.iter().find(|it| it.item_id == item.proposal.item_id) {
            Some(proposal) => show_again(item, proposal.clone()),
            None => {
                item.state = ItemState::NoEffect;
                item.summary = format!("{} is no longer possible", item.proposal.title);
            }
        }
    }
}

/// Shows an item as it now is: an approval of what it was is void.
pub(crate) fn show_again(item: &mut Item, proposal: Proposal) {
    item.proposal = proposal;
    item.approved = false;
    item.state = ItemState::Proposed;
}

/// What became of items that an agent executed.
pub(crate) fn executed(record: &mut StepRecord, asked: &[ItemId], response: AgentResponse) {
    // The headline of one execution tells of its own items alone; over several the items themselves are counted.
    record.headline = if record.executed { String::new() } else { response.headline };
    give(record, response.outputs);
    results(record, asked, response.results, |item, outcome| match outcome {
        Outcome::NoEffect { reason } => settle(item, ItemState::NoEffect, reason),
        Outcome::Ask { proposal } => {
            show_again(item, *proposal);
            item.must_ask = true;
        }
        other => common(item, other),
    });
}

/// What came of items goes on top of what came of others before; what was only proposed gives way to it.
fn give(record: &mut StepRecord, outputs: Outputs) {
    if record.executed {
        join(&mut record.outputs, outputs);
    } else {
        record.executed = true;
        record.outputs.extend(outputs);
    }
}

/// Outputs about some items, and about others.
pub(crate) fn join(outputs: &mut Outputs, more: Outputs) {
    for (name, value) in more {
        let before = outputs.remove(&name);
        outputs.insert(name, joined(before, value));
    }
}

/// An output over several executions: lists are joined, amounts added up, anything else replaced.
fn joined(before: Option<Value>, now: Value) -> Value {
    match (before, now) {
        (Some(Value::Array(mut list)), Value::Array(more)) => {
            list.extend(more);
            Value::Array(list)
        }
        (Some(before), now) => {
            let amounts =
                (serde_json::from_value::<Money>(before), serde_json::from_value::<Money>(now.clone()));
            match amounts {
                (Ok(a), Ok(b)) => a.add(b).map_or(now, |sum| json!(sum)),
                _ => now,
            }
        }
        (None, now) => now,
    }
}

/// What became of items that were begun by an attempt that could not say so. One that did not happen may be begun again, and what
/// comes of one that did has not been told yet.
pub(crate) fn probed(record: &mut StepRecord, asked: &[ItemId], response: AgentResponse) {
    if response.results.iter().any(|it| matches!(it.outcome, Outcome::Done { .. })) {
        record.headline.clear();
    }
    if !response.outputs.is_empty() {
        give(record, response.outputs);
    }
    results(record, asked, response.results, |item, outcome| match outcome {
        Outcome::NoEffect { .. } | Outcome::Ask { .. } => item.state = ready_again(item),
        other => common(item, other),
    });
}

/// What became of a manual step's proof. `Some` tells the user why it was not accepted.
pub(crate) fn verified(record: &mut StepRecord, response: AgentResponse) -> Option<String> {
    record.outputs.extend(response.outputs);
    let mut refused = None;
    for result in response.results {
        match result.outcome {
            Outcome::Done { summary, reference, impact, undo_until } => {
                let mut item = manual_item(record, &result.item_id, &summary, &reference);
                item.state = ItemState::Done;
                item.proposal.undo_until = undo_until;
                item.summary.clone_from(&summary);
                item.reference = reference;
                item.impact = impact;
                record.headline = summary;
                // What was undone of it before, in a run that was taken up again, is done anew.
                record.items.retain(|it| it.proposal.item_id != result.item_id);
                record.items.push(item);
                return None;
            }
            Outcome::NoEffect { reason: message }
            | Outcome::Declined { reason: message }
            | Outcome::Failed { message, .. }
            | Outcome::Unknown { message } => refused = Some(message),
            Outcome::Ask { proposal } => refused = Some(proposal.title),
        }
    }
    record.proof = None;
    Some(refused.unwrap_or_else(|| "The proof could not be verified.".to_owned()))
}

/// What the user did by hand, as an item: so that it can be shown, counted and undone like any other.
fn manual_item(record: &StepRecord, id: &ItemId, summary: &str, reference: &str) -> Item {
    let proposal = Proposal {
        item_id: id.clone(),
        title: summary.to_owned(),
        reasons: Vec::new(),
        effect: json!({ "reference": reference }),
        monthly: None,
        kind: ImpactKind::Income,
        evidence: vec![reference.to_owned()],
        modifications: BTreeMap::new(),
        undo_until: None,
    };
    Item::proposed(record, proposal)
}

/// Applies one result to each item asked for; an item without a result is in doubt.
fn results(
    record: &mut StepRecord,
    asked: &[ItemId],
    results: Vec<ItemResult>,
    mut apply: impl FnMut(&mut Item, Outcome),
) {
    let mut results: BTreeMap<_, _> =
        results.into_iter().map(|result| (result.item_id, result.outcome)).collect();
    for id in asked {
        let outcome = results.remove(id).unwrap_or_else(|| Outcome::Unknown {
            message: "the agent did not say what became of it".to_owned(),
        });
        if let Some(item) = record.item_mut(id) {
            apply(item, outcome);
        }
    }
}

fn common(item: &mut Item, outcome: Outcome) {
    match outcome {
        Outcome::Done { summary, reference, impact, undo_until } => {
            item.proposal.undo_until = undo_until.or(item.proposal.undo_until);
            item.reference = reference;
            item.impact = impact;
            settle(item, ItemState::Done, summary);
        }
        Outcome::Declined { reason } => settle(item, ItemState::Declined, reason),
        Outcome::Failed { class, message } => settle(item, ItemState::failed(class), message),
        Outcome::Unknown { message } => settle(item, ItemState::Unknown, message),
        Outcome::NoEffect { reason } => settle(item, ItemState::NoEffect, reason),
        Outcome::Ask { .. } => {
            settle(
                item,
                ItemState::failed(ErrorClass::Defect),
                "the agent asked where it may not".to_owned(),
            );
        }
    }
}

fn settle(item: &mut Item, state: ItemState, summary: String) {
    item.state = state;
    item.summary = summary;
}
