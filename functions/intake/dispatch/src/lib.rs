//! Intake: dispatch. Frees the places of ended runs, checks the runs whose turn it is, starts those that pass.
//!
//! Every write is conditional on what was read, so two dispatchers of one user do no harm; a run that is taken carries a lease
//! (`check_at`), so that neither do they work twice. After a crash at any point, the next dispatcher after the lease goes on.

mod dispatcher;
mod failed;
mod flight;
mod request;
mod scene;

pub use dispatcher::{Dispatcher, Outcome, Turn};
pub use failed::Failed;
