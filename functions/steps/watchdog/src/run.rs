//! Runs: older than their maximum age, waiting in the queue, or without the execution that should carry them on.

use crate::deadline::work;
use crate::{Ports, Watchdog};
use coordinator::{Failed, change_run, change_run_beside, definition};
use engine::{Change, Ending, Run, StepEntry, StepStatus, out_of_time};
use events::{ErrorClass, RunId};
use jiff::Timestamp;
use ports::{ExecutionState, Key, Mode, Record, StepFunction, Write};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which run's execution ended otherwise than well.
#[derive(Debug, Deserialize)]
pub(crate) struct Died {
    pub(crate) run_id: RunId,
    pub(crate) epoch: u32,
}

/// Reads the platform's word that an execution ended otherwise than well; `None` for any other event.
pub(crate) fn died(event: &Value) -> Option<Died> {
    if event.get("detail-type")?.as_str()? != "Step Functions Execution Status Change" {
        return None;
    }
    serde_json::from_str(event.pointer("/detail/input")?.as_str()?).ok()
}

impl<P: Ports> Watchdog<P> {
    /// Deals with a run that is due.
    pub(crate) async fn run_due(&self, run: &Run, now: Timestamp) -> Result<(), Failed> {
        let key = Key::Run(run.run_id.clone());
        if run.look_at.is_some_and(|at| at <= now) {
            // First, so that what comes to nothing is looked at again and keeps nobody else waiting.
            match change_run(&self.ports, &self.catalog, &key, &Change::LookAgain, now).await {
                Ok(_) => {}
                // It has ended meanwhile.
                Err(Failed::Illegal(_)) => return Ok(()),
                Err(failed) => return Err(failed),
            }
        }
        if run.status.is_before_execution() {
            return self.dispatch(run).await;
        }
        if self.ports.describe_execution(run).await? != Some(ExecutionState::Running) {
            return self.end_dead(&run.run_id, run.epoch).await;
        }
        let workflow = definition(&self.catalog, run)?;
        if run.ending.is_none() && run.expires <= now {
            let (ending, reason) = out_of_time(run, workflow);
            self.end(&run.run_id, ending, reason, None, now).await?;
        }
        for step in &workflow.steps {
            if run.entry(&step.id).status == StepStatus::WaitingUser {
                self.drain(run, step).await?;
            }
        }
        if run.ending.is_some() && run.look_at.is_some_and(|at| at <= now) && stands_still(run, now) {
            tracing::warn!(run.id = %run.run_id, "the execution of run {} waits for what nobody knows of any more", run.run_id);
            return self.recover(run).await;
        }
        Ok(())
    }

    /// Brings a run to its end; one that is being ended already, or has ended, stays with that. `false`: what it is ended because of,
    /// written along, has changed.
    pub(crate) async fn end(
        &self,
        run: &RunId,
        ending: Ending,
        reason: String,
        because: Option<&Write>,
        now: Timestamp,
    ) -> Result<bool, Failed> {
        let (key, change) = (Key::Run(run.clone()), Change::End { ending, reason });
        match change_run_beside(&self.ports, &self.catalog, &key, &change, because, now).await {
            Ok(_) | Err(Failed::Illegal(_)) => Ok(true),
            Err(Failed::Contended(_)) if because.is_some() => Ok(false),
            Err(failed) => Err(failed),
        }
    }

    /// The dispatcher looks at the user's queue again: a dependency may be back, or the run's time in the queue be over.
    async fn dispatch(&self, run: &Run) -> Result<(), Failed> {
        let answer = self.ports.invoke("dispatch", &json!({ "user_id": run.user_id })).await;
        answer.map(|_| ()).map_err(|error| Failed::attempt(error.class, error.message))
    }

    /// Brings a run to an end whose execution is gone.
    pub(crate) async fn end_dead(&self, run_id: &RunId, epoch: u32) -> Result<(), Failed> {
        let key = Key::Run(run_id.clone());
        let Some(Record::Run(run)) =
            self.ports.read(std::slice::from_ref(&key)).await?.pop().map(|it| it.record)
        else {
            return Ok(());
        };
        if run.epoch != epoch || run.status.is_terminal() || run.status.is_before_execution() {
            return Ok(());
        }
        tracing::warn!(run.id = %run_id, "the execution of run {run_id} ended outside; bringing it to its end");
        if run.ending.is_none() {
            let (ending, _) = out_of_time(&run, definition(&self.catalog, &run)?);
            let reason = "its execution was ended outside".to_owned();
            self.end(run_id, ending, reason, None, self.ports.now()).await?;
        }
        self.recover(&run).await
    }

    /// Brings a run that is being ended to its end, turn by turn, as the undo loop of its execution would have.
    async fn recover(&self, run: &Run) -> Result<(), Failed> {
        let mut turn = work(run, None, Mode::Recover);
        turn.error = Some(ErrorClass::Interrupted.to_string());
        let answer = self.ports.invoke(StepFunction::Compensate.as_str(), &json!(turn)).await;
        answer.map(|_| ()).map_err(|error| Failed::attempt(error.class, error.message))
    }
}

/// Whether nothing has come of a run's ending for as long as it takes until it is looked at: its execution waits, with a token that
/// was forgotten, and does not go to its undo. What it might still do is refused by the revisions of what is done here.
fn stands_still(run: &Run, now: Timestamp) -> bool {
    let at_rest = |it: &StepEntry| it.agent_until.is_none_or(|until| until <= now);
    run.steps.values().all(|it| at_rest(it) && it.status != StepStatus::Undoing)
}
