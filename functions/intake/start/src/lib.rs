//! Intake: start. A selection becomes a queued run, once.

mod failed;
mod handler;
mod request;

pub use failed::Failed;
pub use handler::{Started, handle};
pub use request::Request;
