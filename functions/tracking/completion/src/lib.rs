//! Tracking: completion. Once a run is completed: what it brought, what that means for a goal, and what to do next.

mod failed;
mod handler;

pub use failed::Failed;
pub use handler::{Answer, handle};
