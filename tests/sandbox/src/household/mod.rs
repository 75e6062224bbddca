//! Households: what they are and how they are read from files of four kinds.

mod balances;
mod beancount;
mod blank;
mod broadband;
mod categories;
mod charges;
mod csv;
mod defaults;
mod derive;
mod error;
mod history;
mod ledger_accounts;
mod ledger_amounts;
mod ledger_lines;
mod ledger_pads;
mod load;
mod model;
mod own;
mod own_format;
mod own_offers;
mod plaid_user;
mod services;
mod text;

pub use balances::{balance_on, effect_on_balance};
pub use categories::{detailed as detailed_category, primary_of};
pub use charges::{bill_charge, subscription_charge};
pub use derive::movement;
pub use error::{HouseholdError, Place};
pub use load::{Source, load};
pub use model::*;
pub use services::*;
