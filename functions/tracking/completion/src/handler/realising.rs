//! A later simulation: what of earlier runs' savings shows in the charges since.

use super::achievements::awards;
use super::household::history;
use super::{Answer, all};
use crate::failed::Failed;
use engine::history::seen;
use engine::{Out, RunEvent, RunImpact};
use events::{Envelope, SimulationCompleted, UserId};
use jiff::Timestamp;
use ports::{Commit, CommitError, Key, List, Listing, Read, Record, Stored, Write};

/// Writes what a simulation shows of each run's savings, with the events that tell of it, and what that unlocks.
pub(super) async fn realise(
    table: &(impl Read + Commit + List),
    now: Timestamp,
    simulated: Envelope<SimulationCompleted>,
) -> Result<Answer, Failed> {
    let Envelope { user_id, data: simulation, .. } = simulated;
    let mut shown = 0;
    for stored in all(table, Listing::Impacts(user_id.clone())).await? {
        let Record::Impact(impact) = stored.record else { continue };
        if write_seen(table, &impact, stored.rev, &simulation).await? {
            shown += 1;
        }
    }
    award(table, &user_id, now).await?;
    Ok(if shown > 0 { Answer::Seen(shown) } else { Answer::Nothing })
}

/// Writes what is seen of one run. What changed meanwhile was seen by another delivery of the same event.
async fn write_seen(
    table: &(impl Read + Commit),
    impact: &RunImpact,
    rev: u64,
    simulation: &SimulationCompleted,
) -> Result<bool, Failed> {
    let Some(seen) = seen(impact, simulation) else { return Ok(false) };
    let run = table.read(&[Key::Run(impact.run_id.clone())]).await?.pop();
    let mut writes = vec![Write::update(Record::Impact(seen.impact), rev)];
    if let Some(Stored { record: Record::Run(run), rev, .. }) = run {
        let progress = run.progress;
        let events = seen.events.into_iter().map(|event| Out::Run(RunEvent { progress, ..event }));
        writes.push(Write::update(Record::Run(run), rev).telling(events));
    }
    match table.commit(writes).await {
        Ok(()) => Ok(true),
        Err(CommitError::Conflict { .. }) => Err(Failed::Contended(1)),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

/// Unlocks what the user's history makes true.
async fn award(table: &(impl Commit + List), user: &UserId, now: Timestamp) -> Result<(), Failed> {
    let (runs, achieved) = history(table, user).await?;
    let runs: Vec<_> = runs.into_iter().map(|(it, _)| it).collect();
    for write in awards(&runs, &achieved, user, None, now) {
        match table.commit(vec![write]).await {
            // It was unlocked just now by another.
            Ok(()) | Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Ok(())
}
