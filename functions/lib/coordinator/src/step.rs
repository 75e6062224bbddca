//! Carrying out a step: `engine::next` in a loop until it is settled, waits or fails.

use crate::agent::Ask;
use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::view::View;
use crate::{Coordinator, StepPorts, apply, inputs};
use engine::{
    Action, Change, Failure, ItemState, RunStatus, StepRecord, StepStatus, next, prepare_attempt, ready_again,
};
use events::{AgentResponse, ErrorClass, ItemId, Operation};
use ports::{Slot, StepWork};
use shell::Classified;
use statemachines::compile::MAX_EFFECTS_PER_STEP;
use statemachines::{Step, Workflow, allowed_by};
use std::collections::{BTreeMap, BTreeSet};

/// Turns of one attempt after an answer before it is taken for a defect: more than any real step needs.
const MAX_TURNS: u32 = 20;

/// One attempt of a step.
pub(crate) struct Attempt<'a> {
    pub(crate) work: &'a StepWork,
    pub(crate) workflow: &'a Workflow,
    pub(crate) step: &'a Step,
    pub(crate) view: View,
    pub(crate) record: StepRecord,
    /// Changes of the run that are written with the next write.
    pub(crate) pending: Vec<Change>,
    /// The token to complete when the step is settled.
    pub(crate) token: Option<String>,
    /// Providers that can stand in for each other, the best first.
    pub(crate) order: Vec<String>,
    /// Those of them that are not there for now.
    pub(crate) away: BTreeSet<String>,
    /// How often help had been asked for when it began.
    pub(crate) helped: u32,
}

/// Where an attempt ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nothing is left to do.
    Settled,
    /// The other side said no and the fallback runs in the step's place.
    Diverted,
    /// It waits for the user.
    Waiting,
}

impl<P: StepPorts> Coordinator<P> {
    /// A Task state's call: begins or re-enters the step.
    pub(crate) async fn step(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let step = step_of(work, workflow)?;
        let view = View::read(&self.ports, work, workflow).await?;
        self.admit(work, &view)?;
        let entry = view.entry(&step.id);
        if entry.diverted {
            return Err(Failed::attempt(ErrorClass::Declined, format!("{} was declined", step.name)));
        }
        if entry.status.is_settled() {
            return self.release(work.token.as_deref()).await;
        }
        let mut record = view.record(&step.id);
        self.refuse_while_busy(&view, step, &record)?;
        prepare_attempt(&mut record);
        let mut attempt = self.attempt(work, workflow, step, view, record).await;
        attempt.pending = self.begin(&attempt);
        attempt.take_decisions();
        let ready = match self.fetch(&mut attempt).await {
            Ok(()) => self.ready(&attempt),
            Err(failed) => Err(failed),
        };
        let result = match ready {
            Ok(true) => self.advance(&mut attempt).await,
            Ok(false) => self.leave_out(&mut attempt).await,
            Err(failed) => Err(failed),
        };
        self.conclude(&mut attempt, result).await
    }

    /// An attempt before anything is done in it.
    pub(crate) async fn attempt<'a>(
        &self,
        work: &'a StepWork,
        workflow: &'a Workflow,
        step: &'a Step,
        view: View,
        record: StepRecord,
    ) -> Attempt<'a> {
        let order = match step.providers.as_slice() {
            [] => Vec::new(),
            several => self.ports.order_providers(several).await,
        };
        let (pending, away) = (Vec::new(), BTreeSet::new());
        let (token, helped) = (work.token.clone(), view.entry(&step.id).helped);
        Attempt { work, workflow, step, view, record, pending, token, order, away, helped }
    }

    /// The changes with which an attempt begins.
    fn begin(&self, attempt: &Attempt<'_>) -> Vec<Change> {
        let step = attempt.step.id.clone();
        let agent_until = self.agent_until(self.ports.now());
        let mut changes = Vec::new();
        if attempt.view.run.status == RunStatus::Ready {
            // The execution was quicker than the note that it runs.
            changes.push(Change::Begin);
        }
        changes.push(match attempt.view.entry(&attempt.step.id).status {
            StepStatus::WaitingUser => Change::Proceed { step, agent_until, open_effects: false },
            _ => Change::Start { step, agent_until },
        });
        changes
    }

    /// Refuses work of an execution that is not the run's, and of a run or group that is being ended.
    pub(crate) fn admit(&self, work: &StepWork, view: &View) -> Result<(), Failed> {
        let run = &view.run;
        let step = work.step_id.as_ref().and_then(|id| self.workflow(work).ok()?.step(id));
        if run.ending.is_some()
            || run.epoch != work.epoch
            || run.status.is_terminal() && !self.is_settled(work, view)
            || step.is_some_and(|step| run.group_has_failed(step))
        {
            return Err(Failed::ending());
        }
        Ok(())
    }

    fn is_settled(&self, work: &StepWork, view: &View) -> bool {
        work.step_id.as_ref().is_some_and(|step| view.entry(step).status.is_settled())
    }

    /// An agent nobody waits for any more may still be at work on a begun effect: its time must run out before anyone probes.
    pub(crate) fn refuse_while_busy(
        &self,
        view: &View,
        step: &Step,
        record: &StepRecord,
    ) -> Result<(), Failed> {
        let begun = record.items.iter().any(|item| item.state == ItemState::Executing);
        let busy = view.entry(&step.id).agent_until.is_some_and(|until| self.ports.now() < until);
        if begun && busy {
            return Err(Failed::attempt(
                ErrorClass::AgentBusy,
                format!("{} is still being worked on", step.name),
            ));
        }
        Ok(())
    }

    /// Checks the step's condition and consents. `false`: it does not apply.
    fn ready(&self, attempt: &Attempt<'_>) -> Result<bool, Failed> {
        let Attempt { step, view, workflow, .. } = attempt;
        if !inputs::applies(view, workflow, step)? {
            return Ok(false);
        }
        let now = self.ports.now();
        let missing: Vec<_> =
            step.consents.iter().filter(|scope| !view.access.allows(scope, now)).cloned().collect();
        if missing.is_empty() {
            return Ok(true);
        }
        let message = format!("{} needs your consent to {}", step.name, allowed_by(&missing));
        Err(Failed::not_allowed(message, missing))
    }

    /// Decides and acts until the step is settled, waits or fails.
    pub(crate) async fn advance(&self, attempt: &mut Attempt<'_>) -> Result<Ended, Failed> {
        let mut probed = false;
        let mut turns = 0;
        while turns < MAX_TURNS {
            turns += 1;
            attempt.divert();
            let action = next(attempt.step, &attempt.record);
            if action.asks_agent() {
                self.in_time(attempt.view.read_at, &attempt.step.name)?;
            }
            match action {
                Action::Propose(changes) => {
                    let changed: Vec<_> = changes.keys().cloned().collect();
                    match self.propose(attempt, changes).await {
                        Err(failed) if is_declined(&failed) && !changed.is_empty() => {
                            attempt.refused(&changed, &failed);
                        }
                        Err(failed) if is_declined(&failed) => return self.decline(attempt, failed).await,
                        other => other?,
                    }
                }
                Action::Probe(items) => {
                    if probed {
                        let message =
                            format!("{}: the provider cannot say yet what happened", attempt.step.name);
                        return Err(Failed::attempt(ErrorClass::ProviderUnavailable, message));
                    }
                    probed = true;
                    self.probe_begun(attempt, &items).await?;
                }
                Action::Execute(items) => {
                    // What this turn leaves in doubt may be asked for once more.
                    probed = false;
                    self.execute(attempt, &items).await?;
                }
                Action::Verify(_) => self.verify(attempt).await?,
                Action::Ask(items) => {
                    for id in &items {
                        if let Some(item) = attempt.record.item_mut(id) {
                            item.state = ItemState::Asked;
                        }
                    }
                }
                Action::Wait => {
                    if self.wait(attempt).await? {
                        return Ok(Ended::Waiting);
                    }
                    // Meanwhile an answer came: as many as there are items, and each has something to do.
                    turns = 0;
                }
                Action::Fail(failure) => return Err(failure.into()),
                Action::Settle(settlement) => return self.settle(attempt, settlement).await,
            }
        }
        Err(Failed::attempt(ErrorClass::Defect, format!("{} does not come to an end", attempt.step.name)))
    }

    async fn propose(
        &self,
        attempt: &mut Attempt<'_>,
        modifications: BTreeMap<ItemId, BTreeMap<String, serde_json::Value>>,
    ) -> Result<(), Failed> {
        if !attempt.step.has_effects() {
            // Without effects there is no intent to write later, so the start is told now.
            self.flush(attempt, false).await?;
        }
        let (provider, response) = loop {
            self.in_time(attempt.view.read_at, &attempt.step.name)?;
            let provider = attempt.provider();
            let modifications = modifications.clone();
            let ask = Ask {
                inputs: attempt.inputs()?,
                modifications,
                provider: provider.clone(),
                ..Ask::default()
            };
            let Attempt { work, view, step, record, .. } = &*attempt;
            match self.ask(work, view, step, record, Operation::Propose, ask).await {
                Ok(response) => break (provider, response),
                Err(failed) if attempt.turn_from(provider.as_ref(), &failed) => {}
                Err(failed) => return Err(failed),
            }
        };
        apply::proposed(&mut attempt.record, response, provider.as_ref());
        let (items, most) = (attempt.record.items.len(), MAX_EFFECTS_PER_STEP as usize);
        if items > most {
            let message = format!("{} proposed {items} effects, {most} is the most", attempt.step.name);
            return Err(Failed::attempt(ErrorClass::Defect, message));
        }
        Ok(())
    }

    /// Has it said what became of items that were begun.
    async fn probe_begun(&self, attempt: &mut Attempt<'_>, items: &[ItemId]) -> Result<(), Failed> {
        let Attempt { work, view, step, record, .. } = &*attempt;
        let begun = record.items.iter().filter(|item| items.contains(&item.proposal.item_id));
        let answers = self.ask_each(work, view, step, record, Operation::Probe, begun).await;
        apply::probed(&mut attempt.record, &answers.about, answers.response);
        answers.failed.map_or(Ok(()), Err)
    }

    /// Writes the intent, lets the agent act at one provider, applies what became of it.
    async fn execute(&self, attempt: &mut Attempt<'_>, ready: &[ItemId]) -> Result<(), Failed> {
        let items = &attempt.at_one_provider(ready);
        for id in items {
            if let Some(item) = attempt.record.item_mut(id) {
                item.state = ItemState::Executing;
            }
        }
        let agent_until = self.agent_until(self.ports.now());
        attempt.pending.push(Change::Proceed {
            step: attempt.step.id.clone(),
            agent_until,
            open_effects: true,
        });
        if let Err(failed) = self.flush(attempt, true).await {
            // Whatever is written of it, the agent was not asked: nothing is begun.
            for id in items {
                if let Some(item) = attempt.record.item_mut(id) {
                    item.state = ready_again(item);
                }
            }
            return Err(failed);
        }
        match self.turn(attempt, Operation::Execute, items).await {
            Ok(response) => apply::executed(&mut attempt.record, items, response),
            Err(failed) if is_refusal(&failed) => attempt.refused(items, &failed),
            Err(failed) => return Err(failed),
        }
        attempt.note_away(items);
        Ok(())
    }

    async fn verify(&self, attempt: &mut Attempt<'_>) -> Result<(), Failed> {
        let refused = match self.turn(attempt, Operation::Verify, &[]).await {
            Ok(response) => apply::verified(&mut attempt.record, response),
            Err(failed) if is_declined(&failed) => {
                attempt.record.proof = None;
                Some(failed.failure().message)
            }
            Err(failed) => return Err(failed),
        };
        if let Some(message) = refused {
            attempt.record.failure = Some(Failure::new(ErrorClass::Validation, message));
        }
        Ok(())
    }

    async fn turn(
        &self,
        attempt: &Attempt<'_>,
        op: Operation,
        ids: &[ItemId],
    ) -> Result<AgentResponse, Failed> {
        let Attempt { work, view, step, record, .. } = attempt;
        let items: Vec<_> = record.items.iter().filter(|item| ids.contains(&item.proposal.item_id)).collect();
        let provider = items.first().and_then(|item| item.provider.clone());
        let ask = Ask { inputs: attempt.inputs()?, items, provider, ..Ask::default() };
        self.ask(work, view, step, record, op, ask).await
    }

    /// Writes what is pending, with the step's record where there is something in it.
    pub(crate) async fn flush(&self, attempt: &mut Attempt<'_>, with_record: bool) -> Result<(), Failed> {
        if attempt.pending.is_empty() {
            return Ok(());
        }
        let Attempt { view, workflow, record, pending, .. } = attempt;
        let with = With { step: with_record.then_some(record), task: None };
        let now = self.ports.now();
        commit(&self.ports, view, workflow, pending, with, now).await.map_err(Refused::failed)?;
        // Not before: a failure is recorded of an attempt that is known to have begun.
        attempt.pending.clear();
        Ok(())
    }
}

impl Attempt<'_> {
    pub(crate) fn inputs(&self) -> Result<BTreeMap<String, serde_json::Value>, Failed> {
        inputs::resolve(&self.view, self.workflow, self.step)
    }

    /// The agent refused before it began anything: its items have no effect.
    pub(crate) fn refused(&mut self, items: &[ItemId], failed: &Failed) {
        let Failure { class, message, .. } = failed.failure();
        for id in items {
            if let Some(item) = self.record.item_mut(id) {
                item.summary.clone_from(&message);
                item.state = ItemState::failed(class);
            }
        }
    }

    /// The step's own question, if it is open, with the revision it was read in.
    pub(crate) fn open_task(&self) -> Option<(engine::Task, u64)> {
        self.view.tasks.get(&Slot::Ask).filter(|(task, _)| task.open).cloned()
    }
}

/// The step a piece of work is about.
pub(crate) fn step_of<'a>(work: &StepWork, workflow: &'a Workflow) -> Result<&'a Step, Failed> {
    let id = work.step_id.as_ref().ok_or_else(|| Failed::missing("step in the request"))?;
    workflow.step(id).ok_or_else(|| Failed::missing(format!("step {id} in workflow {}", workflow.id)))
}

/// Whether the other side said no to the whole request.
pub(crate) fn is_declined(failed: &Failed) -> bool {
    matches!(failed, Failed::Agent(_)) && failed.class() == ErrorClass::Declined
}

/// Whether an agent's failure says, by its own word, that it began nothing.
fn is_refusal(failed: &Failed) -> bool {
    use ErrorClass::{AgentBusy, Declined, Permission, RateLimited, Validation};
    matches!(failed, Failed::Agent(_))
        && failed.at_rest()
        && matches!(failed.class(), Validation | Permission | Declined | AgentBusy | RateLimited)
}
