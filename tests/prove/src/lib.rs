//! Proves that nothing is lost: every workflow is run with everything that can go wrong, and every run is held to what must hold.
//!
//! The functions are the real ones. Around them are a table in memory, a model of the providers, a user, and the machine run by
//! `statemachines::simulate`, all in virtual time and on one thread, so that a case is the same at every run.

pub mod agenda;
pub mod cause;
pub mod enumerate;
pub mod explore;
pub mod fault;
pub mod flight;
pub mod heard;
pub mod lambdas;
pub mod outputs;
pub mod outside;
pub mod progress;
pub mod provider;
pub mod random;
pub mod setting;
pub mod stage;
pub mod user;
pub mod verdict;
pub mod watch;
pub mod workflows;
pub mod world;

pub use fault::{Case, Fault, Kind};
pub use stage::Stage;
pub use verdict::Verdict;
