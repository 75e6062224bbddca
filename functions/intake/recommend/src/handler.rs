//! Event in, recommendation written with what tells of it.

use crate::failed::Failed;
use engine::recommend::{recommend, recommendation_id};
use engine::{Out, Recommendation};
use events::{Envelope, RecommendationId, SimulationCompleted};
use ports::{Clock, Commit, CommitError, Record, Write, keep_event};
use serde_json::Value;
use shell::bus::{Received, receive};
use statemachines::Catalog;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Recommendations were made; how many.
    Made(RecommendationId, usize),
    /// They had been made before.
    MadeBefore(RecommendationId),
    /// The event is of a later version and was kept.
    Kept,
}

/// Answers a `simulation.completed` of the bus. The same simulation again changes nothing.
///
/// # Errors
/// [`Failed::Malformed`] names the field of an event that cannot be read; nothing was written.
pub async fn handle(
    table: &impl Commit,
    clock: &impl Clock,
    catalog: &Catalog,
    event: Value,
) -> Result<Answer, Failed> {
    match receive::<SimulationCompleted>(event)? {
        Received::Known(envelope) => answer(table, clock, catalog, envelope).await,
        Received::Unread(unread) => {
            keep_event(table, "recommend", unread.into_parts(), clock.now()).await?;
            Ok(Answer::Kept)
        }
    }
}

async fn answer(
    table: &impl Commit,
    clock: &impl Clock,
    catalog: &Catalog,
    envelope: Envelope<SimulationCompleted>,
) -> Result<Answer, Failed> {
    let Envelope { user_id, data: mut simulation, .. } = envelope;
    // Looked at by `completion` alone, and long: no run reads it.
    simulation.recurring = None;
    // Triggers and their reasons take the first for the dearest.
    simulation.debts.sort_by(|a, b| b.apr.total_cmp(&a.apr));
    let id = recommendation_id(&user_id, &simulation.simulation_id, simulation.as_of)?;
    let ranking = recommend(catalog, id.clone(), &simulation);
    for (workflow, error) in &ranking.broken {
        tracing::error!(workflow.id = workflow.as_str(), error.chain = %error, "trigger of {workflow} cannot be evaluated");
    }
    let count = ranking.actions.actions.len();
    let record = Recommendation {
        recommendation_id: id.clone(),
        user_id,
        simulation,
        actions: ranking.actions.clone(),
        made_at: clock.now(),
    };
    let write = Write::create(Record::Recommendation(record)).telling([Out::Recommended(ranking.actions)]);
    match table.commit(vec![write]).await {
        Ok(()) => {
            tracing::info!(recommendation.id = id.as_str(), actions = count, "recommended");
            Ok(Answer::Made(id, count))
        }
        Err(CommitError::Conflict { .. }) => Ok(Answer::MadeBefore(id)),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
