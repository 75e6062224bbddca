//! The Lambda `bill-negotiator`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    agent::run(bill_negotiator::BillNegotiator).await
}
