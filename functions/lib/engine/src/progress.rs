//! How far a run is, weighted by how long its steps usually take.

use crate::run::Run;
use events::StepId;
use statemachines::{Seconds, Workflow};

/// Overall progress in percent. A settled step counts whole, the given step by its own percent, any other not at all.
/// Steps that only run in another's place count with it once they began.
pub fn overall(run: &Run, workflow: &Workflow, current: Option<(&StepId, u8)>) -> u8 {
    if run.status == crate::RunStatus::Completed {
        return 100;
    }
    let mut all: u64 = 0;
    let mut done: u64 = 0;
    for step in &workflow.steps {
        let entry = run.entry(&step.id);
        if !run.is_on_path(workflow, &step.id) && entry.order == 0 {
            continue;
        }
        let weight = u64::from(step.expected_duration.get().max(1));
        all += weight * 100;
        if run.is_over(step) {
            done += weight * 100;
        } else if let Some((_, percent)) = current.filter(|(id, _)| **id == step.id) {
            done += weight * u64::from(percent.min(100));
        }
    }
    // 100 is the completed run's alone.
    u8::try_from((done * 100).checked_div(all).unwrap_or(0)).map_or(99, |percent| percent.min(99))
}

/// How long the steps that are not settled usually take, people's waiting left out.
pub fn remaining(run: &Run, workflow: &Workflow) -> Seconds {
    let left = workflow
        .steps
        .iter()
        .filter(|step| run.is_on_path(workflow, &step.id) && !run.is_over(step))
        .map(|step| step.expected_duration.get())
        .fold(0_u32, u32::saturating_add);
    Seconds(left)
}
