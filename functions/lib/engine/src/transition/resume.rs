//! Taking an ended run up again: forward from a checkpoint, or backward where something could not be undone.

use super::Draft;
use crate::change::{Change, Illegal};
use crate::run::after;
use crate::status::{RunStatus, StepStatus};
use events::StepId;
use indexmap::IndexMap;

impl Draft<'_> {
    /// `workflow` is the version that the run goes on with.
    pub(super) fn resume(&mut self, version: u32, reopened: &[StepId]) -> Result<(), Illegal> {
        let change = Change::Resume { version, reopened: Vec::new() };
        if self.run.status != RunStatus::Stopped {
            return Err(Illegal::Run { status: self.run.status, change: change.name() });
        }
        self.run.version = version;
        self.run.epoch += 1;
        self.run.ending = None;
        self.run.ended_at = None;
        self.run.check_at = None;
        self.run.expires = after(self.now, self.workflow.queue_expiry);
        let steps = self.workflow.steps.iter();
        self.run.steps =
            steps.map(|step| (step.id.clone(), self.run.entry(&step.id))).collect::<IndexMap<_, _>>();
        for step in reopened {
            self.set(step, StepStatus::Pending, |entry| {
                // An agent may still be at work, and effects be in force: both are kept.
                entry.attempt = 0;
                entry.started_at = None;
                entry.ended_at = None;
                entry.alerting = false;
                entry.diverted = false;
                entry.unfinished = false;
                entry.fatal = None;
            });
        }
        for entry in self.run.steps.values_mut() {
            entry.helped = 0;
        }
        self.enter(RunStatus::Queued, None);
        if let Some(event) = self.events.last_mut() {
            event.details.insert("reopened".to_owned(), serde_json::json!(reopened));
        }
        Ok(())
    }

    /// Every step whose effects are in doubt or could not be undone is taken up anew, for the end that the run came to: of one that
    /// was stopped it is found out what is in force, and that is kept.
    pub(super) fn undo_again(&mut self) -> Result<(), Illegal> {
        let illegal = Illegal::Run { status: self.run.status, change: Change::UndoAgain.name() };
        if self.run.status != RunStatus::NeedsAttention {
            return Err(illegal);
        }
        self.run.epoch += 1;
        self.run.recovering = true;
        self.run.ended_at = None;
        self.run.expires = self.now;
        for entry in self.run.steps.values_mut().filter(|it| it.status == StepStatus::UndoFailed) {
            entry.status = StepStatus::Failed;
            entry.attempt = 0;
        }
        let reason = self.run.reason.clone();
        self.enter(RunStatus::RollingBack, reason);
        Ok(())
    }
}
