//! What the Lambdas of steps have in common.

use crate::{Aws, Bucket, Functions, SystemClock, Table, Tokens};
use ports::{Adapters, CatalogOrder};
use shell::env::EnvError;

/// What a step's Lambda uses: everything but the machines and the bus.
pub type StepAdapters = Adapters<Table, Functions, (), Tokens, (), Bucket, CatalogOrder, SystemClock>;

/// The adapters of a step's Lambda.
///
/// # Errors
/// A variable of the environment that is missing or cannot be read.
pub fn for_steps() -> Result<StepAdapters, EnvError> {
    let aws = Aws::from_env()?;
    Ok(Adapters {
        table: Table::from_env(&aws)?,
        functions: Functions::from_env(&aws)?,
        tokens: Tokens::new(&aws),
        bucket: Bucket::from_env(&aws)?,
        order: CatalogOrder,
        clock: SystemClock,
        machines: (),
        bus: (),
    })
}
