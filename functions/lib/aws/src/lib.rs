//! The ports on AWS: one adapter per service, each that has a client of its own behind a Cargo feature of the same name, so that a
//! function links only the clients it calls.
//!
//! | feature | adapter | ports | reads |
//! |---|---|---|---|
//! | `dynamodb` | [`Table`] | `Read`, `Commit`, `Report`, `List`, `FindDue` | `TABLE_NAME` |
//! | `lambda` | [`Functions`] | `AskAgent`, `ContinueStep`, `HandOver`, `Invoke` | `FUNCTION_PREFIX` |
//! | `s3` | [`Bucket`] | `KeepApart`, `FetchApart` | `OUTPUTS_BUCKET` |
//! | `sfn` | [`Executions`] | `StartExecution`, `DescribeExecution` | `STATE_MACHINE_PREFIX` |
//! | `tokens` | [`Tokens`] | `CompleteTask` | |
//! | `proofs` | [`Proofs`] | | `PROOFS_BUCKET`, `PROOFS_URL` |
//! | `eventbridge` | [`Bus`] | `Publish` | `BUS_NAME` |
//! | `signed` | [`Mail`] | `SendEmail` | `EMAIL_FROM` |
//! | `signed` | [`Phones`] | `SendSms`, `SendPush` | |
//! | `signed` | [`OpenSockets`] | `PushLive` | `SOCKETS_URL` |
//! | `signed` | [`Schedules`] | `Schedule` | `SCHEDULE_GROUP`, `SCHEDULE_ROLE`, `FUNCTION_ARN_PREFIX` |
//! | `signed` | [`Streams`] | `ReadStream` | |
//! | `steps` | [`StepAdapters`] | those of a step's Lambda | those of its adapters |
//! | `random` | [`Secrets`] | `NewSecret` | |
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
#[cfg(any(feature = "dynamodb", feature = "eventbridge", feature = "sfn", feature = "signed"))]
mod call;
mod clock;
#[cfg(feature = "dynamodb")]
mod commit;
mod connection;
#[cfg(feature = "sfn")]
mod executions;
#[cfg(feature = "signed")]
mod failures;
#[cfg(feature = "lambda")]
mod functions;
mod http;
#[cfg(feature = "lambda")]
mod invocation;
mod item;
#[cfg(feature = "signed")]
mod mail;
#[cfg(feature = "signed")]
mod open_sockets;
mod packed;
#[cfg(feature = "signed")]
mod phones;
#[cfg(feature = "proofs")]
mod proofs;
#[cfg(any(feature = "dynamodb", feature = "eventbridge", feature = "sfn", feature = "signed"))]
mod reason;
#[cfg(feature = "dynamodb")]
mod retry;
#[cfg(feature = "signed")]
mod schedules;
#[cfg(feature = "random")]
mod secrets;
#[cfg(feature = "signed")]
mod sending;
#[cfg(feature = "signed")]
mod signed;
#[cfg(feature = "steps")]
mod steps;
#[cfg(feature = "dynamodb")]
mod store;
pub mod stream;
#[cfg(feature = "signed")]
mod streams;
#[cfg(feature = "tokens")]
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
#[cfg(feature = "signed")]
pub use failures::Failures;
#[cfg(feature = "lambda")]
pub use functions::{Functions, patience};
#[cfg(feature = "signed")]
pub use mail::Mail;
#[cfg(feature = "signed")]
pub use open_sockets::OpenSockets;
#[cfg(feature = "signed")]
pub use phones::Phones;
#[cfg(feature = "proofs")]
pub use proofs::{FILE_NAME, LARGEST, Proofs};
#[cfg(feature = "signed")]
pub use schedules::{Schedules, Settings as ScheduleSettings};
#[cfg(feature = "random")]
pub use secrets::Secrets;
#[cfg(feature = "steps")]
pub use steps::{StepAdapters, for_steps};
#[cfg(feature = "dynamodb")]
pub use store::Table;
#[cfg(feature = "signed")]
pub use streams::Streams;
#[cfg(feature = "tokens")]
pub use tokens::Tokens;
