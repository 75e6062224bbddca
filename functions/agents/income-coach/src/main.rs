//! The Lambda `income-coach`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    agent::run(income_coach::IncomeCoach).await
}
