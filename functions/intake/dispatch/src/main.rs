//! Intake: dispatch.

#![recursion_limit = "256"]

use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = aws::Aws::from_env()?;
    let dispatcher = dispatch::Dispatcher {
        table: aws::Table::from_env(&aws)?,
        agents: aws::Functions::from_env(&aws)?,
        machines: aws::Executions::from_env(&aws)?,
        clock: aws::SystemClock,
        catalog: shell::catalog()?,
    };
    shell::run(async |payload: Value, _| dispatcher.handle(payload).await).await
}
