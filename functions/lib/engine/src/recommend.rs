//! Which workflows a simulation's result recommends, best first.

use events::{
    ActionsRecommended, Category, InvalidId, NotTriggered, RecommendationId, RecommendedAction,
    SimulationCompleted, SimulationId, UserId, WorkflowId,
};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use statemachines::{Catalog, ExprError, Status, Workflow, trigger_fires};
use std::cmp::Ordering;

/// The recommendations, and the triggers that could not be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// What to tell the user.
    pub actions: ActionsRecommended,
    /// Workflows left out because of a trigger; a defect of the catalog.
    pub broken: Vec<(WorkflowId, ExprError)>,
}

/// What a workflow says of a simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion {
    /// Whether one of its triggers fired.
    pub fired: bool,
    /// The highest score of those that fired.
    pub score: f64,
    /// Why, or why not: figure and threshold. One text a trigger.
    pub reasons: Vec<String>,
}

/// The id of the recommendation for a simulation of a day: the same simulation published twice has one recommendation. Ids sort as
/// the days do.
///
/// # Errors
/// None in practice: it is always a valid identifier.
pub fn recommendation_id(
    user: &UserId,
    simulation: &SimulationId,
    as_of: Date,
) -> Result<RecommendationId, InvalidId> {
    let digest = digest(&[user.as_str(), simulation.as_str()]);
    RecommendationId::parse(format!("rec-{}-{digest}", as_of.strftime("%Y%m%d")))
}

/// The first 32 hexadecimal digits of the SHA-256 over parts that cannot run into each other.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Evaluates every trigger of the newest version of every workflow.
///
/// Ranked: what can be selected before what is planned, then by urgency of the category, then by score.
pub fn recommend(catalog: &Catalog, id: RecommendationId, simulation: &SimulationCompleted) -> Ranking {
    let (mut actions, mut not_triggered, mut broken) = (Vec::new(), Vec::new(), Vec::new());
    for workflow in catalog.newest() {
        match opinion(workflow, simulation) {
            Ok(it) if it.fired => actions.push(action(workflow, it)),
            Ok(it) => not_triggered
                .push(NotTriggered { workflow_id: workflow.id.clone(), reason: it.reasons.join("; ") }),
            Err(error) => broken.push((workflow.id.clone(), error)),
        }
    }
    actions.sort_by(best_first);
    for (rank, action) in (1..).zip(&mut actions) {
        action.rank = rank;
    }
    Ranking {
        actions: ActionsRecommended {
            recommendation_id: id,
            simulation_id: simulation.simulation_id.clone(),
            as_of: simulation.as_of,
            actions,
            not_triggered,
        },
        broken,
    }
}

/// What a workflow says of a simulation.
///
/// # Errors
/// [`ExprError`] of the first trigger that has no value of the right kind.
pub fn opinion(workflow: &Workflow, simulation: &SimulationCompleted) -> Result<Opinion, ExprError> {
    let mut opinion = Opinion { fired: false, score: 0.0, reasons: Vec::new() };
    let mut against = Vec::new();
    for trigger in &workflow.triggers {
        let outcome = trigger_fires(trigger, simulation)?;
        if outcome.fired {
            opinion.score = if opinion.fired { opinion.score.max(outcome.score) } else { outcome.score };
            opinion.fired = true;
            opinion.reasons.push(outcome.reason);
        } else {
            against.push(outcome.otherwise);
        }
    }
    if !opinion.fired {
        opinion.reasons = against;
    }
    Ok(opinion)
}

fn action(workflow: &Workflow, opinion: Opinion) -> RecommendedAction {
    RecommendedAction {
        workflow_id: workflow.id.clone(),
        version: workflow.version,
        name: workflow.name.clone(),
        category: workflow.category,
        rank: 0,
        score: opinion.score,
        reasons: opinion.reasons,
        available: workflow.status == Status::Available,
    }
}

fn best_first(a: &RecommendedAction, b: &RecommendedAction) -> Ordering {
    (b.available.cmp(&a.available))
        .then(urgency(a.category).cmp(&urgency(b.category)))
        .then(b.score.total_cmp(&a.score))
        .then(a.workflow_id.cmp(&b.workflow_id))
}

/// The order of the categories: what cannot wait first, then what guards, then what spares, then what earns.
pub(crate) fn urgency(category: Category) -> u8 {
    match category {
        Category::Emergency => 0,
        Category::Protect => 1,
        Category::Optimize => 2,
        Category::Grow => 3,
    }
}

#[cfg(test)]
pub(crate) mod tests;
