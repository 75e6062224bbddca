//! Tracking: publish.

#![recursion_limit = "256"]

use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = aws::Aws::from_env()?;
    let (table, bus) = (aws::Table::from_env(&aws)?, aws::Bus::from_env(&aws)?);
    shell::run(async |batch: Value, _| {
        publish::handle(&table, &bus, &aws::SystemClock, aws::stream::decode, batch).await
    })
    .await
}
