//! The demo: `demo` runs a household, `demo console` makes one to look at, `demo event FILE` publishes an event. `make demo` starts it with everything it needs.

use anyhow::Context;
use clap::{Parser, Subcommand};
use demo::{Aws, Ended, Settings};
use std::path::{Path, PathBuf};

/// What a process that was interrupted ends with.
const INTERRUPTED: i32 = 130;

/// Runs a household from simulation event to finished workflow.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a household to look at in the web console, and say how to sign in there.
    Console,
    /// List the kinds of failure that FAULT may name.
    Faults,
    /// Put an event on the bus: an envelope as in events/samples.
    Event {
        /// The file it is in.
        file: PathBuf,
        /// Its detail type; by default what its file is called, a dot for the first dash.
        #[arg(long)]
        detail_type: Option<String>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let work = async {
        match Cli::parse().command {
            None => demo::run(&Settings::from_env()?).await,
            Some(Command::Console) => {
                demo::console::household(&Settings::from_env()?).await.map(|()| Ended::Well)
            }
            Some(Command::Faults) => {
                println!("{}", demo::faults());
                Ok(Ended::Well)
            }
            Some(Command::Event { file, detail_type }) => event(&file, detail_type).await,
        }
    };
    let code = tokio::select! {
        ended = work => match ended {
            Ok(Ended::Well) => 0,
            Ok(Ended::Otherwise(_)) => 1,
            Err(error) => {
                eprintln!("demo: {error:#}");
                1
            }
        },
        _ = tokio::signal::ctrl_c() => {
            demo::restore();
            println!("\nInterrupted. What was started goes on; `make demo` finds it again.");
            INTERRUPTED
        }
    };
    // Not by returning: a thread may still wait for the terminal.
    std::process::exit(code)
}

async fn event(file: &Path, detail_type: Option<String>) -> anyhow::Result<Ended> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{}: no JSON", file.display()))?;
    let stem = file.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
    let kind = detail_type.unwrap_or_else(|| stem.replacen('-', ".", 1));
    Aws::new(&Settings::from_env()?)?.put("household.simulation", &kind, &value).await?;
    println!("published {kind}");
    Ok(Ended::Well)
}
