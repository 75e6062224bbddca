//! Taking a stopped run up again: from which step, and what of an earlier step's record stays.

use crate::run::Run;
use crate::status::RunStatus;
use crate::step::{ItemState, StepRecord};
use events::StepId;
use statemachines::{Graph, Step, Workflow};

/// Why a run cannot be taken up again, or not from there; the run is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotResumable {
    /// It is not where a run can be taken up again.
    #[error("a run that is {} cannot be resumed", .0.as_str())]
    Status(RunStatus),
    /// The workflow has no checkpoint of that name.
    #[error("there is no checkpoint {name}; there are: {}", .known.join(", "))]
    UnknownCheckpoint {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The run has not come as far as that checkpoint.
    #[error("the run had not come to checkpoint {0} when it was stopped")]
    NotReached(StepId),
}

/// The steps that a stopped run enters again: those that are not over and, from an earlier checkpoint, all that come after it.
/// A settled step is its own checkpoint; one marked `checkpoint` in the definition can be gone back to by name.
///
/// # Errors
/// [`NotResumable`].
pub fn reopened(
    run: &Run,
    workflow: &Workflow,
    checkpoint: Option<&str>,
) -> Result<Vec<StepId>, NotResumable> {
    if run.status != RunStatus::Stopped {
        return Err(NotResumable::Status(run.status));
    }
    let from = checkpoint.map(|name| place(run, workflow, name)).transpose()?;
    let graph = Graph::of(workflow).ok();
    let after = |place: usize| {
        from.is_some_and(|from| graph.as_ref().is_some_and(|graph| graph.precedes(from, place)))
    };
    let again = workflow.steps.iter().enumerate().filter(|(place, step)| {
        // What a failed group has undone stays undone, and what runs in a step's place stays in its place.
        !run.group_has_failed(step) && !is_replaced(run, step) && (after(*place) || !run.is_over(step))
    });
    Ok(again.map(|(_, step)| step.id.clone()).collect())
}

/// Whether a step was declined and effects of its fallback are in force: both together are not wanted.
fn is_replaced(run: &Run, step: &Step) -> bool {
    let fallback = step.fallback.as_ref().map(|it| run.entry(it));
    run.entry(&step.id).diverted && fallback.is_some_and(|it| it.open_effects)
}

/// Where a checkpoint is that the run has reached.
fn place(run: &Run, workflow: &Workflow, name: &str) -> Result<usize, NotResumable> {
    let mut checkpoints = workflow.steps.iter().enumerate().filter(|(_, step)| step.checkpoint);
    let Some((place, step)) = checkpoints.find(|(_, step)| step.id.as_str() == name) else {
        let known = workflow.steps.iter().filter(|step| step.checkpoint);
        let known = known.map(|step| step.id.to_string()).collect();
        return Err(NotResumable::UnknownCheckpoint { name: name.to_owned(), known });
    };
    if run.entry(&step.id).status.is_settled() {
        Ok(place)
    } else {
        Err(NotResumable::NotReached(step.id.clone()))
    }
}

/// Makes the record of a settled or undone step ready to be gone through again: it is proposed anew, and what is in force stays as
/// it is, so that nothing is done twice.
pub fn reopen(record: &mut StepRecord) {
    record.proposed = false;
    record.skipped = false;
    record.failure = None;
    // The user took those outputs as they were, and no others.
    record.overridden = false;
    record.guide = None;
    record.proof = None;
    record.generation += u32::from(record.items.iter().any(|item| item.state == ItemState::Undone));
    record.items.retain(|item| item.state.may_be_in_force());
    if record.items.is_empty() {
        record.executed = false;
        record.clear_outputs();
    }
}
