//! The ports on AWS: one adapter per service, each behind a Cargo feature of the same name, so that a function links only
//! the clients it calls.
//!
//! | feature | adapter | ports | reads |
//! |---|---|---|---|
//! | `dynamodb` | [`Table`] | `Read`, `Commit`, `Report`, `List`, `FindDue` | `TABLE_NAME` |
//! | `lambda` | [`Functions`] | `AskAgent`, `ContinueStep`, `Invoke` | `FUNCTION_PREFIX` |
//! | `s3` | [`Bucket`] | `KeepApart`, `FetchApart` | `OUTPUTS_BUCKET` |
//! | `sfn` | [`Executions`] | `StartExecution`, `DescribeExecution` | `STATE_MACHINE_PREFIX` |
//! | `sfn` | [`Tokens`] | `CompleteTask` | |
//! | `proofs` | [`Proofs`] | | `PROOFS_BUCKET`, `PROOFS_URL` |
//! | `eventbridge` | [`Bus`] | `Publish` | `BUS_NAME` |
//! | | [`SystemClock`] | `Clock` | |
//!
//! ```no_run
//! # #[cfg(feature = "dynamodb")]
//! # fn main() -> Result<(), shell::env::EnvError> {
//! let aws = aws::Aws::from_env()?;
//! let table = aws::Table::from_env(&aws)?;
//! # Ok(()) }
//! # #[cfg(not(feature = "dynamodb"))]
//! # fn main() {}
//! ```
//!
//! Nothing connects, reads certificates or builds a client before the first call that needs it.

#[cfg(feature = "s3")]
mod bucket;
#[cfg(feature = "eventbridge")]
mod bus;
#[cfg(any(
    feature = "dynamodb",
    feature = "eventbridge",
    feature = "lambda",
    feature = "s3",
    feature = "sfn"
))]
mod call;
mod clock;
#[cfg(feature = "dynamodb")]
mod commit;
mod connection;
#[cfg(feature = "sfn")]
mod executions;
#[cfg(feature = "lambda")]
mod functions;
mod http;
#[cfg(feature = "lambda")]
mod invocation;
mod item;
mod packed;
#[cfg(feature = "proofs")]
mod proofs;
#[cfg(any(
    feature = "dynamodb",
    feature = "eventbridge",
    feature = "lambda",
    feature = "s3",
    feature = "sfn"
))]
mod reason;
#[cfg(feature = "dynamodb")]
mod retry;
#[cfg(feature = "signed")]
mod signed;
#[cfg(feature = "dynamodb")]
mod store;
pub mod stream;
#[cfg(feature = "sfn")]
mod tokens;
#[cfg(feature = "dynamodb")]
mod update;

#[cfg(feature = "s3")]
pub use bucket::Bucket;
#[cfg(feature = "eventbridge")]
pub use bus::Bus;
pub use clock::SystemClock;
pub use connection::Aws;
#[cfg(feature = "sfn")]
pub use executions::Executions;
#[cfg(feature = "lambda")]
pub use functions::{Functions, patience};
#[cfg(feature = "proofs")]
pub use proofs::{LARGEST, Proofs};
#[cfg(feature = "dynamodb")]
pub use store::Table;
#[cfg(feature = "sfn")]
pub use tokens::Tokens;
