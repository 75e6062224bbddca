//! How an attempt ends: settled, waiting, or failed.

use crate::commit::{Refused, With, commit};
use crate::failed::Failed;
use crate::step::{Attempt, Ended};
use crate::{Coordinator, StepPorts, inputs};
use engine::{Change, Settlement};
use events::ErrorClass;
use ports::Slot;
use shell::Classified;

/// How often a failed attempt is written anew because its question was answered meanwhile.
const WRITES: u32 = 5;

impl<P: StepPorts> Coordinator<P> {
    /// Completes the token of a settled step, records a failed attempt.
    pub(crate) async fn conclude(
        &self,
        attempt: &mut Attempt<'_>,
        result: Result<Ended, Failed>,
    ) -> Result<(), Failed> {
        match result {
            // It is done while the run is being ended: the machine goes to the undo and not on, also after the last step.
            Ok(_) if attempt.view.run.ending.is_some() => Err(Failed::ending()),
            Ok(Ended::Waiting) => Ok(()),
            Ok(Ended::Settled) => self.release(attempt.token.as_deref()).await,
            Ok(Ended::Diverted) => {
                Err(Failed::attempt(ErrorClass::Declined, format!("{} was declined", attempt.step.name)))
            }
            Err(failed) => {
                self.record_failure(attempt, &failed).await;
                Err(failed)
            }
        }
    }

    /// The step does not apply.
    pub(crate) async fn leave_out(&self, attempt: &mut Attempt<'_>) -> Result<Ended, Failed> {
        let settlement = Settlement::left_out(&attempt.record, "not needed here");
        self.settle(attempt, settlement).await
    }

    /// The other side said no to the step as a whole: its fallback runs in its place, or it is left out; its group counts for nothing.
    pub(crate) async fn decline(&self, attempt: &mut Attempt<'_>, failed: Failed) -> Result<Ended, Failed> {
        let diverted = attempt.step.fallback.is_some() && !attempt.record.has_open_effects();
        if attempt.step.group.is_some() && !diverted {
            return Err(failed);
        }
        let message = failed.failure().message;
        let left = vec![message.clone()];
        let settlement = Settlement { diverted, left, ..Settlement::left_out(&attempt.record, message) };
        self.settle(attempt, settlement).await
    }

    /// Checks what the step gave and settles it.
    pub(crate) async fn settle(
        &self,
        attempt: &mut Attempt<'_>,
        settlement: Settlement,
    ) -> Result<Ended, Failed> {
        if let Some((group, reason)) = attempt.breaks_its_group(&settlement) {
            let declined = Failed::attempt(ErrorClass::Declined, reason.clone());
            if attempt.step.fallback.is_some() {
                // The machine takes the fallback for what was declined: it finds its group failed, and the group is undone.
                attempt.pending.push(Change::FailGroup { group, reason });
                self.flush(attempt, true).await?;
            }
            return Err(declined);
        }
        // What the user left out whole is not measured by what it should have given.
        if !attempt.record.outputs.is_empty() && !attempt.record.skipped {
            inputs::validate(attempt.step, &attempt.record, &attempt.inputs()?)?;
        }
        // Kept apart until it is written: of a settlement that fails, nothing has been told.
        let mut record = attempt.record.clone();
        record.failure = None;
        record.count();
        let diverted = settlement.diverted;
        let mut changes = attempt.pending.clone();
        changes.push(Change::Settle { step: attempt.step.id.clone(), settlement });
        let now = self.ports.now();
        // The question is closed but stays due until its token is completed.
        let task = attempt.open_task().map(|(mut task, _)| {
            task.open = false;
            task.leased_until = None;
            task.decided_at = Some(now);
            task
        });
        let with = With { step: Some(&record), task: task.as_ref().map(|task| (task, None)) };
        commit(&self.ports, &mut attempt.view, attempt.workflow, &changes, with, now)
            .await
            .map_err(Refused::failed)?;
        attempt.record = record;
        attempt.pending.clear();
        if attempt.view.entry(&attempt.step.id).helped > attempt.helped {
            self.call_off_alert(attempt).await;
        }
        Ok(if diverted { Ended::Diverted } else { Ended::Settled })
    }

    /// Records that an attempt failed. Losing this record costs only the user's view of it.
    async fn record_failure(&self, attempt: &mut Attempt<'_>, failed: &Failed) {
        let class = failed.class();
        if class == ErrorClass::Ending {
            return self.save_what_was_done(attempt).await;
        }
        // Another attempt of the step was quicker: what it records is what became of it.
        if matches!(failed, Failed::Contended(_)) {
            return;
        }
        let failure = failed.failure();
        attempt.record.failure = Some(failure.clone());
        let step = attempt.step.id.clone();
        let attempts = attempt.step.retry.attempts;
        let retry = class.is_transient() && attempt.view.entry(&step).attempt < attempts;
        let open_effects = attempt.record.has_open_effects();
        let at_rest = failed.at_rest();
        let mut changes = std::mem::take(&mut attempt.pending);
        changes.push(Change::Fail { step, failure, retry, at_rest, open_effects });
        if let Err(error) = self.write_failure(attempt, &changes).await {
            let run = &attempt.work.run_id;
            tracing::warn!(run.id = %run, error = %error, "failed attempt of run {run} not recorded");
        }
    }

    /// The run is being ended while the agent's word is at hand: written, it need not be waited for and asked again.
    /// Only of what was begun: nothing else is undone any more, so what a person has done meanwhile stays theirs.
    async fn save_what_was_done(&self, attempt: &mut Attempt<'_>) {
        let before = attempt.view.record(&attempt.step.id);
        attempt.record.apart.clone_from(&before.apart);
        if !attempt.view.entry(&attempt.step.id).open_effects || attempt.record == before {
            return;
        }
        if let Err(error) = self.write_failure(attempt, &[]).await {
            let run = &attempt.work.run_id;
            tracing::warn!(run.id = %run, error = %error, "what was done in run {run} is to be asked for again");
        }
    }

    /// Writes a failed attempt and lets its question go. A decision stays due until its token is told, and the next attempt takes it.
    async fn write_failure(&self, attempt: &mut Attempt<'_>, changes: &[Change]) -> Result<(), Failed> {
        for _ in 0..WRITES {
            let task = attempt.open_task().map(|(mut task, rev)| {
                task.leased_until = None;
                (task, rev)
            });
            let with = With {
                step: Some(&attempt.record),
                task: task.as_ref().map(|(task, rev)| (task, Some(*rev))),
            };
            let now = self.ports.now();
            match commit(&self.ports, &mut attempt.view, attempt.workflow, changes, with, now).await {
                Err(Refused::TaskChanged) => {
                    self.reread_task(&mut attempt.view, attempt.work, Slot::Ask).await?;
                }
                Err(Refused::Failed(failed)) => return Err(failed),
                Ok(()) => return Ok(()),
            }
        }
        Err(Failed::Contended(WRITES))
    }
}

impl Attempt<'_> {
    /// Why a settlement is none for a member of an all-or-nothing group: part of it is not done.
    fn breaks_its_group(&self, settlement: &Settlement) -> Option<(String, String)> {
        let group = self.step.group.clone().filter(|_| !settlement.diverted)?;
        let missing = self.record.items.iter().find(|item| !item.state.is_done());
        let why = match missing {
            Some(item) => Some(format!("{} is not done, and counts only with the rest", item.proposal.title)),
            None if self.record.skipped => {
                Some(format!("{} was left out, and counts only with the rest", self.step.name))
            }
            None => None,
        };
        why.map(|why| (group, why))
    }
}
