//! `catalog explain`, `catalog graph`, `catalog compile` and `catalog json`: one workflow, by its id or its file.

use crate::files;
use anyhow::{Context, bail};
use clap::ValueEnum;
use statemachines::diagram::Diagram;
use statemachines::{
    Block, Budget, Graph, GraphError, MAX_DEFINITION_BYTES, MAX_DOLLARS_PER_MILLION, MAX_HISTORY_EVENTS,
    MAX_PAYLOAD_BYTES, Step, StepKind, Workflow, compile, parse,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Mermaid text.
    Mermaid,
    /// A picture.
    Svg,
}

/// Finds a workflow: a file, or an id of the catalog in its newest version, or `<id>/<version>`.
fn find(root: &Path, name: &str) -> anyhow::Result<Workflow> {
    let path = Path::new(name);
    if path.is_file() {
        return parse(name, &files::text(path)?).map_err(unreadable);
    }
    let definitions = files::read(root, &[])?;
    let matches = |workflow: &Workflow| {
        workflow.id.as_str() == name || format!("{}/{}", workflow.id, workflow.version) == name
    };
    let known: Vec<String> = definitions.readable.iter().map(|it| it.workflow.id.to_string()).collect();
    definitions
        .readable
        .into_iter()
        .map(|definition| definition.workflow)
        .filter(matches)
        .max_by_key(|workflow| workflow.version)
        .with_context(|| format!("there is no workflow or file {name}; the catalog has {}", known.join(", ")))
}

fn unreadable(findings: Vec<statemachines::Finding>) -> anyhow::Error {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", findings.join("\n"))
}

fn unordered(errors: Vec<GraphError>) -> anyhow::Error {
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the workflow cannot be compiled: {}", errors.join("; "))
}

/// Prints the definition that would be deployed.
pub(crate) fn machine(root: &Path, name: &str) -> anyhow::Result<ExitCode> {
    print!("{}", compile(&find(root, name)?).map_err(unordered)?.to_text()?);
    Ok(ExitCode::SUCCESS)
}

/// Prints the definition as the functions read it.
pub(crate) fn json(root: &Path, name: &str) -> anyhow::Result<ExitCode> {
    println!("{}", serde_json::to_string_pretty(&find(root, name)?)?);
    Ok(ExitCode::SUCCESS)
}

/// Draws a workflow or its machine.
pub(crate) fn graph(
    root: &Path,
    name: &str,
    format: Format,
    machine: bool,
    out: Option<&PathBuf>,
) -> anyhow::Result<ExitCode> {
    let workflow = find(root, name)?;
    let compiled = compile(&workflow).map_err(unordered)?;
    let diagram = if machine {
        Diagram::of_machine(&workflow, &compiled)
    } else {
        Diagram::of_workflow(&workflow).map_err(unordered)?
    };
    let text = match format {
        Format::Mermaid => diagram.to_mermaid(),
        Format::Svg => diagram.to_svg(),
    };
    match out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            println!("{}", path.display());
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what a workflow does and what it can cost.
pub(crate) fn run(root: &Path, name: &str) -> anyhow::Result<ExitCode> {
    let workflow = find(root, name)?;
    let budget = Budget::of(&workflow).map_err(unordered)?;
    let block = Graph::of(&workflow).and_then(|graph| graph.blocks(&workflow)).map_err(unordered)?;
    println!("{} version {} ({:?})", workflow.id, workflow.version, workflow.status);
    println!("{}\n{}\n", workflow.name, workflow.description);
    for trigger in &workflow.triggers {
        println!("recommended when  {}", trigger.when);
    }
    println!("\nsteps");
    steps(&workflow, &block, 1);
    println!();
    undo(&workflow);
    println!("\nbudget");
    let line = |what: &str, value: u64, limit: u64| {
        println!("  {what:<34} {value:>9}  of {limit} ({} %)", value * 100 / limit.max(1));
    };
    println!("  {:<34} {:>9}", "transitions, happy path", budget.happy_transitions);
    println!("  {:<34} {:>9}", "transitions, worst case", budget.worst_transitions);
    line("history events, worst case", budget.worst_history_events, MAX_HISTORY_EVENTS);
    line("largest payload, bytes", budget.largest_payload, MAX_PAYLOAD_BYTES);
    line("definition, bytes", budget.definition_bytes, MAX_DEFINITION_BYTES);
    line("dollars per million runs", budget.cost.total() / 1_000_000, MAX_DOLLARS_PER_MILLION);
    println!("  per million runs: {}", budget.cost);
    println!(
        "\nworst case: every step asked for help and retried as often as it may, then every effect undone."
    );
    println!("dollars: the happy path at list prices; assumptions stand in statemachines/src/cost.rs.");
    if workflow.steps.is_empty() {
        bail!("the workflow has no steps");
    }
    Ok(ExitCode::SUCCESS)
}

fn steps(workflow: &Workflow, block: &Block, depth: usize) {
    let indent = "  ".repeat(depth);
    match block {
        Block::Step(place) => println!("{indent}{}", describe(&workflow.steps[*place])),
        Block::Series(blocks) => blocks.iter().for_each(|block| steps(workflow, block, depth)),
        Block::Parallel(blocks) => {
            println!("{indent}at the same time:");
            for (at, block) in blocks.iter().enumerate() {
                println!("{indent}  branch {}", at + 1);
                steps(workflow, block, depth + 2);
            }
        }
        Block::Group(name, inner) => {
            println!("{indent}all or nothing, {name}:");
            steps(workflow, inner, depth + 1);
        }
    }
}

fn describe(step: &Step) -> String {
    let kind = match step.kind {
        StepKind::Automated if step.may_ask => "automated, may ask",
        StepKind::Automated => "automated",
        StepKind::SemiAutomated => "semi-automated",
        StepKind::Manual => "manual",
    };
    let mut parts = vec![kind.to_owned(), step.agent.to_string()];
    parts.push(format!("{} attempts", step.retry.attempts));
    if let Some(interaction) = &step.interaction {
        parts.push(format!("waits at most {}", interaction.deadline));
    }
    if let Some(when) = &step.when {
        parts.push(format!("when {when}"));
    }
    if let Some(fallback) = &step.fallback {
        parts.push(format!("declined: {fallback}"));
    }
    format!("{:<20} {}", step.id.as_str(), parts.join(" · "))
}

fn undo(workflow: &Workflow) {
    let undone = workflow.steps.iter().filter_map(|step| step.undo.as_ref().map(|undo| (step, undo)));
    let lines: Vec<String> = undone
        .map(|(step, undo)| {
            format!("  {:<20} {} · {} attempts", step.id.as_str(), undo.action, undo.retry.attempts)
        })
        .collect();
    if lines.is_empty() {
        println!("nothing to undo");
    } else {
        println!("undone by\n{}", lines.join("\n"));
    }
}
