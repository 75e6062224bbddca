//! `catalog`: checks, compiles, explains and draws the workflows of the catalog.

mod files;
mod generate;

use anyhow::Context;
use clap::{Parser, Subcommand};
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
    /// Write everything that follows from the catalog and the message types: state machines and JSON Schemas.
    Generate {
        /// Write nothing; fail when a file is not what would be written.
        #[arg(long)]
        check: bool,
    },
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
        Command::Generate { check } => generate::run(&root, *check),
    }
}

fn find_root(start: &Path) -> anyhow::Result<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(files::CATALOG).is_dir())
        .map(Path::to_owned)
        .with_context(|| format!("there is no {} in this folder or above it; say --root", files::CATALOG))
}
