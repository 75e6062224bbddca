//! Spending Analyzer: where the last 90 days' money went, what recurs, and what can be reduced.

mod auditing;

use agent::{Access, Agent, AgentError, Card, Item, NoEffect, Report, Task, Worked};
use events::{AgentResponse, Outcome};
use providers::{Provider, plaid};
use serde::Deserialize;

/// The agent.
pub struct SpendingAnalyzer;

/// The step's inputs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Inputs {
    /// Days to look at; the audit is over 90.
    #[serde(default = "ninety")]
    pub window_days: u32,
}

fn ninety() -> u32 {
    auditing::WINDOW_DAYS
}

impl Agent for SpendingAnalyzer {
    type In = Inputs;
    type Effect = NoEffect;
    type Sources = plaid::Reader;
    type Effects = ();

    fn card(&self) -> Card {
        Card {
            agent: "spending-analyzer",
            name: "Spending Analyzer",
            capabilities: &[
                "Categorises the last 90 days",
                "Finds recurring charges of the last 12 months",
                "Ranks what can be reduced, with reasons and the transactions behind every figure",
            ],
            scopes: &["read_transactions"],
            providers: &[Provider::Plaid],
        }
    }

    fn sources(&self, access: &Access<'_>) -> Result<plaid::Reader, AgentError> {
        access.plaid()
    }

    fn effects(&self, _access: &Access<'_>) -> Result<(), AgentError> {
        Ok(())
    }

    async fn propose(
        &self,
        plaid: &plaid::Reader,
        task: &Task,
        inputs: Inputs,
    ) -> Result<AgentResponse, AgentError> {
        auditing::audit(plaid, task, inputs.window_days).await
    }

    async fn execute(
        &self,
        _effects: &(),
        _task: &Task,
        item: &Item<NoEffect>,
    ) -> Result<Outcome, AgentError> {
        match item.effect {}
    }

    async fn compensate(
        &self,
        _effects: &(),
        _task: &Task,
        item: &Item<NoEffect>,
    ) -> Result<Outcome, AgentError> {
        match item.effect {}
    }

    async fn probe(
        &self,
        _sources: &plaid::Reader,
        _task: &Task,
        item: &Item<NoEffect>,
    ) -> Result<Outcome, AgentError> {
        match item.effect {}
    }

    fn report(&self, _done: &[Worked<NoEffect>]) -> Report {
        Report::default()
    }
}
