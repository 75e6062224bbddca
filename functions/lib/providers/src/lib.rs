//! One small adapter per outside system, behind one trait per capability.
//!
//! Looking and changing are different traits, implemented by different types: who holds a [`subscriptions::Reader`] cannot
//! cancel anything, so an agent's `propose`, which is given readers alone, cannot move money.
//!
//! | capability | looks | changes |
//! |---|---|---|
//! | bank data | [`Accounts`], [`Transactions`], [`RecurringStreams`] | |
//! | subscriptions | [`Subscriptions`] | [`ChangeSubscriptions`] |
//! | bills and offers | [`Billers`], [`Offers`] | [`RetentionChat`] |
//! | savings rules | [`SavingsRules`] | [`ChangeSavingsRules`] |
//! | gigs | [`Gigs`] | [`ApplyForGigs`] |
//!
//! Every change takes an idempotency key and every key can be asked after: an effect whose answer was lost
//! ([`ProviderError::leaves_effect_unknown`]) is asked after, never repeated blindly.
#![expect(
    async_fn_in_trait,
    reason = "the traits are used with known types on one thread, where no Send bound is wanted"
)]

pub mod billers;
mod connection;
mod error;
pub mod gigs;
mod http;
pub mod plaid;
mod provider;
pub mod savings;
pub mod subscriptions;

pub use billers::{Billers, Offers, RetentionChat};
pub use connection::{Connection, Performed, Receipt, Token};
pub use error::{Cause, ProviderError};
pub use gigs::{ApplyForGigs, Gigs};
pub use http::{Answer, Http, NoAnswer, NoConnector, Session, TransportError};
pub use plaid::{Accounts, RecurringStreams, Transactions};
pub use provider::Provider;
pub use savings::{ChangeSavingsRules, SavingsRules};
pub use subscriptions::{ChangeSubscriptions, Subscriptions};
