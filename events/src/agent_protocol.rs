//! What a step Lambda asks of an agent's Lambda, and what it answers. Plain JSON: an agent may be written in any language.
//!
//! An agent that fails answers with a Lambda function error whose `errorType` is the name of an [`ErrorClass`] and whose
//! `errorMessage` is one sentence for the user.

mod reading;

use crate::class::ErrorClass;
use crate::ids::{AgentId, ItemId, RunId, StepId, UserId};
use crate::user_task::{Guide, Proof};
use crate::workflow::{Impact, ImpactKind};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a step Lambda asks of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentRequest {
    /// What to do.
    pub op: Operation,
    /// The run it is for.
    pub run_id: RunId,
    /// The step it is for.
    pub step_id: StepId,
    /// Whose household.
    pub user_id: UserId,
    /// The date that all arithmetic uses.
    pub as_of: Date,
    /// Which attempt of the step this is, from 1.
    pub attempt: u32,
    /// The step's inputs, resolved from earlier steps' outputs and constants.
    #[serde(default)]
    pub inputs: BTreeMap<String, Value>,
    /// The items to execute, probe or compensate.
    #[serde(default)]
    pub items: Vec<AgentItem>,
    /// `propose` again: what the user changed, by item.
    #[serde(default)]
    pub modifications: BTreeMap<ItemId, BTreeMap<String, Value>>,
    /// `verify`: what the user shows as proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// What the user was asked for in a recovery alert and provided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provided: Option<Value>,
    /// Where its effects are, or are to be, of providers that can stand in for each other; none where the agent has no choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The user's access tokens for the consented providers, by provider.
    #[serde(default)]
    pub credentials: BTreeMap<String, String>,
    /// Where to post [`crate::AgentMessage`]s while working; a lost one costs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressAddress>,
    /// When nobody waits for the answer any more; no new effect is begun after it.
    pub deadline: Timestamp,
}

/// What an agent can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Say who you are and whether you are ready. Answered with [`AgentResponse::card`].
    Describe,
    /// Say what you would do: items with exact effects, or the outputs of a step without effects. Changes nothing outside.
    Propose,
    /// Do the given items.
    Execute,
    /// Check the user's proof of a manual step.
    Verify,
    /// Undo the given items, done or half done; undoing what never happened is `NoEffect`.
    Compensate,
    /// Say by idempotency key what became of the given items.
    Probe,
}

/// One item that an agent executes, probes or compensates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentItem {
    /// The item.
    pub item_id: ItemId,
    /// The idempotency key: run, step and item, never the attempt.
    pub key: String,
    /// The exact effect, as proposed (and approved, where a person approves).
    pub effect: Value,
    /// The user approved this very effect.
    #[serde(default)]
    pub approved: bool,
}

/// Where an agent reports while it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressAddress {
    /// Address to POST an [`crate::AgentMessage`] to.
    pub url: String,
    /// Bearer token good for this step only.
    pub token: String,
}

/// What an agent answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentResponse {
    /// One line for the user about what was found or done.
    #[serde(default)]
    pub headline: String,
    /// The step's outputs by name. Of `propose`: those of a step without effects. Of `execute`: for the given items alone; where a
    /// step executes more than once, lists are joined, amounts added up and anything else replaced.
    #[serde(default)]
    pub outputs: BTreeMap<String, Value>,
    /// `propose`: what would be done.
    #[serde(default)]
    pub proposals: Vec<Proposal>,
    /// `propose` of a manual step: what to guide the user through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// `execute`, `verify`, `compensate`, `probe`: what became of each item.
    #[serde(default)]
    pub results: Vec<ItemResult>,
    /// `describe`: who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<AgentCard>,
}

/// One thing an agent would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The item; the same for the same thing in every proposal of a run.
    pub item_id: ItemId,
    /// One sentence that says exactly what will be done.
    pub title: String,
    /// Why.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// The exact effect, in the agent's own terms; handed back unchanged to `execute`.
    pub effect: Value,
    /// What it is worth a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Money>,
    /// What kind of worth.
    pub kind: ImpactKind,
    /// Transactions and provider records the figures come from.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// What the user may change: a name and the values it may take.
    #[serde(default)]
    pub modifications: BTreeMap<String, Vec<Value>>,
    /// Until when the provider lets it be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo_until: Option<Timestamp>,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemResult {
    /// The item.
    pub item_id: ItemId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields, try_from = "reading::FlatOutcome")]
#[schemars(!try_from)]
pub enum Outcome {
    /// The effect is in force (`compensate`: undone) and was read back from the provider.
    Done {
        /// One sentence with the confirmed result.
        summary: String,
        /// The provider's reference.
        reference: String,
        /// What it changed for the household.
        #[serde(default)]
        impact: Vec<Impact>,
        /// Until when the provider lets it be undone, where it says so only now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo_until: Option<Timestamp>,
    },
    /// Nothing happened and nothing will.
    NoEffect {
        /// Why not.
        reason: String,
    },
    /// The other side said no.
    Declined {
        /// In words.
        reason: String,
    },
    /// The agent needs the user's approval of this very effect before it goes on (`mayAsk`).
    Ask {
        /// What would be done with the approval; its item is this item.
        proposal: Box<Proposal>,
    },
    /// It failed without effect.
    Failed {
        /// What kind of failure.
        class: ErrorClass,
        /// One sentence.
        message: String,
    },
    /// Nobody knows whether it happened; probe before anything else.
    Unknown {
        /// One sentence.
        message: String,
    },
}

/// Who an agent is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentCard {
    /// The agent.
    pub agent: AgentId,
    /// Name shown to the user, such as `Bill Negotiator`.
    pub name: String,
    /// What it can do, one line each.
    pub capabilities: Vec<String>,
    /// The consents it needs, such as `read_transactions`.
    pub scopes: Vec<String>,
    /// The providers it talks to, by name, and whether each answered just now.
    pub providers: BTreeMap<String, bool>,
}
