//! What a completed run teaches of how long its steps take, and what it brings.

use super::{TRIES, all};
use crate::failed::Failed;
use engine::{Learned, RunImpact};
use events::{RunId, WorkflowEvent};
use money::Money;
use ports::{Commit, CommitError, Guard, Key, List, Listing, Read, Record, Write};

/// Learns from a completed run. Losing what one run teaches costs nobody anything.
pub(super) async fn learn(table: &(impl Read + Commit + List), run: &RunId, impact: &RunImpact) {
    if let Err(error) = try_learn(table, run, impact).await {
        tracing::warn!(run.id = %run, error = %error, "nothing was learnt of run {run}");
    }
}

async fn try_learn(
    table: &(impl Read + Commit + List),
    run: &RunId,
    impact: &RunImpact,
) -> Result<(), Failed> {
    let events =
        all(table, Listing::Events(run.clone())).await?.into_iter().filter_map(|it| match it.record {
            Record::Event(event) => Some(event),
            _ => None,
        });
    let events: Vec<WorkflowEvent> = events.collect();
    let key = Key::Learned(impact.workflow_id.clone());
    for _ in 0..TRIES {
        let before = table.read(std::slice::from_ref(&key)).await?.pop();
        let guard = before.as_ref().map_or(Guard::Absent, |it| Guard::Rev(it.rev));
        let mut learned = match before.map(|it| it.record) {
            Some(Record::Learned(learned)) => learned,
            _ => Learned::nothing(impact.workflow_id.clone()),
        };
        let minor = impact.amount(impact.currency);
        learned.learn(&events, Money { minor, currency: impact.currency });
        let write = Write { record: Record::Learned(learned), guard, out: Vec::new() };
        match table.commit(vec![write]).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}
