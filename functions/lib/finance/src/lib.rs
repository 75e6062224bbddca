//! Household-finance types and algorithms.

pub mod category;
pub mod merchant;
pub mod recurrence;
pub mod transaction;
