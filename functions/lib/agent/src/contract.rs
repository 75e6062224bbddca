//! The agent trait.

use crate::access::Access;
use crate::card::Card;
use crate::error::AgentError;
use crate::task::{Item, Task, Worked};
use events::{AgentResponse, Outcome, Proof};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An agent: it looks, proposes, and does exactly what it proposed.
///
/// Items are handled one by one and each by itself: the shell calls `execute`, `compensate` and `probe` once an item and turns
/// an error into that item's outcome.
pub trait Agent {
    /// The step's inputs by name. Unknown names are refused, absent optional ones are not.
    type In: DeserializeOwned;
    /// The exact effect of one item, as shown to the user.
    type Effect: Serialize + DeserializeOwned;
    /// What it looks at. Nothing in it changes anything, so a proposal cannot move money.
    type Sources;
    /// What it changes things with.
    type Effects;

    /// Who it is.
    fn card(&self) -> Card;

    /// What it looks at for this user.
    ///
    /// # Errors
    /// [`AgentError::NoCredential`] when the user has not linked a provider that it needs.
    fn sources(&self, access: &Access<'_>) -> Result<Self::Sources, AgentError>;

    /// What it changes things with for this user.
    ///
    /// # Errors
    /// As [`Agent::sources`].
    fn effects(&self, access: &Access<'_>) -> Result<Self::Effects, AgentError>;

    /// Says what it would do; or, of a step without effects, what it found; or, of a manual step, how to go about it.
    async fn propose(
        &self,
        sources: &Self::Sources,
        task: &Task,
        inputs: Self::In,
    ) -> Result<AgentResponse, AgentError>;

    /// Does one item, once per key however often it is called, and reads it back.
    async fn execute(
        &self,
        effects: &Self::Effects,
        task: &Task,
        item: &Item<Self::Effect>,
    ) -> Result<Outcome, AgentError>;

    /// Undoes one item, whatever of it was done.
    async fn compensate(
        &self,
        effects: &Self::Effects,
        task: &Task,
        item: &Item<Self::Effect>,
    ) -> Result<Outcome, AgentError>;

    /// Says by its key what became of one item.
    async fn probe(
        &self,
        sources: &Self::Sources,
        task: &Task,
        item: &Item<Self::Effect>,
    ) -> Result<Outcome, AgentError>;

    /// What these items, executed just now or found to have been, come to. Cannot fail: the effects are in force by now.
    fn report(&self, done: &[Worked<Self::Effect>]) -> Report;

    /// Checks what the user shows as proof of a manual step.
    async fn verify(
        &self,
        _sources: &Self::Sources,
        _task: &Task,
        _proof: &Proof,
    ) -> Result<AgentResponse, AgentError> {
        Err(AgentError::Unsupported { operation: "verify" })
    }
}

/// What the items of a step come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// One line for the user.
    pub headline: String,
    /// The step's outputs by name.
    pub outputs: BTreeMap<String, Value>,
}

/// The effect of an agent that has none.
#[derive(Debug, Serialize, Deserialize)]
pub enum NoEffect {}
