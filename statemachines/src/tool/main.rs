//! `catalog`: checks, compiles, explains and draws the workflows of the catalog.

#![expect(clippy::disallowed_methods, reason = "the tool reads and writes files; the library does not")]

mod check;
mod explain;
mod files;
mod generate;

use anyhow::Context;
use clap::{Parser, Subcommand};
use explain::Format;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Checks, compiles, explains and draws the workflows of the catalog.
#[derive(Parser)]
#[command(name = "catalog", version, arg_required_else_help = true)]
struct Arguments {
    /// The project's folder; found upwards from the current one when not given.
    #[arg(long, global = true)]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Report every mistake in the catalog, with its file, its place and the way out.
    Check {
        /// More definitions to check: files, or folders of them.
        more: Vec<PathBuf>,
    },
    /// Print the state machine of a workflow as it is deployed.
    Compile {
        /// An id of the catalog, `<id>/<version>`, or a file.
        workflow: String,
    },
    /// Say what a workflow does, and what a run can cost at most: transitions, history events, bytes, dollars.
    Explain {
        /// An id of the catalog, `<id>/<version>`, or a file.
        workflow: String,
    },
    /// Write everything that follows from the catalog and the message types: state machines and JSON Schemas.
    Generate {
        /// Write nothing; fail when a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Draw a workflow, or its state machine.
    Graph {
        /// An id of the catalog, `<id>/<version>`, or a file.
        workflow: String,
        /// How it is written.
        #[arg(long, value_enum, default_value = "mermaid")]
        format: Format,
        /// Draw the state machine instead of the workflow.
        #[arg(long)]
        machine: bool,
        /// Write it there instead of printing it.
        #[arg(long, short)]
        out: Option<PathBuf>,
    },
    /// Print the definition of a workflow as JSON, as the functions read it from a file in the folder CATALOG_DIR.
    Json {
        /// An id of the catalog, `<id>/<version>`, or a file.
        workflow: String,
    },
    /// Record that the versions of the catalog are published: from then on `check` refuses any change to them.
    Publish,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("catalog: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let root = match &arguments.root {
        Some(root) => root.clone(),
        None => find_root(&std::env::current_dir()?)?,
    };
    match &arguments.command {
        Command::Check { more } => check::run(&root, more),
        Command::Compile { workflow } => explain::machine(&root, workflow),
        Command::Explain { workflow } => explain::run(&root, workflow),
        Command::Generate { check } => generate::run(&root, *check),
        Command::Graph { workflow, format, machine, out } => {
            explain::graph(&root, workflow, *format, *machine, out.as_ref())
        }
        Command::Json { workflow } => explain::json(&root, workflow),
        Command::Publish => check::publish(&root),
    }
}

fn find_root(start: &Path) -> anyhow::Result<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(files::CATALOG).is_dir())
        .map(Path::to_owned)
        .with_context(|| format!("there is no {} in this folder or above it; say --root", files::CATALOG))
}
