//! The watchdog: looks every minute at what is due. Deadlines and reminders of questions, decisions whose outcome is overdue, runs
//! older than their maximum age, queued runs that wait for a dependency, and executions that died outside.

mod deadline;
mod run;

use coordinator::Failed;
use jiff::Timestamp;
use ports::{Clock, Commit, ContinueStep, DescribeExecution, FindDue, Invoke, Read, Record, Stored};
use serde::Serialize;
use serde_json::Value;
use shell::Classified as _;
use statemachines::Catalog;
use std::error::Error as _;

/// How many records one sweep looks at; the rest is due at the next.
const BATCH: usize = 100;

/// What the watchdog needs from outside.
pub trait Ports: FindDue + Read + Commit + ContinueStep + DescribeExecution + Invoke + Clock + Sync {}
impl<P: FindDue + Read + Commit + ContinueStep + DescribeExecution + Invoke + Clock + Sync> Ports for P {}

/// The watchdog.
pub struct Watchdog<P> {
    /// What it needs from outside.
    pub ports: P,
    /// The workflows it knows.
    pub catalog: Catalog,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Records looked at.
    pub due: usize,
    /// Records that could not be dealt with; they stay due.
    pub failed: usize,
}

impl<P: Ports> Watchdog<P> {
    /// Handles the schedule's tick, or the word that an execution ended otherwise than well.
    ///
    /// # Errors
    /// [`Failed`] when the platform cannot be reached; everything stays due.
    pub async fn handle(&self, event: &Value) -> Result<Swept, Failed> {
        if let Some(work) = run::died(event) {
            Box::pin(self.end_dead(&work.run_id, work.epoch)).await?;
            return Ok(Swept { due: 1, failed: 0 });
        }
        self.sweep().await
    }

    async fn sweep(&self) -> Result<Swept, Failed> {
        let now = self.ports.now();
        let due = self.ports.find_due(now, BATCH).await?;
        let mut swept = Swept { due: due.len(), failed: 0 };
        for stored in due {
            // One record that cannot be dealt with must not keep the others waiting.
            if let Err(error) = Box::pin(self.look_at(stored, now)).await {
                swept.failed += 1;
                let source = error.source().map(ToString::to_string);
                if error.class().is_transient() {
                    tracing::warn!(error = %error, error.source = source, "something due stays due");
                } else {
                    tracing::error!(error = %error, error.source = source, "something due could not be dealt with");
                }
            }
        }
        Ok(swept)
    }

    async fn look_at(&self, stored: Stored, now: Timestamp) -> Result<(), Failed> {
        match stored.record {
            Record::Task(task) => self.question_due(task, stored.rev, now).await,
            Record::Run(run) => self.run_due(&run, now).await,
            _ => Ok(()),
        }
    }
}
