//! `prove`: explores every workflow with everything that can go wrong, or shows one case again.

use anyhow::Context as _;
use clap::Parser;
use prove::explore::{Extent, Tally, explore};
use prove::progress::Progress;
use prove::{Case, Kind, Stage, workflows};
use statemachines::Workflow;
use std::process::ExitCode;
use std::time::Instant;

/// Runs every workflow with everything that can go wrong, and holds every run to what must hold.
#[derive(Parser)]
struct Arguments {
    /// Shows this case again, with all that happens.
    #[arg(long)]
    replay: Option<Case>,
    /// Only workflows whose id begins so.
    #[arg(long)]
    workflow: Option<String>,
    /// Pairs of faults in all.
    #[arg(long, default_value_t = 3_000)]
    pairs: usize,
    /// Workflows made up beside the catalog and the fixtures.
    #[arg(long, default_value_t = 10)]
    random: u64,
    /// Only every so many-th single fault.
    #[arg(long, default_value_t = 1)]
    stride: usize,
    /// Decides about waits, pairs and made-up workflows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(case) = &arguments.replay {
        return replay(case);
    }
    let began = Instant::now();
    let mut all = workflows::catalog()?;
    all.extend(workflows::fixtures()?);
    for seed in 0..arguments.random {
        all.push(prove::random::workflow(arguments.seed.wrapping_mul(1_000) + seed)?);
    }
    if let Some(prefix) = &arguments.workflow {
        all.retain(|workflow| workflow.id.as_str().starts_with(prefix.as_str()));
    }
    let pairs = arguments.pairs.div_ceil(all.len().max(1));
    let extent = Extent { stride: arguments.stride, pairs, seed: arguments.seed };
    let progress = Progress::default();
    let tallies = progress.told(|| explore(&all, extent, &progress))?;
    Ok(report(&all, &tallies, began))
}

fn replay(case: &Case) -> anyhow::Result<ExitCode> {
    let workflow =
        workflows::named(&case.workflow)?.with_context(|| format!("no workflow {}", case.workflow))?;
    let verdict = Stage::of(workflow)?.run(case, true);
    for line in &verdict.story {
        println!("{line}");
    }
    println!("\n{case}: {}", verdict.status.map_or("not begun", engine::RunStatus::as_str));
    for wrong in &verdict.wrong {
        println!("  WRONG: {wrong}");
    }
    Ok(if verdict.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(workflows: &[Workflow], tallies: &[Tally], began: Instant) -> ExitCode {
    print!("{:32}", "workflow");
    for kind in Kind::ALL {
        print!("{:>9}", format!("{kind:?}").to_lowercase());
    }
    println!("{:>9}", "failures");
    let (mut runs, mut failures) = (0, 0);
    for (workflow, tally) in workflows.iter().zip(tallies) {
        print!("{:32}", workflow.id.as_str());
        for kind in Kind::ALL {
            print!("{:>9}", tally.runs.get(&kind).copied().unwrap_or_default());
        }
        let failed: usize = tally.failures.values().sum();
        println!("{failed:>9}");
        runs += tally.runs.values().sum::<usize>();
        failures += failed;
    }
    for (case, wrong) in tallies.iter().flat_map(|tally| &tally.failing) {
        println!("\nprove --replay '{case}'");
        for wrong in wrong {
            println!("  {wrong}");
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("\n{runs} runs in {seconds:.1} s, {failures} failures");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
