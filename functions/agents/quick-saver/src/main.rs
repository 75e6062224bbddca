//! The Lambda `quick-saver`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    agent::run(quick_saver::QuickSaver).await
}
