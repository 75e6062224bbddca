//! Asking a step's agent.

use crate::failed::Failed;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{Item, StepRecord};
use events::{AgentItem, AgentRequest, AgentResponse, ErrorClass, ItemId, Operation, ProgressAddress};
use jiff::Timestamp;
use ports::StepWork;
use serde_json::Value;
use statemachines::Step;
use std::collections::{BTreeMap, BTreeSet};

/// What an agent is asked beyond the operation.
#[derive(Default)]
pub(crate) struct Ask<'a> {
    /// The step's inputs.
    pub(crate) inputs: BTreeMap<String, Value>,
    /// The items it is about.
    pub(crate) items: Vec<&'a Item>,
    /// The provider to work with.
    pub(crate) provider: Option<String>,
    /// What the user changed.
    pub(crate) modifications: BTreeMap<ItemId, BTreeMap<String, Value>>,
}

impl<P: StepPorts> Coordinator<P> {
    /// Until when an agent asked at `now` may be at work.
    pub(crate) fn agent_until(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.settings.agent_timeout).unwrap_or(Timestamp::MAX)
    }

    /// Refuses to ask an agent that may not answer within this piece of work: another attempt goes on where this one is.
    pub(crate) fn in_time(&self, began: Timestamp, what: &str) -> Result<(), Failed> {
        let last = began.checked_add(self.settings.work_timeout).unwrap_or(Timestamp::MAX);
        if self.agent_until(self.ports.now()) <= last {
            return Ok(());
        }
        Err(Failed::attempt(ErrorClass::Timeout, format!("{what} takes longer than usual")))
    }

    /// Asks the step's agent for one thing.
    pub(crate) async fn ask(
        &self,
        work: &StepWork,
        view: &View,
        step: &Step,
        record: &StepRecord,
        op: Operation,
        ask: Ask<'_>,
    ) -> Result<AgentResponse, Failed> {
        let now = self.ports.now();
        let deadline = self.agent_until(now);
        let request = AgentRequest {
            op,
            run_id: work.run_id.clone(),
            step_id: step.id.clone(),
            user_id: work.user_id.clone(),
            as_of: view.run.as_of,
            attempt: view.entry(&step.id).attempt.max(1),
            inputs: ask.inputs,
            items: ask.items.into_iter().map(agent_item).collect(),
            modifications: ask.modifications,
            proof: record.proof.clone(),
            provided: record.provided.clone(),
            credentials: credentials(view, step, now, op, ask.provider.as_ref()),
            provider: ask.provider,
            progress: self.progress_address(work, step, deadline),
            deadline,
        };
        Ok(self.ports.ask_agent(&step.agent, &request).await?)
    }

    fn progress_address(&self, work: &StepWork, step: &Step, until: Timestamp) -> Option<ProgressAddress> {
        self.settings.progress.as_ref().map(|progress| ProgressAddress {
            url: format!("{}/progress/{}/{}", progress.api_url, work.run_id, step.id),
            token: shell::progress_token::mint(&progress.key, &work.run_id, &step.id, work.epoch, until),
        })
    }
}

fn agent_item(item: &Item) -> AgentItem {
    AgentItem {
        item_id: item.proposal.item_id.clone(),
        key: item.key.clone(),
        effect: item.proposal.effect.clone(),
        approved: item.approved,
    }
}

/// The user's access tokens for what the step's consents cover and the user still allows. An undo gets them even when a consent
/// ended meanwhile: putting things back is part of what was consented to. Of providers that stand in for each other only the one
/// that is worked with.
fn credentials(
    view: &View,
    step: &Step,
    now: Timestamp,
    op: Operation,
    chosen: Option<&String>,
) -> BTreeMap<String, String> {
    let covered: BTreeSet<&str> = step
        .consents
        .iter()
        .filter(|scope| op == Operation::Compensate || view.access.allows(scope, now))
        .flat_map(|scope| engine::providers_of(scope))
        .copied()
        .collect();
    view.access
        .links
        .iter()
        .filter(|(provider, _)| covered.contains(provider.as_str()))
        .filter(|(provider, _)| !step.providers.contains(provider) || chosen == Some(*provider))
        .map(|(provider, link)| (provider.clone(), link.access_token.clone()))
        .collect()
}
