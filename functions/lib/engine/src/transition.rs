//! The transition function: the one way in which a run changes.

mod group;
mod resume;
mod undo;

use crate::allowed::allow;
use crate::card::UndoTerms;
use crate::change::{Change, Illegal, Settlement};
use crate::out::{Note, RunEvent};
use crate::progress;
use crate::run::{Run, StepEntry, after};
use crate::status::{Ending, RunStatus, StepStatus};
use crate::step::Failure;
use crate::undo::is_left;
use events::{EventType, ImpactKind, Severity, StepId, TaskId};
use jiff::Timestamp;
use serde_json::json;
use statemachines::{Seconds, Workflow};

/// Applies a change to a run: the run after it, and the events that tell of it.
///
/// # Errors
/// [`Illegal`] when the run's or the step's state does not allow the change; the run is unchanged.
pub fn apply(
    run: &Run,
    workflow: &Workflow,
    change: &Change,
    now: Timestamp,
) -> Result<(Run, Vec<RunEvent>), Illegal> {
    let mut draft = Draft { run: run.clone(), workflow, now, events: Vec::new() };
    match change {
        Change::Validate
        | Change::Hold { .. }
        | Change::Pass
        | Change::Refuse { .. }
        | Change::Begin
        | Change::End { .. }
        | Change::Finish => draft.change_run(change)?,
        Change::Resume { version, reopened } => draft.resume(*version, reopened)?,
        Change::UndoAgain => draft.undo_again()?,
        Change::LookAgain if run.status.is_terminal() => {
            return Err(Illegal::Run { status: run.status, change: change.name() });
        }
        Change::LookAgain => {}
        Change::FailGroup { group, reason } => draft.fail_group(group, reason)?,
        Change::EndGroup { group } => draft.end_group(group)?,
        _ => draft.change_step(change)?,
    }
    draft.run.progress = run.progress.max(progress::overall(&draft.run, workflow));
    let rest = rest(run, &draft.run, change);
    draft.run.look_at = draft.run.status.is_moved_by_others().then(|| after(now, rest));
    let progress = draft.run.progress;
    for event in &mut draft.events {
        event.progress = progress;
    }
    Ok((draft.run, draft.events))
}

/// How long the sweep leaves a run that others move to itself.
fn rest(before: &Run, after: &Run, change: &Change) -> Seconds {
    use RunStatus::{NeedsAttention, Queued, RollingBack, Validating};
    let begins = after.status == RollingBack && matches!(before.status, Queued | Validating | NeedsAttention);
    match change {
        // No execution undoes it: the sweep does.
        _ if begins => Seconds(0),
        _ if after.recovering => LOOK_SOON,
        Change::LookAgain if before.waits_to_be_undone() => LOOK_SELDOM,
        _ => LOOK_AGAIN,
    }
}

/// How long the undo of a run that was resumed for it may come to nothing before the sweep tries it again.
const LOOK_SOON: Seconds = Seconds(60);

/// How long nothing may happen to a run that others move before the sweep looks at it.
const LOOK_AGAIN: Seconds = Seconds(300);

/// The same of a run that a person is asked to undo, which takes days.
const LOOK_SELDOM: Seconds = Seconds(3_600);

/// Several things that were said, as one.
fn together(said: &[String]) -> String {
    said.join("; ").replace(".; ", "; ")
}

struct Draft<'a> {
    run: Run,
    workflow: &'a Workflow,
    now: Timestamp,
    events: Vec<RunEvent>,
}

impl Draft<'_> {
    fn change_run(&mut self, change: &Change) -> Result<(), Illegal> {
        use RunStatus::{Executing, Failed, Paused, Queued, Ready, RollingBack, Stopped, Validating};
        let from = self.run.status;
        let illegal = Illegal::Run { status: from, change: change.name() };
        match (change, from) {
            (Change::Validate, Queued) => self.enter(Validating, None),
            (Change::Hold { reason }, Validating) => {
                self.note(EventType::DependencyIssue, Severity::Warning, reason.clone());
                self.enter(Queued, Some(reason.clone()));
            }
            (Change::Pass, Validating) => self.enter(Ready, None),
            // Ready: its machine could not be started in all its time, so nothing was done.
            (Change::Refuse { failures }, Queued | Validating | Ready) => {
                let reason = together(failures);
                self.note(EventType::WorkflowFailed, Severity::Error, reason.clone())
                    .detail("failures", json!(failures));
                // Of a run that was resumed, what was done before is kept.
                let resumed = self.run.epoch > 1;
                self.enter(if resumed { Stopped } else { Failed }, Some(reason));
            }
            (Change::Begin, Ready) => {
                self.run.started_at.get_or_insert(self.now);
                self.run.expires = after(self.now, self.workflow.max_age);
                let word = if self.run.epoch > 1 { "resumed" } else { "started" };
                let message = format!("{} {word}", self.workflow.name);
                self.note(EventType::WorkflowStarted, Severity::Info, message);
                self.enter(Executing, None);
                // Of a run that was resumed, nothing may be left to do.
                self.complete_when_over();
            }
            (Change::End { ending, reason }, Queued | Validating)
                if *ending == Ending::Stop || !self.has_effects() =>
            {
                self.note(EventType::WorkflowFailed, Severity::Warning, reason.clone());
                self.enter(Stopped, Some(reason.clone()));
            }
            (Change::End { ending, reason }, Queued | Validating | Ready | Executing | Paused) => {
                // What is unsafe to keep is not kept, whoever stops it.
                let fatal = self.run.fatal().filter(|_| *ending == Ending::Stop).map(str::to_owned);
                self.run.ending = Some(if fatal.is_some() { Ending::RollBack } else { *ending });
                self.enter(RollingBack, fatal.or_else(|| Some(reason.clone())));
            }
            // Not while anything is left to do: a step may have been settled since that was looked at.
            (Change::Finish, RollingBack) if !is_left(&self.run, self.workflow) => self.finish(),
            _ => return Err(illegal),
        }
        Ok(())
    }

    /// Whether anything it did before, in an earlier execution, is in force.
    fn has_effects(&self) -> bool {
        self.run.steps.values().any(|entry| entry.open_effects)
    }

    fn finish(&mut self) {
        let reason = self.run.reason.clone().unwrap_or_default();
        let failed_undo = self.run.steps.values().any(|entry| entry.status == StepStatus::UndoFailed);
        let to = match self.run.ending {
            Some(Ending::Stop) if !failed_undo => RunStatus::Stopped,
            _ if failed_undo => RunStatus::NeedsAttention,
            _ => RunStatus::RolledBack,
        };
        if to == RunStatus::NeedsAttention {
            let message = "Some of what was done could not be undone; please look at it".to_owned();
            self.note(EventType::ManualReview, Severity::Error, message);
        }
        let severity = if to == RunStatus::Stopped { Severity::Warning } else { Severity::Error };
        self.note(EventType::WorkflowFailed, severity, reason.clone()).detail("outcome", json!(to));
        self.enter(to, Some(reason));
    }

    /// Moves the run to another state and tells so.
    fn enter(&mut self, to: RunStatus, reason: Option<String>) {
        let from = self.run.status;
        if from == to {
            return;
        }
        self.run.status = to;
        self.run.reason.clone_from(&reason);
        if to.is_terminal() {
            self.run.ended_at = Some(self.now);
            self.run.recovering = false;
        }
        let message = format!("{} {}", self.workflow.name, to.told());
        let note = self
            .note(EventType::RunStateChanged, Severity::Info, message)
            .detail("from", json!(from))
            .detail("to", json!(to));
        if let Some(reason) = reason {
            note.detail("reason", json!(reason));
        }
    }

    fn change_step(&mut self, change: &Change) -> Result<(), Illegal> {
        let step =
            change.step().cloned().ok_or(Illegal::Run { status: self.run.status, change: change.name() })?;
        let entry = self.run.steps.get(&step).cloned().ok_or_else(|| Illegal::NoStep(step.clone()))?;
        let definition = self.workflow.step(&step);
        allow(&self.run, change, &step, &entry, definition.and_then(|it| it.group.as_deref()))?;
        let name = definition.map_or_else(|| step.to_string(), |it| it.name.clone());
        match change {
            Change::Start { agent_until, .. } => self.start(&step, &name, *agent_until),
            Change::Ask { task, prompt, deadline, open_effects, again, .. } => {
                self.set(&step, StepStatus::WaitingUser, |entry| {
                    entry.agent_until = None;
                    entry.open_effects |= open_effects;
                });
                let mut note =
                    self.step_note(EventType::StepWaitingUser, Severity::Info, prompt.clone(), &step);
                if *again {
                    note = note.detail("again", json!(true));
                }
                note.ask(task.clone(), prompt, *deadline);
            }
            Change::Proceed { agent_until, open_effects, .. } => {
                self.set(&step, StepStatus::InProgress, |entry| {
                    entry.agent_until = Some(*agent_until);
                    entry.open_effects |= open_effects;
                });
                if entry.status == StepStatus::WaitingUser {
                    let message = format!("{name}: going on");
                    self.step_note(EventType::StepProgress, Severity::Info, message, &step);
                }
            }
            Change::Settle { settlement, .. } => self.settle(&step, settlement),
            Change::Fail { failure, retry, at_rest, open_effects, .. } => {
                self.fail(&step, failure, *retry, *open_effects);
                self.keep_watch(&step, entry.agent_until.filter(|_| !at_rest));
            }
            Change::Alert { task, prompt, deadline, .. } => self.alert(&step, task, prompt, *deadline),
            Change::Helped { .. } => self.helped(&step, &name),
            Change::Release { .. } => self.set(&step, entry.status, |entry| entry.helped += 1),
            _ => self.take_back(change, &step, &name, &entry),
        }
        Ok(())
    }

    fn alert(&mut self, step: &StepId, task: &TaskId, prompt: &str, deadline: Timestamp) {
        // An agent that nobody waits for any more may still be at work: it is watched on.
        self.set(step, StepStatus::WaitingUser, |entry| {
            entry.helped += 1;
            entry.alerting = true;
        });
        self.step_note(EventType::ManualReview, Severity::Warning, prompt.to_owned(), step).ask(
            task.clone(),
            prompt,
            deadline,
        );
        self.enter(RunStatus::Paused, Some(prompt.to_owned()));
    }

    fn helped(&mut self, step: &StepId, name: &str) {
        self.set(step, StepStatus::Retrying, |entry| {
            entry.attempt = 0;
            entry.alerting = false;
        });
        self.step_note(EventType::StepRetrying, Severity::Info, format!("{name}: going on"), step);
        self.go_on_unless_alerting();
    }

    /// A paused run goes on once the last of its alerts is over.
    fn go_on_unless_alerting(&mut self) {
        let alerting = self.run.steps.values().any(|it| it.alerting);
        if self.run.status == RunStatus::Paused && !alerting {
            self.enter(RunStatus::Executing, None);
        }
    }

    fn start(&mut self, step: &StepId, name: &str, agent_until: Timestamp) {
        let order = self.run.steps.values().map(|entry| entry.order).max().unwrap_or(0) + 1;
        let now = self.now;
        let mut first = false;
        self.set(step, StepStatus::InProgress, |entry| {
            first = entry.started_at.is_none();
            if first {
                entry.order = order;
                entry.started_at = Some(now);
            }
            entry.attempt += 1;
            entry.agent_until = Some(agent_until);
        });
        if first {
            self.step_note(EventType::StepStarted, Severity::Info, format!("{name} started"), step);
        }
    }

    fn settle(&mut self, step: &StepId, settlement: &Settlement) {
        let now = self.now;
        let status = if settlement.skipped { StepStatus::Skipped } else { StepStatus::Complete };
        self.set(step, status, |entry| {
            entry.ended_at = Some(now);
            entry.agent_until = None;
            entry.open_effects = settlement.open_effects;
            entry.diverted = settlement.diverted;
            entry.unfinished = settlement.unfinished;
            entry.alerting = false;
            entry.fatal = None;
            entry.charge(&settlement.impact);
        });
        let outcome = if settlement.skipped { "skipped" } else { "complete" };
        let severity = if settlement.skipped { Severity::Info } else { Severity::Success };
        let terms = self.workflow.step(step).and_then(|it| UndoTerms::of(it, settlement));
        let (fees, brought): (Vec<_>, Vec<_>) =
            settlement.impact.iter().partition(|it| it.kind == ImpactKind::Fee);
        let mut note = self
            .step_note(EventType::StepCompleted, severity, settlement.message.clone(), step)
            .detail("outcome", json!(outcome));
        if let Some(terms) = terms {
            note = note.detail("undo", json!(terms));
        }
        if !fees.is_empty() {
            note.detail("fees", json!(fees));
        }
        if !settlement.left.is_empty() {
            self.step_note(EventType::PartialSuccess, Severity::Warning, together(&settlement.left), step);
        }
        for impact in brought {
            let kind = if impact.kind == ImpactKind::RiskReduced {
                EventType::RiskReduced
            } else {
                EventType::SavingsAchieved
            };
            self.step_note(kind, Severity::Success, impact.label.clone(), step)
                .detail("impact", json!(impact));
        }
        // An attempt that nobody waited for any more has settled it after all.
        self.go_on_unless_alerting();
        self.complete_when_over();
    }

    /// Every step is over: so is the run.
    fn complete_when_over(&mut self) {
        let on_path = |it: &&statemachines::Step| self.run.is_on_path(self.workflow, &it.id);
        let over = self.workflow.steps.iter().filter(on_path).all(|step| self.run.is_over(step));
        if over && self.run.status == RunStatus::Executing {
            let message = format!("{} completed", self.workflow.name);
            self.note(EventType::WorkflowCompleted, Severity::Success, message);
            self.enter(RunStatus::Completed, None);
        }
    }

    fn fail(&mut self, step: &StepId, failure: &Failure, retry: bool, open_effects: bool) {
        if failure.class.is_unsafe()
            && let Some(entry) = self.run.steps.get_mut(step)
        {
            entry.fatal = Some(failure.message.clone());
        }
        if self.run.entry(step).alerting {
            // The platform gave the attempt up before it could say so itself: the alert has told of it, and still waits.
            self.set(step, StepStatus::WaitingUser, |entry| entry.open_effects |= open_effects);
            return;
        }
        let status = if retry { StepStatus::Retrying } else { StepStatus::Failed };
        self.set(step, status, |entry| {
            entry.agent_until = None;
            entry.open_effects |= open_effects;
        });
        let (kind, severity) = if retry {
            (EventType::StepRetrying, Severity::Warning)
        } else {
            (EventType::StepFailed, Severity::Error)
        };
        self.step_note(kind, severity, failure.message.clone(), step).detail("class", json!(failure.class));
    }

    /// Until when an agent that nobody heard of again may still be at work.
    fn keep_watch(&mut self, step: &StepId, until: Option<Timestamp>) {
        if let Some(entry) = self.run.steps.get_mut(step) {
            entry.agent_until = until;
        }
    }

    fn set(&mut self, step: &StepId, status: StepStatus, edit: impl FnOnce(&mut StepEntry)) {
        if let Some(entry) = self.run.steps.get_mut(step) {
            entry.status = status;
            edit(entry);
        }
    }

    fn note(&mut self, kind: EventType, severity: Severity, message: String) -> Note<'_> {
        let ends = matches!(kind, EventType::WorkflowCompleted | EventType::WorkflowFailed);
        let began = self.run.started_at.filter(|_| ends);
        Note::push(&mut self.events, kind, severity, message).lasted(began, self.now)
    }

    fn step_note(&mut self, kind: EventType, severity: Severity, message: String, step: &StepId) -> Note<'_> {
        let ends = matches!(kind, EventType::StepCompleted | EventType::StepFailed);
        let began = self.run.entry(step).started_at.filter(|_| ends);
        Note::push(&mut self.events, kind, severity, message).step(step.clone()).lasted(began, self.now)
    }
}
