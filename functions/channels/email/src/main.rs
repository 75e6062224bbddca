//! The channel to mailboxes.

#![recursion_limit = "256"]

use aws::{Aws, Functions, Mail, Schedules, Secrets, SystemClock, Table};
use delivery::Courier;
use email::Email;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = Aws::from_env()?;
    let carrier = Email {
        table: Table::from_env(&aws)?,
        mail: Mail::from_env(&aws),
        secrets: Secrets,
        api_url: shell::env::required("API_URL")?,
    };
    let courier = Courier {
        table: Table::from_env(&aws)?,
        carrier,
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
