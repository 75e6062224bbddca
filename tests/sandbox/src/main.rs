//! `sandbox`: serves the provider sandbox, or prints the figures of a household.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use sandbox::figures;
use sandbox::household::{self, Source};
use sandbox::http::Server;
use sandbox::service::Service;
use sandbox::store::Store;

/// Plays every outside provider of a household: Plaid, subscriptions, billers, savings rules, gigs.
///
/// State is kept in a file and survives a restart. The HTTP APIs are documented in API.md beside the source.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the sandbox (the default).
    Serve(Serve),
    /// Print the figures a simulation would publish about the household, as JSON.
    Simulate(Which),
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    which: Which,
    /// Port on 127.0.0.1; 0 picks a free one and prints it.
    #[arg(long, default_value_t = 4580)]
    port: u16,
    /// File the state is kept in.
    #[arg(long, required = true)]
    state: Option<PathBuf>,
    /// Begin anew from the household, whatever the state file holds.
    #[arg(long)]
    reset: bool,
}

#[derive(Debug, Args)]
struct Which {
    /// Household file: .yaml (the project's own), .json (a Plaid custom sandbox user), .beancount or .csv.
    #[arg(long, required = true)]
    household: Option<PathBuf>,
    /// Person, in a CSV file of several.
    #[arg(long)]
    person: Option<String>,
    /// Date to start from (YYYY-MM-DD); the household's last date if left out.
    #[arg(long)]
    as_of: Option<Date>,
    /// CSV of broadband offers by city to add to the household's own.
    #[arg(long)]
    broadband: Option<PathBuf>,
}

impl Which {
    fn source(self) -> Result<Source, &'static str> {
        let named = self.household.ok_or("--household is missing")?;
        let file = named.canonicalize().unwrap_or(named);
        Ok(Source { file, person: self.person, as_of: self.as_of, broadband: self.broadband })
    }
}

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Simulate(which)) => simulate(which),
        Some(Command::Serve(serve)) => run(serve),
        None => run(cli.serve),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox: {}", with_causes(&*error));
            std::process::ExitCode::FAILURE
        }
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn simulate(which: Which) -> Outcome {
    let household = household::load(&which.source()?)?;
    println!("{}", serde_json::to_string_pretty(&figures::of_household(&household)?)?);
    Ok(())
}

fn run(serve: Serve) -> Outcome {
    let state = serve.state.ok_or("--state is missing")?;
    let service = Service::start(Store::new(state), serve.which.source()?, serve.reset)?;
    for user in service.left_out() {
        eprintln!("sandbox: left out {user}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()?;
    runtime.block_on(async {
        let server = Server::bind(serve.port, Arc::new(service)).await?;
        println!("sandbox: listening on http://{}", server.address());
        server.run(stopped()).await;
        Ok(())
    })
}

/// Resolves on Ctrl-C or SIGTERM.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
