//! Which ends a case may have: nothing is undone without a reason that its faults, or its workflow, give.

use crate::fault::{Act, Fault, HowCall, Twist};
use engine::{Ending, Run, RunStatus};
use events::ErrorClass;
use statemachines::{OnHelpTimeout, Workflow};

/// What is wrong with how a run was ended, if anything.
pub fn unfounded(run: &Run, workflow: &Workflow, faults: &[Fault]) -> Option<String> {
    let founded = match run.ending {
        Some(Ending::Cancel) => faults.iter().any(|it| matches!(it, Fault::Act(_, Act::Cancel))),
        Some(Ending::RollBack) => faults.iter().any(is_unsafe) || rolls_back(run, workflow),
        Some(Ending::Stop) | None => run.status != RunStatus::RolledBack,
    };
    let what =
        || format!("nothing gives a reason for {:?} and {:?}: {:?}", run.status, run.ending, run.reason);
    (!founded).then(what)
}

/// Whether it is unsafe to go on after a fault, or it says, of a run that goes on, that it is being ended.
fn is_unsafe(fault: &Fault) -> bool {
    match fault {
        Fault::Agent(_, Twist::Fail(class) | Twist::Always(class) | Twist::FailItem(class)) => {
            class.is_unsafe() || *class == ErrorClass::Ending
        }
        Fault::Call(_, HowCall::FailBefore(error) | HowCall::FailAfter(error) | HowCall::GiveUp(error)) => {
            // Nothing but the platform's own errors comes from a machine without a step that failed so.
            ErrorClass::of_error_type(error) != ErrorClass::Interrupted
        }
        _ => false,
    }
}

/// Whether the workflow has it rolled back: an alert that nobody answers, or a group that cannot be kept or undone as a whole.
fn rolls_back(run: &Run, workflow: &Workflow) -> bool {
    let by_alert = |step: &statemachines::Step| step.on_help_timeout == OnHelpTimeout::RollBack;
    !run.failed_groups.is_empty() || workflow.steps.iter().any(by_alert)
}
