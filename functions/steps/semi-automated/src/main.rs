//! The Lambda of semi-automated steps and recovery alerts.

use coordinator::{Coordinator, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let ports = aws::for_steps()?;
    let coordinator = Coordinator { ports, catalog: shell::catalog()?, settings: Settings::from_env() };
    shell::run(async |work, _| semi_automated::handle(&coordinator, work).await).await
}
