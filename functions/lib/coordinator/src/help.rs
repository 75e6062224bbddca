//! The recovery alert: what happened, what the user can do, and going on after the answer.

use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::step::step_of;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{AskedItem, Change, Ending, Failure, Task, after, skip_failed};
use events::{Answer, Choice, ErrorClass, ItemId, TaskId, TaskKind};
use jiff::Timestamp;
use ports::{Slot, StepWork};
use statemachines::compile::MAX_HELP_ROUNDS;
use statemachines::{Seconds, Step};

/// How long an alert waits where the step says nothing.
const DEADLINE: Seconds = Seconds(72 * 3600);

impl<P: StepPorts> Coordinator<P> {
    /// Shows the recovery alert of a step.
    pub(crate) async fn alert(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let step = step_of(work, workflow)?;
        let mut view = View::read(&self.ports, work, workflow).await?;
        self.admit(work, &view)?;
        let entry = view.entry(&step.id);
        if entry.status.is_settled() {
            return self.release(work.token.as_deref()).await;
        }
        let now = self.ports.now();
        let record = view.record(&step.id);
        let failure = record.failure.clone().unwrap_or_else(|| unsaid(work, step));
        let before = view.tasks.get(&Slot::Help).cloned();
        if let Some((task, rev)) = before.clone().filter(|(task, _)| task.open) {
            return self.show_again(work, task, rev).await;
        }
        let rev = before.map(|(_, rev)| rev);
        let last = entry.helped + 1 >= MAX_HELP_ROUNDS;
        let task = alert_task(work, step, &failure, rev, last, now)?;
        let change = Change::Alert {
            step: step.id.clone(),
            task: task.task_id.clone(),
            prompt: task.prompt.clone(),
            deadline: task.deadline,
        };
        let with = With { step: None, task: Some((&task, rev)) };
        commit(&self.ports, &mut view, workflow, &[change], with, now).await.map_err(Refused::failed)
    }

    /// The state was entered again while its alert is open: only the token is new, unless an answer waits for it.
    async fn show_again(&self, work: &StepWork, mut task: Task, rev: u64) -> Result<(), Failed> {
        let answered = task.answer.is_some();
        task.token = work.token.clone().unwrap_or_default();
        self.ports.commit(vec![ports::Write::update(ports::Record::Task(task), rev)]).await?;
        if answered {
            return Box::pin(self.helped(work)).await;
        }
        Ok(())
    }

    /// The alert was answered: goes on, leaves the failing part out, or stops.
    pub(crate) async fn helped(&self, work: &StepWork) -> Result<(), Failed> {
        let workflow = self.workflow(work)?;
        let step = step_of(work, workflow)?;
        let mut view = View::read(&self.ports, work, workflow).await?;
        let Some((mut task, rev)) = view.tasks.get(&Slot::Help).cloned() else { return Ok(()) };
        if self.admit(work, &view).is_err() {
            return self.drain(work).await;
        }
        if !task.open {
            // Answered and recorded; the token's completion may have been lost.
            return self.release(Some(&task.token)).await;
        }
        let Some(decided) = task.answer.clone() else { return Ok(()) };
        let mut record = view.record(&step.id);
        let change = match decided.answer {
            Answer::Stop {} => Change::End { ending: Ending::Stop, reason: "stopped by you".to_owned() },
            Answer::Skip { .. } => {
                skip_failed(&mut record);
                Change::Helped { step: step.id.clone() }
            }
            Answer::Continue { input } => {
                record.provided = input;
                Change::Helped { step: step.id.clone() }
            }
            _ => return Ok(()),
        };
        let stopped = matches!(change, Change::End { .. });
        task.open = false;
        task.decided_at = None;
        let token = task.token.clone();
        let with = With { step: Some(&record), task: Some((&task, Some(rev))) };
        let now = self.ports.now();
        commit(&self.ports, &mut view, workflow, &[change], with, now).await.map_err(Refused::failed)?;
        if stopped {
            return Ok(self.ports.fail(&token, ErrorClass::Ending, "the run was stopped").await?);
        }
        self.release(Some(&token)).await
    }
}

/// A failure that the attempt could not record itself: the platform ended it.
fn unsaid(work: &StepWork, step: &Step) -> Failure {
    let class = ErrorClass::of_error_type(work.error.as_deref().unwrap_or_default());
    Failure { class, message: format!("{} was interrupted ({class})", step.name) }
}

fn alert_task(
    work: &StepWork,
    step: &Step,
    failure: &Failure,
    rev: Option<u64>,
    last: bool,
    now: Timestamp,
) -> Result<Task, Failed> {
    let deadline = step.interaction.as_ref().map_or(DEADLINE, |it| it.deadline);
    // After many rounds the same help does not help: leave it out or stop.
    let choices = if last {
        vec![Choice::Skip, Choice::Stop]
    } else {
        vec![Choice::Continue, Choice::Skip, Choice::Stop]
    };
    let task_id = TaskId::parse(format!("{}:{}:help:{}", work.run_id, step.id, rev.unwrap_or(0) + 1))
        .map_err(|_| Failed::missing("room for the alert's name"))?;
    let item_id = ItemId::parse("alert").map_err(|_| Failed::missing("the alert's name"))?;
    Ok(Task {
        task_id,
        run_id: work.run_id.clone(),
        user_id: work.user_id.clone(),
        step_id: step.id.clone(),
        kind: TaskKind::Help,
        prompt: format!("I couldn't complete {}: {}", step.name, failure.message),
        items: vec![AskedItem { item_id, effect_hash: String::new(), choices, decided: None }],
        answer: None,
        percent: 0,
        open: true,
        token: work.token.clone().unwrap_or_default(),
        asked_at: now,
        deadline: after(now, deadline),
        remind: Vec::new(),
        leased_until: None,
        decided_at: None,
    })
}
