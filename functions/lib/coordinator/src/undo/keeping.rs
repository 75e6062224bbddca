//! A stop: what the step in whose middle it came has done is found out, and kept.

use super::in_doubt;
use super::outcome::{doubt_again, give_up_doubts};
use crate::failed::Failed;
use crate::view::View;
use crate::{Coordinator, StepPorts};
use engine::{Change, after, next_unfinished, settle_unfinished};
use events::{ErrorClass, Operation};
use ports::{Mode, StepWork};
use statemachines::{Seconds, Workflow};

/// How long after a run's time is over a provider is still asked what happened, before the user is.
const PATIENCE: Seconds = Seconds(3_600);

impl<P: StepPorts> Coordinator<P> {
    /// Settles the step in whose middle the stop came: what it did is found out and kept.
    pub(super) async fn keep_next(
        &self,
        work: &StepWork,
        view: &mut View,
        workflow: &Workflow,
    ) -> Result<(), Failed> {
        let Some(id) = next_unfinished(&view.run, workflow) else { return Ok(()) };
        let step = workflow.step(&id).ok_or_else(|| Failed::missing(format!("step {id}")))?;
        let mut record = view.record(&id);
        doubt_again(&mut record);
        self.refuse_while_busy(view, step, &record)?;
        let out_of_time = after(view.run.expires, PATIENCE) <= self.ports.now();
        let gives_up = work.mode == Mode::UndoFailed || out_of_time;
        if in_doubt(&record).next().is_some() {
            let doubts = in_doubt(&record);
            let answers = self.ask_each(work, view, step, &record, Operation::Probe, doubts).await;
            if let Some(failed) = answers.failed.filter(|_| !gives_up) {
                return Err(failed);
            }
            crate::apply::probed(&mut record, &answers.about, answers.response);
        }
        let now = self.ports.now();
        let Some(settlement) = settle_unfinished(step, &record) else {
            if !gives_up {
                let message = format!("{}: the provider cannot say yet what happened", step.name);
                return Err(Failed::attempt(ErrorClass::ProviderUnavailable, message));
            }
            // Nobody can say: the user is told which, with its reference, and asked to look.
            give_up_doubts(&mut record);
            return self.undone(view, workflow, &id, &record).await;
        };
        record.count();
        let change = Change::Settle { step: id, settlement };
        let task = self.recovery_task(view, workflow, &record).await?;
        self.write_with(view, workflow, &[change], Some(&record), task.as_ref(), now).await
    }
}
