//! The Lambda shell of every function: logging, configuration, and errors that keep their class on the way out.
//!
//! A function's `main` starts logging, reads its configuration once, builds its adapters and hands its handler to [`run`]:
//!
//! ```no_run
//! # use events::ErrorClass;
//! # #[derive(serde::Deserialize)] struct Request {}
//! # #[derive(Debug, thiserror::Error)] #[error("no answer")] struct NoAnswer;
//! # impl shell::Classified for NoAnswer { fn class(&self) -> ErrorClass { ErrorClass::Timeout } }
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), shell::Error> {
//!     shell::start_logging();
//!     let table = shell::env::required("TABLE_NAME")?;
//!     shell::run(async |request: Request, invocation| Ok::<_, NoAnswer>(table.as_str())).await
//! }
//! ```
//!
//! A failed handler leaves as a Lambda function error whose `errorType` is the name of an [`events::ErrorClass`] and whose
//! `errorMessage` is one sentence. A payload that does not parse is `Validation` and names the field; a panic is a `Defect`.

pub mod bus;
#[cfg(feature = "catalog")]
mod catalog;
mod classified;
pub mod env;
mod failure;
mod invocation;
mod logging;
mod payload;
pub mod progress_token;
mod serve;

#[cfg(feature = "catalog")]
pub use catalog::{CatalogError, catalog};
pub use classified::Classified;
pub use failure::Failure;
pub use invocation::Invocation;
pub use logging::start_logging;
pub use payload::{InvalidPayload, parse};
pub use serve::{answer, run};

/// What ends a function's process at its start: an error that its log shows and the platform counts.
pub type Error = lambda_runtime::Error;
