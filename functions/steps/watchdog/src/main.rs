//! The Lambda of the watchdog.

// The futures of the SDK, of the adapters and of the sweep nest deeper than the default allows.
#![recursion_limit = "256"]

use ports::Adapters;
use watchdog::Watchdog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = aws::Aws::from_env()?;
    let ports = Adapters {
        table: aws::Table::from_env(&aws)?,
        functions: aws::Functions::from_env(&aws)?,
        machines: aws::Executions::from_env(&aws)?,
        clock: aws::SystemClock,
        tokens: (),
        bus: (),
        bucket: (),
        order: (),
    };
    let watchdog = Watchdog { ports, catalog: shell::catalog()? };
    shell::run(async |event, _| watchdog.handle(&event).await).await
}
