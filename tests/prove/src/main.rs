//! `prove`: explores every workflow with everything that can go wrong, or shows one case again.

use anyhow::Context as _;
use clap::Parser;
use prove::explore::{Part, Tally, explore};
use prove::progress::Progress;
use prove::{Case, Kind, Stage, workflows};
use statemachines::Workflow;
use std::process::ExitCode;
use std::time::Instant;

/// A case is mostly small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let mut catalog = workflows::catalog()?;
    let mut others = workflows::fixtures()?;
    for seed in 0..arguments.random {
        others.push(prove::random::workflow(arguments.seed.wrapping_mul(1_000) + seed)?);
    }
    if let Some(prefix) = &arguments.workflow {
        catalog.retain(|workflow| workflow.id.as_str().starts_with(prefix.as_str()));
        others.retain(|workflow| workflow.id.as_str().starts_with(prefix.as_str()));
    }
    let (seed, singles) = (arguments.seed, Part::Singles { stride: arguments.stride });
    let number = arguments.pairs.div_ceil((catalog.len() + others.len()).max(1));
    let mut tallies = told("the catalog, single faults", &catalog, singles, seed)?;
    tallies.extend(told("fixtures and made-up workflows, single faults", &others, singles, seed)?);
    catalog.append(&mut others);
    for (tally, pairs) in
        tallies.iter_mut().zip(told("all of them, pairs of faults", &catalog, Part::Pairs { number }, seed)?)
    {
        tally.add(pairs);
    }
    Ok(report(&catalog, &tallies))
}

/// Explores a part, and says how many runs it was and how long they took.
fn told(what: &str, workflows: &[Workflow], part: Part, seed: u64) -> anyhow::Result<Vec<Tally>> {
    let began = Instant::now();
    let progress = Progress::default();
    let tallies = progress.told(|| explore(workflows, part, seed, &progress))?;
    let runs: usize = tallies.iter().map(Tally::all).sum();
    println!("{what}: {runs} runs in {:.1} s", began.elapsed().as_secs_f64());
    Ok(tallies)
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

fn report(workflows: &[Workflow], tallies: &[Tally]) -> ExitCode {
    print!("\n{:32}", "workflow");
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
        runs += tally.all();
        failures += failed;
    }
    for (case, wrong) in tallies.iter().flat_map(|tally| &tally.failing) {
        println!("\nprove --replay '{case}'");
        for wrong in wrong {
            println!("  {wrong}");
        }
    }
    println!("\n{runs} runs, {failures} failures");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
