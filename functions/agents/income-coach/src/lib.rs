//! Income Coach: gigs that suit the user, how to get one, and whether an application is real.

mod coaching;
mod matching;

use agent::{Access, Agent, AgentError, Card, Item, Report, Task, Worked};
use coaching::Applied;
use events::{AgentResponse, Outcome, Proof};
use money::Money;
use providers::{Provider, gigs, plaid};
use serde::Deserialize;

/// The agent.
pub struct IncomeCoach;

/// The step's inputs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Inputs {
    /// What a month's essentials cost.
    #[serde(default)]
    pub monthly_essential_outflow: Option<Money>,
    /// What comes in a month.
    #[serde(default)]
    pub monthly_income: Option<Money>,
    /// What is at hand.
    #[serde(default)]
    pub liquid: Option<Money>,
}

/// What it looks at.
pub struct Sources {
    plaid: plaid::Reader,
    gigs: gigs::Reader,
}

impl Agent for IncomeCoach {
    type In = Inputs;
    type Effect = Applied;
    type Sources = Sources;
    type Effects = gigs::Writer;

    fn card(&self) -> Card {
        Card {
            agent: "income-coach",
            name: "Income Coach",
            capabilities: &[
                "Matches gigs to your skills and time",
                "Guides you through an application",
                "Checks with the platform that it arrived",
            ],
            scopes: &["read_transactions", "share_profile"],
            providers: &[Provider::Plaid, Provider::Gigs],
        }
    }

    fn sources(&self, access: &Access<'_>) -> Result<Sources, AgentError> {
        Ok(Sources { plaid: access.plaid()?, gigs: gigs::Reader::new(access.connection(Provider::Gigs)?) })
    }

    fn effects(&self, access: &Access<'_>) -> Result<gigs::Writer, AgentError> {
        Ok(gigs::Writer::new(access.connection(Provider::Gigs)?))
    }

    async fn propose(
        &self,
        sources: &Sources,
        task: &Task,
        inputs: Inputs,
    ) -> Result<AgentResponse, AgentError> {
        coaching::propose(sources, task, &inputs).await
    }

    /// A person applies, not an agent.
    async fn execute(
        &self,
        _effects: &gigs::Writer,
        _task: &Task,
        _item: &Item<Applied>,
    ) -> Result<Outcome, AgentError> {
        Err(AgentError::Unsupported { operation: "apply for you" })
    }

    async fn compensate(
        &self,
        effects: &gigs::Writer,
        _task: &Task,
        item: &Item<Applied>,
    ) -> Result<Outcome, AgentError> {
        coaching::withdraw(effects, item).await
    }

    async fn probe(
        &self,
        sources: &Sources,
        _task: &Task,
        item: &Item<Applied>,
    ) -> Result<Outcome, AgentError> {
        coaching::probe(&sources.gigs, item).await
    }

    async fn verify(
        &self,
        sources: &Sources,
        task: &Task,
        proof: &Proof,
    ) -> Result<AgentResponse, AgentError> {
        coaching::verify(&sources.gigs, task, proof).await
    }

    fn report(&self, _done: &[Worked<Applied>]) -> Report {
        Report::default()
    }
}
