//! Automation Builder: savings rules and round-ups that never take an account below the user's floor.

mod creating;
mod effect;
mod guard;
mod proposing;

use agent::{Access, Agent, AgentError, Card, Item, Report, Task, Worked};
use effect::Effect;
use events::{AgentResponse, Outcome};
use money::Money;
use providers::{Provider, plaid, savings};
use serde::Deserialize;

/// The agent.
pub struct AutomationBuilder;

/// The step's inputs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Inputs {
    /// What must stay in the account; without it, three days of essentials.
    #[serde(default)]
    pub floor: Option<Money>,
    /// What a month's essentials cost.
    pub monthly_essential_outflow: Money,
    /// What comes in a month; told to the user beside what is set aside.
    #[serde(default)]
    pub monthly_income: Option<Money>,
    /// What each earlier step has freed a month; one that was left out says nothing.
    #[serde(default)]
    pub monthly_saved: Vec<Option<Money>>,
    /// What the audit found could be freed in all; told to the user, never counted on.
    #[serde(default)]
    pub reducible_monthly: Option<Money>,
}

/// What it looks at.
pub struct Sources {
    plaid: plaid::Reader,
    savings: savings::Reader,
}

/// What it looks at and changes things with.
pub struct Effects {
    plaid: plaid::Reader,
    savings: savings::Writer,
}

impl Agent for AutomationBuilder {
    type In = Inputs;
    type Effect = Effect;
    type Sources = Sources;
    type Effects = Effects;

    fn card(&self) -> Card {
        Card {
            agent: "automation-builder",
            name: "Automation Builder",
            capabilities: &[
                "Chooses round-ups and savings rules that your balance can carry",
                "Sets them up so that no transfer takes the account below your floor",
                "Deletes them again",
            ],
            scopes: &["read_transactions", "move_money"],
            providers: &[Provider::Plaid, Provider::Savings, Provider::SavingsPartner],
        }
    }

    fn sources(&self, access: &Access<'_>) -> Result<Sources, AgentError> {
        Ok(Sources {
            plaid: access.plaid()?,
            savings: savings::Reader::new(access.connection_to_one(savings::PROVIDERS)?),
        })
    }

    fn effects(&self, access: &Access<'_>) -> Result<Effects, AgentError> {
        Ok(Effects {
            plaid: access.plaid()?,
            savings: savings::Writer::new(access.connection_to_one(savings::PROVIDERS)?),
        })
    }

    async fn propose(
        &self,
        sources: &Sources,
        task: &Task,
        inputs: Inputs,
    ) -> Result<AgentResponse, AgentError> {
        proposing::propose(sources, task, &inputs).await
    }

    async fn execute(
        &self,
        effects: &Effects,
        task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        creating::execute(effects, task, item).await
    }

    async fn compensate(
        &self,
        effects: &Effects,
        _task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        creating::compensate(&effects.savings, item).await
    }

    async fn probe(
        &self,
        sources: &Sources,
        _task: &Task,
        item: &Item<Effect>,
    ) -> Result<Outcome, AgentError> {
        creating::probe(&sources.savings, item).await
    }

    fn report(&self, done: &[Worked<Effect>]) -> Report {
        creating::report(done)
    }
}
