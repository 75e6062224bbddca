//! Everything at once, on the local AWS: the deployed functions, the generated state machines and the provider sandbox, as users and
//! the simulation upstream meet them. `make test` brings the stack and sets `E2E`; without it every test says that it is skipped.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod browser;
mod discretion;
mod emergency_fund;
mod event_kinds;
mod executions;
mod extending;
mod household;
mod live;
mod malformed;
mod once;
mod operating;
mod outage;
mod parallel_paths;
mod queues;
mod redrive;
mod rollback;
mod simulated;
mod sockets;
mod table_calls;
mod told;
mod unheard;

use tokio::sync::RwLock;

/// The providers and the functions are there once for all tests: whoever lets them run reads, whoever stops or breaks some writes.
static PROVIDERS: RwLock<()> = RwLock::const_new(());

/// Whether the local AWS is there to run on.
fn on_local_aws() -> bool {
    let there = std::env::var_os("E2E").is_some();
    if !there {
        println!("skipped: needs the local AWS; `make test` has it");
    }
    there
}

/// The project's folder.
fn root() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests are in the project's folder")
}
