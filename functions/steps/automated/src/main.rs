//! The Lambda of automated steps.

use coordinator::{Coordinator, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let ports = aws::for_steps()?;
    let coordinator = Coordinator { ports, catalog: shell::catalog()?, settings: Settings::from_env() };
    shell::run(async |work, _| automated::handle(&coordinator, work).await).await
}
