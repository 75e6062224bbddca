//! The door of the WebSocket API.

#![recursion_limit = "256"]

use aws::{Aws, OpenSockets, SystemClock, Table};
use socket::Invoked;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = Aws::from_env()?;
    let (table, sockets) = (Table::from_env(&aws)?, OpenSockets::from_env(&aws)?);
    shell::run(async |invoked: Invoked, _| socket::handle(&table, &sockets, &SystemClock, invoked).await)
        .await
}
