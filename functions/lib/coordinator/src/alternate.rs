//! Providers that can stand in for each other: which one an attempt works with, and when another takes over.
//!
//! What is known to have had no effect goes to the next provider; what is not known is probed first where it was begun, and
//! stays there as long as nobody can say. The idempotency key is the same everywhere.

use crate::agent::Ask;
use crate::apply::join;
use crate::failed::Failed;
use crate::step::Attempt;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{Item, ItemState, StepRecord, ready_again};
use events::{AgentResponse, ErrorClass, ItemId, Operation};
use ports::StepWork;
use shell::Classified;
use statemachines::Step;
use std::collections::BTreeMap;

impl<P: StepPorts> Coordinator<P> {
    /// Asks about items, each at the provider it was begun at. What one provider answered counts although another failed.
    pub(crate) async fn ask_each<'a>(
        &self,
        work: &StepWork,
        view: &View,
        step: &Step,
        record: &StepRecord,
        op: Operation,
        items: impl Iterator<Item = &'a Item>,
    ) -> Answers {
        let mut groups: BTreeMap<Option<String>, Vec<&Item>> = BTreeMap::new();
        for item in items {
            groups.entry(item.provider.clone()).or_default().push(item);
        }
        let mut answers = Answers::default();
        for (provider, items) in groups {
            let ids: Vec<_> = items.iter().map(|item| item.proposal.item_id.clone()).collect();
            let ask = Ask { items, provider, ..Ask::default() };
            let answer = match self.in_time(view.read_at, &step.name) {
                Ok(()) => self.ask(work, view, step, record, op, ask).await,
                Err(late) => Err(late),
            };
            match answer {
                Ok(response) => {
                    answers.about.extend(ids);
                    answers.response.results.extend(response.results);
                    join(&mut answers.response.outputs, response.outputs);
                }
                // Who does not say it leaves it as open as who cannot.
                Err(failed) if failed.class() == ErrorClass::Declined => {
                    let message = failed.failure().message;
                    answers.failed = Some(Failed::attempt(ErrorClass::ProviderUnavailable, message));
                }
                Err(failed) => answers.failed = Some(failed),
            }
        }
        answers
    }
}

/// What several providers said.
#[derive(Default)]
pub(crate) struct Answers {
    /// The items that were asked about where there was an answer.
    pub(crate) about: Vec<ItemId>,
    /// The answers.
    pub(crate) response: AgentResponse,
    /// Why there was none from one of them.
    pub(crate) failed: Option<Failed>,
}

impl Attempt<'_> {
    /// The provider to work with: the first that the user has linked and that is not away. None where the agent has no choice.
    pub(crate) fn provider(&self) -> Option<String> {
        let linked = |it: &&String| self.view.access.links.contains_key(*it);
        let mut linked = self.order.iter().filter(linked).peekable();
        if linked.peek().is_none() {
            // The agent says what is missing.
            return self.order.first().cloned();
        }
        linked.find(|it| !self.away.contains(*it)).cloned()
    }

    /// Those of these items that are to be done at the same provider as the first.
    pub(crate) fn at_one_provider(&self, items: &[ItemId]) -> Vec<ItemId> {
        let mut these =
            self.record.items.iter().filter(|item| items.contains(&item.proposal.item_id)).peekable();
        let provider = these.peek().and_then(|item| item.provider.clone());
        these.filter(|item| item.provider == provider).map(|item| item.proposal.item_id.clone()).collect()
    }

    /// Takes a provider for away if that is why an agent failed. `true`: another can be asked in its place.
    pub(crate) fn turn_from(&mut self, provider: Option<&String>, failed: &Failed) -> bool {
        let Some(provider) = provider else { return false };
        if !matches!(failed, Failed::Agent(_)) || !failed.at_rest() || !is_away(failed.class()) {
            return false;
        }
        self.away.insert(provider.clone());
        self.provider().is_some_and(|other| !self.away.contains(&other))
    }

    /// Takes the providers for away at which these items could not be done, or nobody can say whether they were.
    pub(crate) fn note_away(&mut self, items: &[ItemId]) {
        for item in self.record.items.iter().filter(|item| items.contains(&item.proposal.item_id)) {
            let away = match item.state {
                ItemState::Failed { class } => is_away(class),
                ItemState::Unknown => true,
                _ => false,
            };
            if away {
                self.away.extend(item.provider.clone());
            }
        }
    }

    /// Hands what had no effect at a provider that is away to the next one.
    pub(crate) fn divert(&mut self) {
        let Some(other) = self.provider().filter(|other| !self.away.contains(other)) else { return };
        for item in &mut self.record.items {
            if !item.provider.as_ref().is_some_and(|provider| self.away.contains(provider)) {
                continue;
            }
            let ready = match item.state {
                ItemState::Proposed => true,
                ItemState::Failed { class } => is_away(class),
                _ => false,
            };
            if ready {
                item.state = ready_again(item);
                item.provider = Some(other.clone());
            }
        }
    }
}

/// Whether a provider is not there for now, and another may be.
fn is_away(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::ProviderUnavailable | ErrorClass::RateLimited)
}
