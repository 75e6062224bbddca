//! Tracking: card.

#![recursion_limit = "256"]

use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let table = aws::Table::from_env(&aws::Aws::from_env()?)?;
    let catalog = shell::catalog()?;
    shell::run(async |event: Value, _| {
        card::handle(&table, &aws::SystemClock, &catalog, event).await.map(drop)
    })
    .await
}
