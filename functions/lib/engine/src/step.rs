//! What is recorded of a step: its items, where each stands, and its outputs.

mod reading;

use crate::apart::Apart;
use events::{ErrorClass, Guide, Impact, ItemId, Proof, Proposal, RunId, StepId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What is recorded of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The run.
    pub run_id: RunId,
    /// The step.
    pub step_id: StepId,
    /// One line about what was found or done.
    #[serde(default)]
    pub headline: String,
    /// Whether its agent has proposed; a step is proposed once, then only changed item by item.
    #[serde(default)]
    pub proposed: bool,
    /// Its outputs are those of an `execute`; further ones are added to them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executed: bool,
    /// The user left the whole step out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// Its items, in the order proposed.
    #[serde(default)]
    pub items: Vec<Item>,
    /// What the user is guided through, in a manual step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// The user's proof of a manual step, until it is verified and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Its outputs by name.
    #[serde(default)]
    pub outputs: BTreeMap<String, Value>,
    /// Where those are that are too long for a record, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
    /// What a person provided in a recovery alert, for the next attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provided: Option<Value>,
    /// The user took its outputs as they are, in spite of a check that they failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overridden: bool,
    /// Why the last attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// How often it was gone through again after something was undone: what was undone under a key is not done again under it.
    #[serde(default, skip_serializing_if = "crate::run::is_zero")]
    pub generation: u32,
}

impl StepRecord {
    /// The record of a step that has not begun.
    pub fn new(run_id: RunId, step_id: StepId) -> Self {
        Self {
            run_id,
            step_id,
            headline: String::new(),
            proposed: false,
            executed: false,
            skipped: false,
            items: Vec::new(),
            guide: None,
            proof: None,
            outputs: BTreeMap::new(),
            apart: None,
            provided: None,
            overridden: false,
            failure: None,
            generation: 0,
        }
    }

    /// The item of this id.
    pub fn item_mut(&mut self, id: &ItemId) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.proposal.item_id == *id)
    }

    /// The impact of everything done in this step and not undone, also of what could not be.
    pub fn impact(&self) -> impl Iterator<Item = &Impact> {
        let so = |item: &&Item| matches!(item.state, ItemState::Done | ItemState::UndoFailed);
        self.items.iter().filter(so).flat_map(|item| &item.impact)
    }

    /// That part of its impact which no settlement has told yet.
    pub fn fresh_impact(&self) -> impl Iterator<Item = &Impact> {
        self.items.iter().filter(|item| item.state.is_done() && !item.counted).flat_map(|item| &item.impact)
    }

    /// What is done has been told.
    pub fn count(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.state.is_done()) {
            item.counted = true;
        }
    }

    /// Until when the first of what is done in this step can be undone, where the providers say so.
    pub fn undo_until(&self) -> Option<Timestamp> {
        self.items
            .iter()
            .filter(|item| item.state.is_done())
            .filter_map(|item| item.proposal.undo_until)
            .min()
    }

    /// Whether an effect may be in force outside.
    pub fn has_open_effects(&self) -> bool {
        self.items.iter().any(|item| item.state.may_be_in_force())
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub class: ErrorClass,
    /// One sentence for the user.
    pub message: String,
    /// What failed is a check of the outputs, which the user may override.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overridable: bool,
    /// The consents that are missing, where that is why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

impl Failure {
    /// A failure that neither a consent nor an override helps.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), overridable: false, scopes: Vec::new() }
    }
}

/// One thing that a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What would be, or was, done.
    pub proposal: Proposal,
    /// The idempotency key of its effect.
    pub key: String,
    /// The provider it was begun at, or will be, of those that can stand in for each other; there it is probed and undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Where it stands.
    pub state: ItemState,
    /// The agent of an automated step wants the user's approval of this very effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_ask: bool,
    /// The user approved exactly this effect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// What became of it, one sentence.
    #[serde(default)]
    pub summary: String,
    /// The provider's reference.
    #[serde(default)]
    pub reference: String,
    /// What it changed for the household.
    #[serde(default)]
    pub impact: Vec<Impact>,
    /// Its impact has been told in a settlement of its step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
    /// It is undone by the user's word alone: the provider could not say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    /// The changes the user asked for so far; the proposal has them unless the item is `Changed`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, Value>,
}

impl Item {
    /// An item as first proposed in a step.
    pub fn proposed(record: &StepRecord, proposal: Proposal) -> Self {
        let StepRecord { run_id, step_id, generation, .. } = record;
        let again = if *generation > 0 { format!(".{generation}") } else { String::new() };
        Self {
            key: format!("{run_id}:{step_id}{again}:{}", proposal.item_id),
            proposal,
            provider: None,
            state: ItemState::Proposed,
            must_ask: false,
            approved: false,
            summary: String::new(),
            reference: String::new(),
            impact: Vec::new(),
            counted: false,
            unconfirmed: false,
            changes: BTreeMap::new(),
        }
    }

    /// The hash of its exact effect and of what the user sees of it.
    pub fn effect_hash(&self) -> String {
        effect_hash(&self.proposal)
    }
}

/// SHA-256, in hex, of the exact effect and of what the user sees of it. An approval is bound to it.
pub fn effect_hash(proposal: &Proposal) -> String {
    let shown = serde_json::json!([proposal.item_id, proposal.title, proposal.effect, proposal.monthly]);
    let digest = Sha256::digest(shown.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", try_from = "reading::FlatState")]
pub enum ItemState {
    /// Proposed; nothing begun.
    Proposed,
    /// The user is asked.
    Asked,
    /// The user approved it; nothing begun.
    Approved,
    /// The user changed it; to be proposed again.
    Changed,
    /// Its effect was begun and its end is not recorded.
    Executing,
    /// Its effect was begun and nobody knows whether it happened.
    Unknown,
    /// Its effect is in force.
    Done,
    /// Nothing happened and nothing will.
    NoEffect,
    /// The other side said no.
    Declined,
    /// Left out by the user, by a deadline or by a recovery alert.
    Skipped,
    /// It failed without effect.
    Failed {
        /// What kind of failure.
        class: ErrorClass,
    },
    /// Its effect was undone.
    Undone,
    /// Its effect could not be undone.
    UndoFailed,
}

impl ItemState {
    /// Of an item that failed without effect: a no of the other side is no failure, however it is said.
    pub fn failed(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Declined => Self::Declined,
            class => Self::Failed { class },
        }
    }

    /// Whether it needs nothing more going forward.
    pub fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Done | Self::NoEffect | Self::Declined | Self::Skipped | Self::Undone | Self::UndoFailed
        )
    }

    /// Whether its effect is in force.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Whether its effect may be in force outside.
    pub fn may_be_in_force(&self) -> bool {
        matches!(self, Self::Done | Self::Executing | Self::Unknown | Self::UndoFailed)
    }
}
