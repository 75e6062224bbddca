//! The Lambda `spending-analyzer`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    agent::run(spending_analyzer::SpendingAnalyzer).await
}
