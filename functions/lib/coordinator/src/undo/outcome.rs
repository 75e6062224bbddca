//! What became of the effects of a step that were to be undone.

use crate::failed::Failed;
use engine::{Item, ItemState, StepRecord};
use events::{AgentResponse, ErrorClass, ItemId, Outcome};
use std::collections::BTreeMap;

/// What is still in force, one sentence each.
pub(super) fn left(record: &StepRecord) -> Vec<String> {
    let failed = record.items.iter().filter(|item| item.state == ItemState::UndoFailed);
    failed.map(|item| format!("{}: {}", item.proposal.title, item.summary)).collect()
}

/// What is undone by the user's word alone, one sentence each.
pub(super) fn by_word(record: &StepRecord) -> Vec<String> {
    let said = record.items.iter().filter(|item| item.state == ItemState::Undone && item.unconfirmed);
    said.map(|item| format!("{}: {}", item.proposal.title, item.summary)).collect()
}

/// Applies what was undone; `Some` is a failure of what was not.
pub(super) fn compensated(
    record: &mut StepRecord,
    asked: &[ItemId],
    response: AgentResponse,
) -> Option<Failed> {
    let mut outcomes: BTreeMap<_, _> =
        response.results.into_iter().map(|result| (result.item_id, result.outcome)).collect();
    let mut failed = None;
    for id in asked {
        let Some(item) = record.item_mut(id) else { continue };
        match outcomes.remove(id) {
            Some(Outcome::Done { summary, .. }) => undo_item(item, summary),
            Some(Outcome::NoEffect { reason }) => undo_item(item, reason),
            Some(Outcome::Declined { reason }) => fail_item(item, reason),
            Some(Outcome::Failed { class, message }) if class.is_transient() => {
                failed = Some(Failed::attempt(class, message));
            }
            Some(Outcome::Failed { message, .. }) => fail_item(item, message),
            Some(Outcome::Unknown { message }) => {
                failed = Some(Failed::attempt(ErrorClass::ProviderUnavailable, message));
            }
            Some(Outcome::Ask { proposal }) => fail_item(item, proposal.title),
            None => {
                let message = "the agent did not say what became of it";
                failed = Some(Failed::attempt(ErrorClass::ProviderUnavailable, message));
            }
        }
    }
    failed
}

pub(super) fn undo_item(item: &mut Item, summary: String) {
    item.state = ItemState::Undone;
    item.summary = summary;
    item.impact.clear();
}

pub(super) fn fail_item(item: &mut Item, summary: String) {
    item.state = ItemState::UndoFailed;
    item.summary = summary;
}

/// Marks what is left as not undone.
pub(super) fn give_up(record: &mut StepRecord, why: &str) {
    for item in record.items.iter_mut().filter(|item| item.state.may_be_in_force()) {
        if item.state != ItemState::UndoFailed {
            fail_item(item, why.to_owned());
        }
    }
}

/// What nobody could undo, or say the end of, is looked at anew.
pub(super) fn doubt_again(record: &mut StepRecord) {
    for item in record.items.iter_mut().filter(|item| item.state == ItemState::UndoFailed) {
        item.state = ItemState::Unknown;
    }
}

/// Marks what nobody knows the end of as not undone.
pub(super) fn give_up_doubts(record: &mut StepRecord) {
    let doubt = |item: &&mut Item| matches!(item.state, ItemState::Executing | ItemState::Unknown);
    for item in record.items.iter_mut().filter(doubt) {
        fail_item(item, "the provider did not say whether it happened".to_owned());
    }
}
