//! Undoing by hand: what no agent can undo is asked of the user, guided, and believed once the provider no longer shows it.
//!
//! The same question serves a rollback that waits for it and, afterwards, a run that needs attention.

use super::outcome::{by_word, fail_item, left, undo_item};
use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{
    Arrangement, AskedItem, Change, Ending, Item, ItemState, RunStatus, StepRecord, StepStatus, Task, after,
    next_broken_group, next_undo, open_items,
};
use events::{Answer, Choice, ItemId, Operation, Outcome, Proof, TaskId, TaskKind};
use jiff::Timestamp;
use ports::{Key, Record, Slot, StepWork};
use shell::Classified;
use statemachines::{Seconds, Step, Workflow};
use std::collections::BTreeMap;

impl<P: StepPorts> Coordinator<P> {
    /// A rollback has come to what a person undoes: asks, and waits.
    pub(crate) async fn ask_undo(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let mut view = View::read(&self.ports, work, workflow).await?;
        // Of a run that is stopped, a broken group alone is undone.
        let stopped = view.run.ending == Some(Ending::Stop);
        let broken = next_broken_group(&view.run, workflow).filter(|_| stopped);
        let group = work.group.as_deref().or(broken);
        let step = next_undo(&view.run, workflow, group).and_then(|id| workflow.step(&id));
        let over = view.run.status.is_terminal() || view.run.epoch != work.epoch;
        let Some(step) = step.filter(|step| !over && step.is_undone_by_hand()) else {
            return self.release(work.token.as_deref()).await;
        };
        let record = view.record(&step.id);
        let before = self.read_undo_task(&mut view, step).await?;
        let now = self.ports.now();
        let token = work.token.clone().unwrap_or_default();
        let asked_before = before.as_ref().is_some_and(|(task, _)| task.open);
        let rev = before.as_ref().map(|(_, rev)| *rev);
        let task = match before {
            Some((task, _)) if task.open => Task { token, ..task },
            _ => Task { token, ..question(&record, step, &view, rev, Choices::Waiting, now)? },
        };
        let mut changes = Vec::new();
        if view.entry(&step.id).status != StepStatus::Undoing {
            changes.push(Change::Undo { step: step.id.clone(), agent_until: now });
        }
        changes.push(Change::AskUndo {
            step: step.id.clone(),
            task: task.task_id.clone(),
            prompt: task.prompt.clone(),
            deadline: task.deadline,
        });
        let with = With { step: None, task: Some((&task, rev)) };
        commit(&self.ports, &mut view, workflow, &changes, with, now).await.map_err(Refused::failed)?;
        if asked_before && task.items.iter().any(|it| it.decided.is_some()) {
            let work = StepWork { step_id: Some(step.id.clone()), ..work.clone() };
            return Box::pin(self.reversed(&work)).await;
        }
        Ok(())
    }

    /// The user has answered: what is proven is undone. The provider is asked whether it is so.
    pub(crate) async fn reversed(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let step = crate::step::step_of(work, workflow)?;
        let mut view = View::read(&self.ports, work, workflow).await?;
        let Some((mut task, rev)) = view.tasks.get(&Slot::Undo).cloned() else { return Ok(()) };
        let waits = view.entry(&step.id).status == StepStatus::Undoing;
        if !task.open || !waits && !task.token.is_empty() {
            // Recorded; the token's completion may have been lost.
            self.release(Some(&task.token)).await?;
            task.token.clear();
            return self.clear_due(task, rev).await;
        }
        let (said, failed) = self.look_at_reversed(work, &view, step, &task).await;
        if let Some(failed) = failed.clone().filter(|_| said.is_empty()) {
            return Err(failed);
        }
        for _ in 0..WRITES {
            match self.take_reversals(&mut view, workflow, step, &said).await {
                Ok(()) => return failed.map_or(Ok(()), Err),
                // Another answer came meanwhile; what was found out still holds.
                Err(Refused::TaskChanged) => self.reread_task(&mut view, work, Slot::Undo).await?,
                Err(Refused::Failed(failed)) => return Err(failed),
            }
        }
        Err(Failed::Contended(WRITES))
    }

    /// Asks the provider about everything that the user has reversed, at once: one that is slow may take all the time there is. One
    /// that is away is asked again for a while; after that, and where it does not know or cannot be asked at all, the user's proof is
    /// all there is.
    async fn look_at_reversed(
        &self,
        work: &StepWork,
        view: &View,
        step: &Step,
        task: &Task,
    ) -> (Said, Option<Failed>) {
        let record = view.record(&step.id);
        let since: BTreeMap<&ItemId, Timestamp> = task
            .items
            .iter()
            .filter_map(|asked| Some((&asked.item_id, asked.decided.as_ref()?)))
            .filter(|(_, decided)| matches!(decided.answer, Answer::Done { .. }))
            .map(|(id, decided)| (id, decided.at))
            .collect();
        let decided = |item: &&Item| since.contains_key(&item.proposal.item_id);
        let items = open_items(&record).filter(decided);
        let answers = self.ask_each(work, view, step, &record, Operation::Probe, items).await;
        let mut outcomes: BTreeMap<_, _> =
            answers.response.results.into_iter().map(|result| (result.item_id, result.outcome)).collect();
        let now = self.ports.now();
        let transient = answers.failed.filter(|failed| failed.class().is_transient());
        let mut said = Said::new();
        let mut again = None;
        for (id, at) in since {
            let found = match outcomes.remove(id) {
                Some(Outcome::Done { .. }) => Found::InForce,
                Some(Outcome::NoEffect { .. }) => Found::Gone,
                None if !answers.about.contains(id) && transient.is_some() && now < after(at, PATIENCE) => {
                    again.clone_from(&transient);
                    continue;
                }
                _ => Found::Unsaid,
            };
            said.insert(id.clone(), (at, found));
        }
        (said, again)
    }

    /// Takes what was decided, as far as the provider has been asked about it.
    async fn take_reversals(
        &self,
        view: &mut View,
        workflow: &Workflow,
        step: &Step,
        said: &Said,
    ) -> Result<(), Refused> {
        let Some((mut task, rev)) = view.tasks.get(&Slot::Undo).filter(|(task, _)| task.open).cloned() else {
            return Ok(());
        };
        let mut record = view.record(&step.id);
        let all_taken = take_said(&mut record, &mut task, said);
        let settled = all_taken && !is_undecided(&task, &record);
        let overdue = task.decided_at.filter(|_| !all_taken);
        let now = self.ports.now();
        task.open = !settled;
        let (step_id, in_force) = (step.id.clone(), record.impact().cloned().collect());
        let (unconfirmed, failures) = (by_word(&record), left(&record));
        let all_undone = failures.is_empty();
        let kept = record.items.iter().any(|item| item.state.is_done());
        let changes = match view.run.status {
            RunStatus::NeedsAttention => {
                vec![Change::Reversed { step: step_id, left: failures, unconfirmed, in_force, kept }]
            }
            _ if settled => vec![Change::Undone { step: step_id, failures, unconfirmed, in_force }],
            _ => Vec::new(),
        };
        if settled && all_undone && !kept {
            record.clear_outputs();
            record.executed = false;
        }
        // What the user left as it is can still be reversed once the run has ended.
        if settled && !all_undone {
            let question = question(&record, step, view, Some(rev), Choices::Ended, now)?;
            task = Task { token: task.token, ..question };
        }
        // It stays due until its token is completed.
        let completes = settled && !task.token.is_empty();
        task.decided_at = if completes { Some(now) } else { overdue };
        let with = With { step: Some(&record), task: Some((&task, Some(rev))) };
        commit(&self.ports, view, workflow, &changes, with, now).await?;
        if completes {
            self.release(Some(&task.token)).await?;
            task.token.clear();
            self.clear_due(task, rev + 1).await?;
        }
        Ok(())
    }

    /// The question about what the user must reverse of a step whose undo has come to an end: a new one where something is left, the
    /// open one closed where nothing is.
    pub(super) async fn recovery_task(
        &self,
        view: &mut View,
        workflow: &Workflow,
        record: &StepRecord,
    ) -> Result<Option<(Task, Option<u64>)>, Failed> {
        let Some(step) = workflow.step(&record.step_id) else { return Ok(None) };
        let in_force = !left(record).is_empty();
        if !in_force && !step.is_undone_by_hand() && view.run.epoch == 1 {
            // The usual case costs no call.
            return Ok(None);
        }
        let before = self.read_undo_task(view, step).await?;
        let rev = before.as_ref().map(|(_, rev)| *rev);
        if in_force {
            let task = question(record, step, view, rev, Choices::Ended, self.ports.now())?;
            return Ok(Some((task, rev)));
        }
        Ok(before.filter(|(task, _)| task.open).map(|(mut task, rev)| {
            task.open = false;
            task.decided_at = None;
            (task, Some(rev))
        }))
    }

    async fn read_undo_task(&self, view: &mut View, step: &Step) -> Result<Option<(Task, u64)>, Failed> {
        let key = Key::Task(view.run.run_id.clone(), step.id.clone(), Slot::Undo);
        for stored in self.ports.read(std::slice::from_ref(&key)).await? {
            if let Record::Task(task) = stored.record {
                view.tasks.insert(Slot::Undo, (task, stored.rev));
            }
        }
        Ok(view.tasks.get(&Slot::Undo).filter(|(task, _)| task.step_id == step.id).cloned())
    }
}

/// How long a provider that is away is asked again whether an effect is reversed.
const PATIENCE: Seconds = Seconds(3_600);

/// How often what was found out is written anew because the question was answered meanwhile.
const WRITES: u32 = 5;

/// What was found out about items that the user had reversed by then.
type Said = BTreeMap<ItemId, (Timestamp, Found)>;

/// Takes what was decided into the record. `true`: no decision is left that came later than what was found out.
fn take_said(record: &mut StepRecord, task: &mut Task, said: &Said) -> bool {
    let mut all = true;
    for asked in &mut task.items {
        let Some(decided) = asked.decided.clone() else { continue };
        let Some(item) = record.item_mut(&asked.item_id).filter(|it| it.state.may_be_in_force()) else {
            continue;
        };
        let found = said.get(&asked.item_id).filter(|(at, _)| *at == decided.at).map(|(_, found)| *found);
        match (decided.answer, found) {
            (Answer::Done { .. }, None) => all = false,
            (Answer::Done { .. }, Some(Found::InForce)) => {
                let title = &item.proposal.title;
                task.prompt = format!("{title} is still in force with the provider; please look again.");
                asked.decided = None;
            }
            (Answer::Done { proof }, Some(found)) => {
                item.unconfirmed = found == Found::Unsaid;
                undo_item(item, proven(&proof, found));
            }
            _ => fail_item(item, "left as it is".to_owned()),
        }
    }
    all
}

/// Whether something that may be in force is still to be decided.
fn is_undecided(task: &Task, record: &StepRecord) -> bool {
    let undecided = |item: &Item| {
        task.items.iter().any(|asked| asked.decided.is_none() && asked.item_id == item.proposal.item_id)
    };
    open_items(record).any(undecided)
}

/// What the provider says of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// It is in force.
    InForce,
    /// It is not.
    Gone,
    /// Nothing.
    Unsaid,
}

/// Whether something waits for the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choices {
    /// A rollback does: the user may also leave it as it is.
    Waiting,
    /// The run has come to its end: it can be reversed at any time.
    Ended,
}

fn question(
    record: &StepRecord,
    step: &Step,
    view: &View,
    rev: Option<u64>,
    choices: Choices,
    now: Timestamp,
) -> Result<Task, Failed> {
    let run = &view.run;
    let task_id = TaskId::parse(format!("{}:{}:undo:{}", run.run_id, step.id, rev.unwrap_or(0) + 1))
        .map_err(|_| Failed::missing("room for the question's name"))?;
    let by_hand = step.undo.as_ref().and_then(|undo| undo.by_hand.as_ref());
    let (offered, deadline) = match choices {
        Choices::Waiting => {
            let deadline = by_hand.map_or(Timestamp::MAX, |it| after(now, it.deadline));
            (vec![Choice::Done, Choice::Skip], deadline)
        }
        Choices::Ended => (vec![Choice::Done], Timestamp::MAX),
    };
    // After the end of a run that was stopped, what is done is to stay.
    let wanted = |item: &&Item| choices == Choices::Waiting || item.state == ItemState::UndoFailed;
    let items = open_items(record).filter(wanted).map(|item| AskedItem {
        item_id: item.proposal.item_id.clone(),
        effect_hash: item.effect_hash(),
        choices: offered.clone(),
        decided: None,
    });
    Ok(Task {
        task_id,
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        step_id: step.id.clone(),
        kind: TaskKind::Undo,
        prompt: format!("{}: please reverse this with the provider and tell us the reference.", step.name),
        items: items.collect(),
        scopes: Vec::new(),
        answer: None,
        percent: 0,
        help: None,
        open: true,
        token: String::new(),
        asked_at: now,
        deadline,
        remind: Vec::new(),
        arranged: Arrangement::default(),
        leased_until: None,
        decided_at: None,
    })
}

fn proven(proof: &Proof, found: Found) -> String {
    let unsaid = if found == Found::Unsaid { "; the provider could not confirm it" } else { "" };
    format!("reversed by you, reference {}{unsaid}", proof.reference)
}
