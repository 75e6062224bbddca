//! Reversing by hand what no agent could undo: what is in force, how to reverse it, whom to ask, what proves it.

use engine::{Item, ItemState, StepRecord, Task, open_items};
use events::ItemId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::Step;

/// How a person reverses what is left of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UndoByHand")]
pub struct ByHand {
    /// What is in force, the latest first.
    pub items: Vec<LeftItem>,
    /// What to do for each, in order.
    pub steps: Vec<String>,
    /// Who helps.
    pub contact: String,
    /// What proves that it is done.
    pub proof: String,
}

/// An effect that is in force and should not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftItem {
    /// The item.
    pub item_id: ItemId,
    /// What was done.
    pub title: String,
    /// The provider's reference; empty when the provider never gave one.
    pub reference: String,
    /// Why it was not undone.
    pub why: String,
}

impl ByHand {
    /// What is left of a step, as the question about it lists it, and what its definition says about it.
    pub(crate) fn of(step: Option<&Step>, record: Option<&StepRecord>, task: Option<&Task>) -> Self {
        let is_left = |item: &&Item| match task {
            Some(task) => task.items.iter().any(|asked| asked.item_id == item.proposal.item_id),
            None => item.state == ItemState::UndoFailed,
        };
        let guide = step.and_then(|it| it.undo.as_ref()).and_then(|it| it.by_hand.clone());
        let (steps, contact, proof) = match guide {
            Some(guide) => (guide.steps, guide.contact, guide.proof),
            None => (
                vec!["Ask the provider to reverse what is named above.".to_owned()],
                "The provider's customer service.".to_owned(),
                "The provider's confirmation.".to_owned(),
            ),
        };
        let left = record.into_iter().flat_map(open_items).filter(is_left).map(|item| LeftItem {
            item_id: item.proposal.item_id.clone(),
            title: item.proposal.title.clone(),
            reference: item.reference.clone(),
            why: item.summary.clone(),
        });
        Self { items: left.collect(), steps, contact, proof }
    }
}
