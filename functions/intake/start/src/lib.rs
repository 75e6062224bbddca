//! Intake: start. A selection becomes a queued run, once; a stopped run is queued again.

mod failed;
mod handler;
mod request;
mod resume;

pub use failed::Failed;
pub use handler::{Started, handle};
pub use request::Request;
pub use resume::Resumption;
