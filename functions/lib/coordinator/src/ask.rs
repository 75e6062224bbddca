//! Asking the user, and going on after the answer.

use crate::agent::Ask;
use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::step::{Attempt, Ended, is_declined, step_of};
use crate::view::View;
use crate::{Coordinator, StepPorts, apply};
use engine::{
    Arrangement, AskedItem, Change, Decided, DecidedBy, Item, ItemState, StepStatus, Task, after, effect_hash,
};
use events::{Answer, Choice, ErrorClass, Operation, TaskId, TaskKind};
use jiff::{SignedDuration, Timestamp};
use ports::{CommitError, Key, PortError, Record, Slot, StepWork, Write};
use shell::Classified;
use statemachines::{Interaction, Step, StepKind, Workflow};

/// How long a step Lambda may work on an answer before another one may.
const LEASE: SignedDuration = SignedDuration::from_secs(150);

impl<P: StepPorts> Coordinator<P> {
    /// Asks the user what is open. `false`: an answer came meanwhile and was taken; decide again.
    pub(crate) async fn wait(&self, attempt: &mut Attempt<'_>) -> Result<bool, Failed> {
        let interaction = attempt.step.interaction.as_ref().ok_or_else(|| {
            Failed::attempt(
                ErrorClass::Defect,
                format!("{} asks and has no userInteraction", attempt.step.name),
            )
        })?;
        let now = self.ports.now();
        let before = attempt.open_task().map(|(task, _)| task);
        let rev = attempt.view.tasks.get(&Slot::Ask).map(|(_, rev)| *rev);
        let task = question(attempt, interaction, before.clone(), rev, now)?;
        let mut changes = attempt.pending.clone();
        changes.push(Change::Ask {
            step: attempt.step.id.clone(),
            task: task.task_id.clone(),
            prompt: task.prompt.clone(),
            deadline: task.deadline,
            open_effects: attempt.record.has_open_effects(),
            again: before.is_some_and(|before| shows_the_same(&before, &task)),
        });
        let with = With { step: Some(&attempt.record), task: Some((&task, rev)) };
        match commit(&self.ports, &mut attempt.view, attempt.workflow, &changes, with, now).await {
            Ok(()) => {
                attempt.pending.clear();
                Ok(true)
            }
            Err(Refused::TaskChanged) => {
                self.reread_task(&mut attempt.view, attempt.work, Slot::Ask).await?;
                attempt.take_decisions();
                self.show_changed(attempt).await?;
                Ok(false)
            }
            Err(Refused::Failed(failed)) => Err(failed),
        }
    }

    /// An answer, a deadline or a late word came: goes on with the step.
    pub(crate) async fn proceed(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let step = step_of(work, workflow)?;
        let mut view = View::read(&self.ports, work, workflow).await?;
        let Some((task, rev)) = view.tasks.get(&Slot::Ask).cloned() else { return Ok(()) };
        if self.admit(work, &view).is_err() {
            return self.drain(work).await;
        }
        let now = self.ports.now();
        if view.entry(&step.id).status.is_settled() {
            return self.finish_task(task, rev).await;
        }
        let leased = task.leased_until.is_some_and(|until| now < until);
        // While an attempt is retried its next entry takes the decision; a lease's holder looks again before it lets go.
        // One who died after beginning something is taken up once the agent's time is over: nobody else will.
        let entry = view.entry(&step.id);
        if matches!(entry.status, StepStatus::Retrying | StepStatus::Failed) && !leased && task.open {
            return self.fail_again(&view, task, rev).await;
        }
        let at_work = entry.agent_until.is_some_and(|until| now < until);
        let died = entry.status == StepStatus::InProgress && !at_work;
        if entry.alerting && task.open {
            // The alert's answer says how it goes on; what is decided here is taken then.
            return self.clear_due(task, rev).await;
        }
        if !task.open || leased || !(died || entry.status == StepStatus::WaitingUser) {
            return Ok(());
        }
        let token = task.token.clone();
        match self.lease(&mut view, workflow, step, (task, rev)).await {
            // The run began to be ended in this moment.
            Err(failed) if failed.class() == ErrorClass::Ending => return self.drain(work).await,
            leased => leased?,
        }
        let record = view.record(&step.id);
        let mut attempt = self.attempt(work, workflow, step, view, record).await;
        attempt.token = Some(token.clone());
        attempt.take_decisions();
        let shown = match self.fetch(&mut attempt).await {
            Ok(()) => self.show_changed(&mut attempt).await,
            failed => failed,
        };
        let result = match shown {
            Ok(()) => self.advance(&mut attempt).await,
            Err(failed) => Err(failed),
        };
        let settled = matches!(result, Ok(Ended::Settled | Ended::Diverted));
        let concluded = self.conclude(&mut attempt, result).await;
        if let Err(failed) = &concluded {
            self.ports.fail(&token, failed.class(), &failed.message()).await?;
        }
        if (settled || concluded.is_err())
            && let Some((task, rev)) = attempt.view.tasks.remove(&Slot::Ask)
        {
            self.clear_due(task, rev).await?;
        }
        Ok(())
    }

    /// Takes an answer up: nobody else does for a while, and the step goes on. Written before the agent is asked anything, so that
    /// what the agent takes is not counted as the user's time.
    async fn lease(
        &self,
        view: &mut View,
        workflow: &Workflow,
        step: &Step,
        (mut task, rev): (Task, u64),
    ) -> Result<(), Failed> {
        let now = self.ports.now();
        task.leased_until = now.checked_add(LEASE).ok();
        let agent_until = self.agent_until(now);
        let change = Change::Proceed { step: step.id.clone(), agent_until, open_effects: false };
        let with = With { step: None, task: Some((&task, Some(rev))) };
        commit(&self.ports, view, workflow, &[change], with, now).await.map_err(Refused::failed)
    }

    /// The run is being ended: lets the waiting states go, so that the machine moves on to its undo.
    pub(crate) async fn drain(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let view = View::read(&self.ports, work, workflow).await?;
        let step = step_of(work, workflow)?;
        if view.run.ending.is_none() && !view.run.group_has_failed(step) {
            return Ok(());
        }
        // What is to be reversed by hand stays open: it is part of the end.
        let waits = |task: &Task| task.open && task.kind != TaskKind::Undo;
        for (mut task, rev) in view.tasks.into_values().filter(|(task, _)| waits(task)) {
            self.ports.fail(&task.token, ErrorClass::Ending, "the run is being ended").await?;
            task.open = false;
            task.leased_until = None;
            task.decided_at = None;
            match self.ports.commit(vec![Write::update(Record::Task(task), rev)]).await {
                Ok(()) | Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Port(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The run, or a group, comes to its end: closes what its steps still ask. What is to be reversed by hand stays open.
    pub(crate) async fn close_questions(
        &self,
        work: &StepWork,
        steps: impl Iterator<Item = &Step>,
    ) -> Result<(), Failed> {
        let key = |step: &Step, slot| Key::Task(work.run_id.clone(), step.id.clone(), slot);
        let keys: Vec<Key> = steps.flat_map(|step| [key(step, Slot::Ask), key(step, Slot::Help)]).collect();
        for stored in self.ports.read(&keys).await? {
            let Record::Task(mut task) = stored.record else { continue };
            if !task.open {
                continue;
            }
            task.open = false;
            task.leased_until = None;
            self.clear_due(task, stored.rev).await?;
        }
        Ok(())
    }

    /// Fails the token of a failed attempt again: the first time may have been lost. Where it was not, this changes nothing.
    async fn fail_again(&self, view: &View, task: Task, rev: u64) -> Result<(), Failed> {
        let failure = view.steps.get(&task.step_id).and_then(|record| record.failure.as_ref());
        let (class, message) = failure
            .map_or((ErrorClass::Interrupted, "the attempt failed"), |it| (it.class, it.message.as_str()));
        self.ports.fail(&task.token, class, message).await?;
        self.clear_due(task, rev).await
    }

    /// Completes the token of a settled step again: the first time may have been lost.
    pub(crate) async fn finish_task(&self, task: Task, rev: u64) -> Result<(), Failed> {
        self.release(Some(&task.token)).await?;
        self.clear_due(task, rev).await
    }

    pub(crate) async fn clear_due(&self, mut task: Task, rev: u64) -> Result<(), Failed> {
        task.decided_at = None;
        match self.ports.commit(vec![Write::update(Record::Task(task), rev)]).await {
            Ok(()) | Err(CommitError::Conflict { .. }) => Ok(()),
            Err(CommitError::Port(error)) => Err(error.into()),
        }
    }

    /// An approval is bound to what was shown: what a fresh proposal shows differently is shown again instead of done.
    async fn show_changed(&self, attempt: &mut Attempt<'_>) -> Result<(), Failed> {
        let fresh = |item: &&Item| item.state == ItemState::Approved;
        if attempt.step.kind != StepKind::SemiAutomated || !attempt.record.items.iter().any(|it| fresh(&it)) {
            return Ok(());
        }
        let modifications = attempt
            .record
            .items
            .iter()
            .filter(fresh)
            .filter(|item| !item.changes.is_empty())
            .map(|item| (item.proposal.item_id.clone(), item.changes.clone()))
            .collect();
        self.in_time(attempt.view.read_at, &attempt.step.name)?;
        let ask = Ask { inputs: attempt.inputs()?, modifications, ..Ask::default() };
        let Attempt { work, view, step, record, .. } = &*attempt;
        let response = match self.ask(work, view, step, record, Operation::Propose, ask).await {
            Err(failed) if is_declined(&failed) => {
                let approved: Vec<_> =
                    record.items.iter().filter(fresh).map(|it| it.proposal.item_id.clone()).collect();
                attempt.refused(&approved, &failed);
                return Ok(());
            }
            response => response?,
        };
        for item in attempt.record.items.iter_mut().filter(|item| item.state == ItemState::Approved) {
            match response.proposals.iter().find(|it| it.item_id == item.proposal.item_id) {
                Some(proposal) if effect_hash(proposal) == item.effect_hash() => {}
                Some(proposal) => {
                    let mut proposal = proposal.clone();
                    proposal.reasons.insert(0, "This has changed since you approved it.".to_owned());
                    apply::show_again(item, proposal);
                }
                None => {
                    item.state = ItemState::NoEffect;
                    item.summary = format!("{} is no longer possible", item.proposal.title);
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn reread_task(
        &self,
        view: &mut View,
        work: &StepWork,
        slot: Slot,
    ) -> Result<(), PortError> {
        let Some(step) = &work.step_id else { return Ok(()) };
        let key = Key::Task(work.run_id.clone(), step.clone(), slot);
        for stored in self.ports.read(std::slice::from_ref(&key)).await? {
            if let Record::Task(task) = stored.record {
                view.tasks.insert(slot, (task, stored.rev));
            }
        }
        Ok(())
    }
}

impl Attempt<'_> {
    /// Takes what was decided into the step's record.
    pub(crate) fn take_decisions(&mut self) {
        let Some((task, _)) = self.open_task() else { return };
        for asked in &task.items {
            let Some(decided) = &asked.decided else { continue };
            let Some(item) = self.record.item_mut(&asked.item_id) else { continue };
            if item.state == ItemState::Asked && item.effect_hash() == asked.effect_hash {
                take_decision(item, decided);
            }
        }
        match task.answer.map(|decided| decided.answer) {
            Some(Answer::Done { proof }) => self.record.proof = Some(proof),
            Some(Answer::Skip { .. }) => {
                self.record.skipped = true;
                "left out".clone_into(&mut self.record.headline);
            }
            _ => {}
        }
    }
}

fn take_decision(item: &mut Item, decided: &Decided) {
    match &decided.answer {
        Answer::Approve { effect_hash, .. } if *effect_hash == item.effect_hash() => {
            item.state = ItemState::Approved;
            item.approved = true;
        }
        Answer::Modify { changes, .. } => {
            item.changes.extend(changes.clone());
            item.state = ItemState::Changed;
        }
        Answer::Skip { .. } => {
            item.state = ItemState::Skipped;
            item.summary = match decided.by {
                DecidedBy::User => "left out by you".to_owned(),
                DecidedBy::Deadline => "left out: no answer in time".to_owned(),
            };
        }
        _ => {}
    }
}

/// The question as it now is: a new one, or the open one with what is to be decided now.
fn question(
    attempt: &Attempt<'_>,
    interaction: &Interaction,
    before: Option<Task>,
    rev: Option<u64>,
    now: Timestamp,
) -> Result<Task, Failed> {
    let kind = if attempt.step.kind == StepKind::Manual { TaskKind::Guide } else { TaskKind::Approve };
    let token = attempt.token.clone().unwrap_or_default();
    let mut task = match before {
        Some(task) => Task { token, ..task },
        None => Task {
            task_id: round(attempt, rev)?,
            run_id: attempt.work.run_id.clone(),
            user_id: attempt.work.user_id.clone(),
            step_id: attempt.step.id.clone(),
            kind,
            prompt: String::new(),
            items: Vec::new(),
            scopes: Vec::new(),
            answer: None,
            percent: 0,
            help: None,
            open: true,
            token,
            asked_at: now,
            deadline: after(now, interaction.deadline),
            remind: interaction.remind.iter().map(|length| after(now, *length)).collect(),
            arranged: Arrangement::default(),
            leased_until: None,
            decided_at: None,
        },
    };
    let refused = attempt.record.failure.as_ref().filter(|_| kind == TaskKind::Guide);
    task.prompt = refused.map_or_else(|| interaction.prompt.clone(), |failure| failure.message.clone());
    // A proof that was not accepted makes room for the next one.
    task.answer = None;
    task.leased_until = None;
    task.decided_at = None;
    for item in attempt.record.items.iter().filter(|item| item.state == ItemState::Asked) {
        ask_item(&mut task, item, interaction);
    }
    Ok(task)
}

/// Puts an item into the question; as it was already asked, it stays as it is.
fn ask_item(task: &mut Task, item: &Item, interaction: &Interaction) {
    let effect_hash = item.effect_hash();
    let asked = AskedItem {
        item_id: item.proposal.item_id.clone(),
        effect_hash,
        choices: choices(item, interaction),
        decided: None,
    };
    match task.items.iter_mut().find(|it| it.item_id == asked.item_id) {
        Some(it) if it.effect_hash == asked.effect_hash && it.decided.is_none() => {}
        Some(it) => *it = asked,
        None => task.items.push(asked),
    }
}

/// Whether everything that a question still asks stood in it before, and nothing was answered that it does not take.
fn shows_the_same(before: &Task, task: &Task) -> bool {
    let mut open = task.items.iter().filter(|it| it.decided.is_none());
    before.answer.is_none() && before.prompt == task.prompt && open.all(|it| before.items.contains(it))
}

fn choices(item: &Item, interaction: &Interaction) -> Vec<Choice> {
    let can_modify = !item.proposal.modifications.is_empty();
    interaction.choices.iter().copied().filter(|choice| *choice != Choice::Modify || can_modify).collect()
}

/// A name that no earlier question of this step had.
fn round(attempt: &Attempt<'_>, rev: Option<u64>) -> Result<TaskId, Failed> {
    let (run, step) = (&attempt.work.run_id, &attempt.step.id);
    TaskId::parse(format!("{run}:{step}:ask:{}", rev.unwrap_or(0) + 1))
        .map_err(|_| Failed::missing("room for the question's name"))
}
