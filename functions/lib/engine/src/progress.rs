//! How far a run is. One rule for the control record and for the card.
//!
//! Half of a step's weight is that it is a step, half how long it usually takes; a manual step counts no longer than the longest of
//! the others, because most of its time is the person's own. By time alone an hour of applying for a gig would keep a run whose
//! agents are done below 15 %; by count alone eight minutes of negotiating would weigh no more than twenty seconds of reading.

use crate::run::Run;
use crate::status::RunStatus;
use statemachines::{Seconds, Step, StepKind, Workflow};

/// Overall progress in percent of a run whose steps are told by their control record. A settled step counts whole, any other not at
/// all. Steps that only run in another's place count with it once they began.
pub fn overall(run: &Run, workflow: &Workflow) -> u8 {
    if run.status == RunStatus::Completed {
        return 100;
    }
    percent(workflow, |step| {
        let entry = run.entry(&step.id);
        let takes_part = run.is_on_path(workflow, &step.id) || entry.order > 0;
        takes_part.then_some(if run.is_over(step) { 100 } else { 0 })
    })
}

/// Overall progress in percent, 99 at most: 100 is the completed run's alone. `done` says how far a step is, in percent; nothing
/// for a step that takes no part.
pub(crate) fn percent(workflow: &Workflow, done: impl Fn(&Step) -> Option<u8>) -> u8 {
    let steps: Vec<_> = workflow.steps.iter().filter_map(|step| Some((step, done(step)?))).collect();
    let works = steps.iter().filter(|(step, _)| step.kind != StepKind::Manual).map(|(step, _)| seconds(step));
    let longest = works.max();
    let time = |step: &Step| match (step.kind, longest) {
        (StepKind::Manual, Some(longest)) => seconds(step).min(longest),
        _ => seconds(step),
    };
    let (count, all_time) = (steps.len() as u64, steps.iter().map(|(step, _)| time(step)).sum::<u64>());
    // A step's share is 1 / 2 count + time / 2 all_time, here times 2 count all_time.
    let weight = |step: &Step| all_time + count * time(step);
    let reached: u64 = steps.iter().map(|(step, done)| weight(step) * u64::from((*done).min(100))).sum();
    let percent = reached.checked_div(2 * count * all_time).unwrap_or(0);
    u8::try_from(percent).map_or(99, |percent| percent.min(99))
}

fn seconds(step: &Step) -> u64 {
    u64::from(step.expected_duration.get().max(1))
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

#[cfg(test)]
mod tests {
    use super::*;
    use statemachines::Catalog;

    fn workflow(kinds: &[(StepKind, u32)]) -> Workflow {
        let catalog = Catalog::embedded().unwrap();
        let mut workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
        workflow.steps.truncate(kinds.len());
        for (step, (kind, seconds)) in workflow.steps.iter_mut().zip(kinds) {
            (step.kind, step.expected_duration) = (*kind, Seconds(*seconds));
        }
        workflow
    }

    #[test]
    fn half_by_count_half_by_time_and_a_persons_time_is_capped() {
        use StepKind::{Automated, Manual};
        for (what, steps, done, expect) in [
            ("alike", vec![(Automated, 10), (Automated, 10)], vec![100, 0], 50),
            ("long and short", vec![(Automated, 10), (Automated, 990)], vec![100, 0], 25),
            ("half of one", vec![(Automated, 10), (Automated, 10)], vec![50, 0], 25),
            (
                "an hour by hand counts like the longest",
                vec![(Automated, 60), (Manual, 3600)],
                vec![100, 0],
                50,
            ),
            ("a minute by hand counts as it is", vec![(Automated, 180), (Manual, 60)], vec![100, 0], 62),
            ("all by hand", vec![(Manual, 60), (Manual, 60)], vec![100, 0], 50),
            ("all done and not yet completed", vec![(Automated, 10), (Manual, 60)], vec![100, 100], 99),
            ("more than whole", vec![(Automated, 10), (Automated, 10)], vec![200, 0], 50),
            ("no time at all", vec![(Automated, 0), (Automated, 0)], vec![100, 0], 50),
            ("no steps", vec![], vec![], 0),
        ] {
            let workflow = workflow(&steps);
            let at = |id: &Step| workflow.steps.iter().position(|step| step.id == id.id);
            assert_eq!(percent(&workflow, |step| at(step).map(|at| done[at])), expect, "{what}");
        }
    }

    #[test]
    fn a_step_that_takes_no_part_does_not_count() {
        let workflow = workflow(&[(StepKind::Automated, 10), (StepKind::Automated, 9_000)]);
        let first = workflow.steps[0].id.clone();
        assert_eq!(percent(&workflow, |step| (step.id == first).then_some(50)), 50);
    }
}
