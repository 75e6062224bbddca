//! Household-finance types and algorithms.

pub mod audit;
pub mod cancel;
pub mod category;
pub mod flows;
pub mod gigs;
pub mod merchant;
pub mod negotiation;
pub mod offers;
pub mod recurrence;
pub mod runway;
pub mod savings;
pub mod transaction;
