//! The channel into the app.

#![recursion_limit = "256"]

use aws::{Aws, OpenSockets, SystemClock, Table};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = Aws::from_env()?;
    let (table, sockets) = (Table::from_env(&aws)?, OpenSockets::from_env(&aws)?);
    let catalog = shell::catalog()?;
    shell::run(async |event: Value, _| {
        in_app::handle(&table, &sockets, &SystemClock, &catalog, event).await.map(drop)
    })
    .await
}
