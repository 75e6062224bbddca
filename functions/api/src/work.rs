//! Handing a step's work to its step Lambda.

use engine::Run;
use events::StepId;
use ports::{Mode, Slot, StepFunction, StepWork};
use statemachines::{Catalog, StepKind};

/// The step Lambda that goes on after an answer: recovery alerts are the semi-automated one's, whatever the step.
pub(crate) fn function(catalog: &Catalog, run: &Run, step: &StepId, slot: Slot) -> StepFunction {
    let kind = catalog.get(&run.workflow_id, run.version).and_then(|it| it.step(step)).map(|it| it.kind);
    match kind {
        _ if slot == Slot::Help => StepFunction::SemiAutomated,
        _ if slot == Slot::Undo => StepFunction::Compensate,
        Some(StepKind::Automated) => StepFunction::Automated,
        Some(StepKind::Manual) => StepFunction::Manual,
        Some(StepKind::SemiAutomated) | None => StepFunction::SemiAutomated,
    }
}

/// What it is asked to do.
pub(crate) fn continuing(run: &Run, step: &StepId, mode: Mode) -> StepWork {
    StepWork {
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        epoch: run.epoch,
        workflow: run.workflow_id.clone(),
        version: run.version,
        step_id: Some(step.clone()),
        mode,
        token: None,
        error: None,
        undo_error: None,
        group: None,
    }
}
