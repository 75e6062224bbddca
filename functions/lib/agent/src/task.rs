//! What an agent is told about the step it works for.

use crate::error::AgentError;
use crate::progress::Progress;
use events::{ItemId, Outcome, RunId, StepId, UserId};
use jiff::civil::Date;
use providers::ProviderError;
use serde_json::Value;
use std::collections::BTreeMap;

/// The step an agent works for.
pub struct Task {
    /// The run.
    pub run_id: RunId,
    /// The step.
    pub step_id: StepId,
    /// Whose household.
    pub user_id: UserId,
    /// The date that all arithmetic uses.
    pub as_of: Date,
    /// Which attempt of the step this is, from 1.
    pub attempt: u32,
    /// What the user changed, by item.
    pub modifications: BTreeMap<ItemId, BTreeMap<String, Value>>,
    /// What the user was asked for in a recovery alert and provided.
    pub provided: Option<Value>,
    /// Where to report.
    pub progress: Progress,
}

impl Task {
    /// What it means that a key could not be asked after before its effect: nothing has happened, unless an earlier attempt
    /// may have left the effect behind.
    #[must_use]
    pub fn unanswered(&self, error: ProviderError) -> AgentError {
        if self.attempt > 1 { AgentError::ReadBack(error) } else { AgentError::Looking(error) }
    }
}

/// One item to be handled.
#[derive(Debug)]
pub struct Item<Effect> {
    /// The item.
    pub id: ItemId,
    /// The idempotency key, the same in every attempt.
    pub key: String,
    /// The exact effect.
    pub effect: Effect,
    /// The user approved this very effect.
    pub approved: bool,
}

impl<Effect> Item<Effect> {
    /// The key of this item's undo, which is an effect of its own.
    #[must_use]
    pub fn undo_key(&self) -> String {
        format!("{}:undo", self.key)
    }
}

/// An item and what became of it.
pub struct Worked<Effect> {
    /// The item.
    pub item: Item<Effect>,
    /// What became of it.
    pub outcome: Outcome,
}
