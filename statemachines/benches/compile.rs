//! How long it takes to compile a thousand workflows of ten steps. The budget is 150 ms.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a measurement reads the clock")]

use statemachines::{Catalog, Workflow, compile};
use std::hint::black_box;
use std::time::Instant;

const WORKFLOWS: usize = 1_000;
const STEPS: usize = 10;
const ROUNDS: usize = 5;
const BUDGET: u128 = 150;

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

/// Milliseconds of the fastest round.
fn fastest(work: impl Fn()) -> u128 {
    let round = || {
        let start = Instant::now();
        (0..WORKFLOWS).for_each(|_| work());
        start.elapsed().as_millis()
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

fn main() {
    let workflow = workflow();
    let compiled = fastest(|| drop(black_box(compile(black_box(&workflow)).unwrap())));
    let written = fastest(|| drop(black_box(compile(black_box(&workflow)).unwrap().to_text().unwrap())));
    let bytes = compile(&workflow).unwrap().to_text().unwrap().len();
    println!("compile: {WORKFLOWS} workflows of {STEPS} steps in {compiled} ms (budget {BUDGET} ms)");
    println!("compile and write: {written} ms, {bytes} bytes each");
    if compiled > BUDGET {
        eprintln!("over its budget: the compiler");
        std::process::exit(1);
    }
}
