//! The Lambda of the undo loop.

use coordinator::{Coordinator, Settings};
use ports::{Adapters, CatalogOrder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shell::Error> {
    shell::start_logging();
    let aws = aws::Aws::from_env()?;
    let ports = Adapters {
        table: aws::Table::from_env(&aws)?,
        functions: aws::Functions::from_env(&aws)?,
        tokens: aws::Tokens::new(&aws),
        clock: aws::SystemClock,
        machines: (),
        bus: (),
        bucket: aws::Bucket::from_env(&aws)?,
        order: CatalogOrder,
    };
    let coordinator = Coordinator { ports, catalog: shell::catalog()?, settings: Settings::from_env() };
    shell::run(async |work, _| compensate::handle(&coordinator, work).await).await
}
