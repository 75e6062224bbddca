//! Quick Saver: finds trials and subscriptions to cancel or downgrade, does what is approved, and can restore it.

mod effect;
mod proposing;
mod restoring;
mod saving;

use agent::{Access, Agent, AgentError, Card, Item, Report, Task, Worked};
use effect::Effect;
use events::{AgentResponse, Outcome};
use finance::audit::ReducibleExpense;
use providers::{Provider, plaid, subscriptions};
use serde::Deserialize;

/// The agent.
pub struct QuickSaver;

/// The step's inputs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// What the audit found reducible: its reasons are repeated beside the proposals.
    #[serde(default)]
    pub candidates: Vec<ReducibleExpense>,
}

/// What it looks at.
pub struct Sources {
    plaid: plaid::Reader,
    subscriptions: subscriptions::Reader,
}

impl Agent for QuickSaver {
    type In = Inputs;
    type Effect = Effect;
    type Sources = Sources;
    type Effects = subscriptions::Writer;

    fn card(&self) -> Card {
        Card {
            agent: "quick-saver",
            name: "Quick Saver",
            capabilities: &[
                "Finds trials about to be charged and services that are not used",
                "Cancels or downgrades what you approve",
                "Restores it while the provider allows",
            ],
            scopes: &["read_transactions", "cancel_service"],
            providers: &[Provider::Plaid, Provider::Subscriptions],
        }
    }

    fn sources(&self, access: &Access<'_>) -> Result<Sources, AgentError> {
        Ok(Sources {
            plaid: access.plaid()?,
            subscriptions: subscriptions::Reader::new(access.connection(Provider::Subscriptions)?),
        })
    }

    fn effects(&self, access: &Access<'_>) -> Result<subscriptions::Writer, AgentError> {
        Ok(subscriptions::Writer::new(access.connection(Provider::Subscriptions)?))
    }

    async fn propose(
        &self,
        sources: &Sources,
        task: &Task,
        inputs: Inputs,
    ) -> Result<AgentResponse, AgentError> {
        proposing::propose(sources, task, &inputs.candidates).await
    }

    async fn execute(
        &self,
        effects: &subscriptions::Writer,
        task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        saving::execute(effects, task, item).await
    }

    async fn compensate(
        &self,
        effects: &subscriptions::Writer,
        _task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        restoring::compensate(effects, item).await
    }

    async fn probe(
        &self,
        sources: &Sources,
        _task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        saving::probe(&sources.subscriptions, item).await
    }

    fn report(&self, done: &[Worked<Effect>]) -> Report {
        saving::report(done)
    }
}
