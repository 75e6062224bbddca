//! The recovery alert: what happened, what the user can do, and going on after the answer.

use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::step::{Attempt, step_of};
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{Arrangement, AskedItem, Change, Ending, Failure, Task, after, forget_outputs, skip_failed};
use events::{Answer, Choice, ErrorClass, ItemId, TaskId, TaskKind};
use jiff::Timestamp;
use ports::{Slot, StepWork};
use statemachines::compile::MAX_HELP_ROUNDS;
use statemachines::{OnHelpTimeout, Seconds, Step, Workflow, allowed_by};

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
        if view.run.status.is_terminal() {
            return Err(Failed::ending());
        }
        let now = self.ports.now();
        if entry.helped >= MAX_HELP_ROUNDS {
            return self.beyond_help(&mut view, workflow, step).await;
        }
        if entry.status.is_settled() {
            let release = [Change::Release { step: step.id.clone() }];
            commit(&self.ports, &mut view, workflow, &release, With::default(), now)
                .await
                .map_err(Refused::failed)?;
            return self.release(work.token.as_deref()).await;
        }
        let record = view.record(&step.id);
        let failure = record.failure.clone().unwrap_or_else(|| unsaid(work, step));
        let before = view.tasks.get(&Slot::Help).cloned();
        if let Some((task, rev)) = before.clone().filter(|(task, _)| task.open) {
            return self.show_again(work, task, rev).await;
        }
        let rev = before.map(|(_, rev)| rev);
        let last = entry.helped + 1 >= MAX_HELP_ROUNDS;
        let alert =
            Alert { failure: &failure, round: rev.unwrap_or(0) + 1, choices: choices(&failure, last) };
        let task = alert.task(work, step, now)?;
        // The platform may fail the first step before anyone could note that the run has begun.
        let changes = [Change::Begin, alert.change(&task)];
        let with = With { step: None, task: Some((&task, rev)) };
        commit(&self.ports, &mut view, workflow, &changes, with, now).await.map_err(Refused::failed)
    }

    /// No help has helped: what an unanswered alert would lead to happens, and a step that cannot even be left out stops the run.
    async fn beyond_help(&self, view: &mut View, workflow: &Workflow, step: &Step) -> Result<(), Failed> {
        let ending = match step.on_help_timeout {
            OnHelpTimeout::RollBack => Ending::RollBack,
            OnHelpTimeout::Stop | OnHelpTimeout::Skip => Ending::Stop,
        };
        let reason = format!("{} failed again each time it was helped", step.name);
        let now = self.ports.now();
        commit(&self.ports, view, workflow, &[Change::End { ending, reason }], With::default(), now)
            .await
            .map_err(Refused::failed)?;
        Err(Failed::ending())
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

    /// The step was settled after all by an attempt that was given up: nobody need answer. What is lost here is made good at the
    /// alert's deadline.
    pub(crate) async fn call_off_alert(&self, attempt: &mut Attempt<'_>) {
        if let Err(error) = self.try_call_off_alert(attempt).await {
            let run = &attempt.work.run_id;
            tracing::warn!(run.id = %run, error = %error, "an alert of run {run} that needs no answer is left open");
        }
    }

    async fn try_call_off_alert(&self, attempt: &mut Attempt<'_>) -> Result<(), Failed> {
        self.reread_task(&mut attempt.view, attempt.work, Slot::Help).await?;
        let asked = attempt.view.tasks.get(&Slot::Help).filter(|(task, _)| task.open).cloned();
        let Some((mut task, rev)) = asked else { return Ok(()) };
        task.open = false;
        self.finish_task(task, rev).await
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
            return self.finish_task(task, rev).await;
        }
        if !view.entry(&step.id).alerting {
            // The step has gone on without help meanwhile.
            task.open = false;
            return self.finish_task(task, rev).await;
        }
        let Some(decided) = task.answer.clone() else { return Ok(()) };
        let mut record = view.record(&step.id);
        let change = match decided.answer {
            Answer::Stop {} => Change::End { ending: Ending::Stop, reason: "stopped by you".to_owned() },
            Answer::Skip { .. } => {
                skip_failed(&mut record);
                Change::Helped { step: step.id.clone() }
            }
            Answer::Deny {} => return self.denied(work, &mut view, step, (task, rev)).await,
            Answer::Grant {} => Change::Helped { step: step.id.clone() },
            Answer::Override {} => {
                record.overridden = true;
                Change::Helped { step: step.id.clone() }
            }
            Answer::Continue { input } => {
                if record.failure.as_ref().is_some_and(|failure| failure.overridable) {
                    forget_outputs(&mut record);
                }
                record.provided = input;
                Change::Helped { step: step.id.clone() }
            }
            _ => return Ok(()),
        };
        let stopped = matches!(change, Change::End { .. });
        // It stays due until its token is completed; of a stopped run `drain` closes it.
        task.open = stopped;
        let with = With { step: Some(&record), task: Some((&task, Some(rev))) };
        let now = self.ports.now();
        commit(&self.ports, &mut view, workflow, &[change], with, now).await.map_err(Refused::failed)?;
        if stopped {
            return self.drain(work).await;
        }
        self.finish_task(task, rev + 1).await
    }
}

impl<P: StepPorts> Coordinator<P> {
    /// The user does not consent: what else can be done is asked, in a new question that the same state waits for.
    async fn denied(
        &self,
        work: &StepWork,
        view: &mut View,
        step: &Step,
        (asked, rev): (Task, u64),
    ) -> Result<(), Failed> {
        let message = format!("you do not allow it to {}", allowed_by(&asked.scopes));
        let now = self.ports.now();
        let alert = Alert {
            failure: &Failure::new(ErrorClass::Permission, message),
            round: rev + 1,
            choices: vec![Choice::Skip, Choice::Stop],
        };
        let task = Task { token: asked.token, ..alert.task(work, step, now)? };
        let change = alert.change(&task);
        let with = With { step: None, task: Some((&task, Some(rev))) };
        let workflow = self.workflow(work)?;
        commit(&self.ports, view, workflow, &[change], with, now).await.map_err(Refused::failed)
    }
}

/// A failure that the attempt could not record itself: the platform ended it.
fn unsaid(work: &StepWork, step: &Step) -> Failure {
    let class = ErrorClass::of_error_type(work.error.as_deref().unwrap_or_default());
    let what = if class == ErrorClass::Timeout { "took too long" } else { "was interrupted" };
    Failure::new(class, format!("{} {what}", step.name))
}

/// What the user can do about a failure.
fn choices(failure: &Failure, last: bool) -> Vec<Choice> {
    let first = match failure {
        // After many rounds the same help does not help: leave it out or stop.
        _ if last => &[][..],
        it if !it.scopes.is_empty() => return vec![Choice::Grant, Choice::Deny],
        it if it.overridable => &[Choice::Continue, Choice::Override],
        _ => &[Choice::Continue],
    };
    [first, &[Choice::Skip, Choice::Stop]].concat()
}

/// A recovery alert to be shown.
struct Alert<'a> {
    failure: &'a Failure,
    /// Makes its name another than any before.
    round: u64,
    choices: Vec<Choice>,
}

impl Alert<'_> {
    fn task(&self, work: &StepWork, step: &Step, now: Timestamp) -> Result<Task, Failed> {
        let deadline = step.interaction.as_ref().map_or(DEADLINE, |it| it.deadline);
        let task_id = TaskId::parse(format!("{}:{}:help:{}", work.run_id, step.id, self.round))
            .map_err(|_| Failed::missing("room for the alert's name"))?;
        let item_id = ItemId::parse("alert").map_err(|_| Failed::missing("the alert's name"))?;
        let choices = self.choices.clone();
        Ok(Task {
            task_id,
            run_id: work.run_id.clone(),
            user_id: work.user_id.clone(),
            step_id: step.id.clone(),
            kind: TaskKind::Help,
            prompt: format!("I couldn't complete {}: {}", step.name, self.failure.message),
            items: vec![AskedItem { item_id, effect_hash: String::new(), choices, decided: None }],
            scopes: self.failure.scopes.clone(),
            answer: None,
            percent: 0,
            help: None,
            open: true,
            token: work.token.clone().unwrap_or_default(),
            asked_at: now,
            deadline: after(now, deadline),
            remind: Vec::new(),
            arranged: Arrangement::default(),
            leased_until: None,
            decided_at: None,
        })
    }

    fn change(&self, task: &Task) -> Change {
        Change::Alert {
            step: task.step_id.clone(),
            task: task.task_id.clone(),
            prompt: task.prompt.clone(),
            deadline: task.deadline,
        }
    }
}
