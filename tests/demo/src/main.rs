//! The demo: `demo` runs a household, `demo console` makes one to look at. `make demo` starts it with everything it needs.

use clap::{Parser, Subcommand};
use demo::{Ended, Settings};

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
            println!("\nInterrupted.");
            INTERRUPTED
        }
    };
    // Not by returning: a thread may still wait for the terminal.
    std::process::exit(code)
}
