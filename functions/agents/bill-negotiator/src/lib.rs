//! Bill Negotiator: talks with the billers' retention departments about the bills with the most to gain.
//!
//! It accepts by itself only what lowers the price for a year or more and changes nothing else; about a downgrade, a contract,
//! another plan, a fee, a short promotion or a higher price after it it asks the user, and takes exactly the offer that was approved.

mod accepting;
mod chatting;
mod effect;
mod negotiating;
mod proposing;
mod terms;

use agent::{Access, Agent, AgentError, Card, Item, Report, Task, Worked};
use effect::Effect;
use events::{AgentResponse, Outcome};
use finance::audit::ReducibleExpense;
use providers::{Provider, billers};
use serde::Deserialize;

/// The agent.
pub struct BillNegotiator;

/// The step's inputs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The bills the audit found: the transactions behind them.
    #[serde(default)]
    pub bills: Vec<ReducibleExpense>,
    /// How many bills are negotiated at most.
    #[serde(default = "five")]
    pub top: usize,
}

fn five() -> usize {
    5
}

impl Agent for BillNegotiator {
    type In = Inputs;
    type Effect = Effect;
    type Sources = billers::Reader;
    type Effects = billers::Writer;

    fn card(&self) -> Card {
        Card {
            agent: "bill-negotiator",
            name: "Bill Negotiator",
            capabilities: &[
                "Compares your bills with competing offers at your address",
                "Negotiates with the billers' retention departments, saying that it is software and speaks for you",
                "Accepts a lower price for the same service, asks you about anything else",
            ],
            scopes: &["read_transactions", "call_on_behalf"],
            providers: &[Provider::Billers],
        }
    }

    fn sources(&self, access: &Access<'_>) -> Result<billers::Reader, AgentError> {
        Ok(billers::Reader::new(access.connection(Provider::Billers)?))
    }

    fn effects(&self, access: &Access<'_>) -> Result<billers::Writer, AgentError> {
        Ok(billers::Writer::new(access.connection(Provider::Billers)?))
    }

    async fn propose(
        &self,
        sources: &billers::Reader,
        task: &Task,
        inputs: Inputs,
    ) -> Result<AgentResponse, AgentError> {
        proposing::propose(sources, task, &inputs).await
    }

    async fn execute(
        &self,
        effects: &billers::Writer,
        task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        negotiating::execute(effects, task, item).await
    }

    async fn compensate(
        &self,
        effects: &billers::Writer,
        _task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        accepting::revert(effects, item).await
    }

    async fn probe(
        &self,
        sources: &billers::Reader,
        _task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        accepting::probe(sources, item).await
    }

    fn report(&self, done: &[Worked<Effect>]) -> Report {
        accepting::report(done)
    }
}
