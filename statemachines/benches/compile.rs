//! How long it takes to compile a thousand workflows of ten steps. The budget is 150 ms.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a measurement reads the clock")]

use statemachines::{Catalog, Workflow, compile};
use std::hint::black_box;
use std::time::Instant;

const WORKFLOWS: usize = 1_000;
const STEPS: usize = 10;
const ROUNDS: usize = 5;

/// Ten steps, in chains and branches.
fn workflow() -> Workflow {
    let catalog = Catalog::embedded().unwrap();
    let mut workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
    let models = workflow.steps.clone();
    workflow.steps = (0..STEPS)
        .map(|i| {
            let mut step = models[i % models.len()].clone();
            step.id = format!("step-{i}").parse().unwrap();
            step.depends_on = match i {
                0 => Vec::new(),
                _ => vec![format!("step-{}", (i - 1) / 2).parse().unwrap()],
            };
            step
        })
        .collect();
    workflow
}

fn main() {
    let workflow = workflow();
    let mut best = u128::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..WORKFLOWS {
            black_box(compile(black_box(&workflow)).unwrap().to_text().unwrap());
        }
        best = best.min(start.elapsed().as_millis());
    }
    println!("compile: {WORKFLOWS} workflows of {STEPS} steps in {best} ms, bytes written (budget 150 ms)");
}
