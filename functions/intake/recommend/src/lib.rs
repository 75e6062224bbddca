//! Intake: recommend. A simulation's result comes in, the workflows whose triggers fire go out, best first.

mod failed;
mod handler;

pub use failed::Failed;
pub use handler::{Answer, handle};
