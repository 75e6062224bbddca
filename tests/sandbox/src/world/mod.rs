//! What the providers hold for one user, and everything that can happen to it. No I/O: calls and the clock come in as
//! arguments, answers and refusals go out.

mod accounts;
mod billers;
mod chat;
mod chat_wire;
mod clock;
mod feed;
mod gigs;
mod operations;
mod refusal;
mod savings;
mod state;
mod subscriptions;
mod transfers;

pub use accounts::{Balances, balances, movements};
pub use billers::{Accept, Revert, Verify, WireBill};
pub use chat::Chat;
pub use chat_wire::{Message, Move, OpenChat, Reply, RetentionOffer, WireOffer};
pub use feed::{Change, changes, pending_id};
pub use gigs::{Application, Apply, SetStatus, Withdraw};
pub use operations::{Answer, Operation, Request};
pub use refusal::{Code, Refusal};
pub use savings::{CreateRule, Rule, UndoRule};
pub use state::World;
pub use subscriptions::{ChangePlan, ChangeVersion, Restore, WireSubscription};
