//! Tracking: card. Keeps the progress card of each run: a read model folded from the run's events.

mod failed;
mod handler;

pub use failed::Failed;
pub use handler::{Answer, handle};
