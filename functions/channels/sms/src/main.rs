//! The channel to phones.

#![recursion_limit = "256"]

use aws::{Aws, Functions, Phones, Schedules, SystemClock, Table};
use delivery::Courier;
use serde_json::Value;
use sms::Sms;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = Aws::from_env()?;
    let courier = Courier {
        table: Table::from_env(&aws)?,
        carrier: Sms(Phones::new(&aws)),
        schedules: Schedules::from_env(&aws)?,
        functions: Functions::from_env(&aws)?,
        clock: SystemClock,
        catalog: shell::catalog()?,
    };
    shell::run(async |payload: Value, invocation| {
        courier.handle(payload, &invocation.request_id).await.map(drop)
    })
    .await
}
