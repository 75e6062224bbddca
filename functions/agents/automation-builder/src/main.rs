//! The Lambda `automation-builder`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    agent::run(automation_builder::AutomationBuilder).await
}
