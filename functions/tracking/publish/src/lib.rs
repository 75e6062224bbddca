//! Tracking: publish. The table's stream is the outbox: what a changed record has to tell is numbered, stored and put on the bus.
//!
//! Order holds within a run: an event is stored before any later one, and put on the bus after it is stored. Everything is
//! deterministic, so that a batch that is delivered again gives the same bytes and consumers drop what they have seen.

mod batch;
mod failed;
mod handler;
mod prepared;
mod redrive;

pub use batch::{Batch, BatchAnswer};
pub use failed::Failed;
pub use handler::{Decode, handle};
pub use redrive::{RedriveAnswer, Undone, is_redrive, redrive};
