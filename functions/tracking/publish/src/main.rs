//! Tracking: publish.

#![recursion_limit = "256"]

use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = aws::Aws::from_env()?;
    let (table, bus, streams) =
        (aws::Table::from_env(&aws)?, aws::Bus::from_env(&aws)?, aws::Streams::new(&aws));
    shell::run(async |payload: Value, _| {
        let (clock, decode) = (aws::SystemClock, aws::stream::decode);
        if publish::is_redrive(&payload) {
            let answer = publish::redrive(&table, &bus, &clock, &streams, decode, payload).await?;
            return Ok(json!(answer));
        }
        publish::handle(&table, &bus, &clock, decode, payload).await.map(|answer| json!(answer))
    })
    .await
}
