//! Random workflows: any order of steps, any type of step.

use proptest::prelude::*;
use statemachines::{StepKind, Workflow};

/// For each step which of the earlier ones it depends on, and its type; then the order in which they stand in the file.
#[derive(Clone, Debug)]
pub struct Plan {
    steps: Vec<(Vec<bool>, u8)>,
    order: Vec<usize>,
}

/// Up to nine steps; few dependencies and many alike.
pub fn plan() -> impl Strategy<Value = Plan> {
    (1_usize..=9, 0.05_f64..0.9)
        .prop_flat_map(|(count, density)| {
            let steps: Vec<_> = (0..count)
                .map(|i| (prop::collection::vec(prop::bool::weighted(density), i), 0_u8..4))
                .collect();
            (steps, Just((0..count).collect::<Vec<usize>>()).prop_shuffle())
        })
        .prop_map(|(steps, order)| Plan { steps, order })
}

/// The planned workflow; everything else is as in `model`.
pub fn workflow(model: &Workflow, plan: &Plan) -> Workflow {
    let id = |i: usize| format!("step-{i}").parse().unwrap();
    let mut workflow = model.clone();
    workflow.steps = plan
        .order
        .iter()
        .map(|&i| {
            let (depends, kind) = &plan.steps[i];
            let mut step = model.steps[0].clone();
            step.id = id(i);
            step.depends_on =
                depends.iter().enumerate().filter(|(_, depends)| **depends).map(|(j, _)| id(j)).collect();
            step.kind = match kind {
                0 | 3 => StepKind::Automated,
                1 => StepKind::SemiAutomated,
                _ => StepKind::Manual,
            };
            step.may_ask = *kind == 3;
            step
        })
        .collect();
    workflow
}
