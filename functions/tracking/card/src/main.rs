//! Tracking: card.

#![recursion_limit = "256"]

use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = aws::Aws::from_env()?;
    let (table, sockets) = (aws::Table::from_env(&aws)?, aws::OpenSockets::from_env(&aws)?);
    let catalog = shell::catalog()?;
    shell::run(async |event: Value, _| {
        card::handle(&table, &sockets, &aws::SystemClock, &catalog, event).await.map(drop)
    })
    .await
}
