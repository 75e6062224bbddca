//! Handing a step's work to its step Lambda.

use engine::Run;
use events::StepId;
use ports::{Mode, Slot, StepFunction, StepWork};
use statemachines::Catalog;

/// The step Lambda that goes on after an answer: recovery alerts are the semi-automated one's, whatever the step.
pub(crate) fn function(catalog: &Catalog, run: &Run, step: &StepId, slot: Slot) -> StepFunction {
    match slot {
        Slot::Help => StepFunction::SemiAutomated,
        Slot::Undo => StepFunction::Compensate,
        Slot::Ask => {
            let workflow = catalog.get(&run.workflow_id, run.version);
            let step = workflow.and_then(|it| it.step(step));
            step.map_or(StepFunction::SemiAutomated, coordinator::function_of)
        }
    }
}

/// What it is asked to do with a step, or with the run as a whole.
pub(crate) fn work(run: &Run, step: Option<&StepId>, mode: Mode) -> StepWork {
    StepWork {
        run_id: run.run_id.clone(),
        user_id: run.user_id.clone(),
        epoch: run.epoch,
        workflow: run.workflow_id.clone(),
        version: run.version,
        step_id: step.cloned(),
        mode,
        token: None,
        error: None,
        undo_error: None,
        group: None,
    }
}
