//! Bringing notices to users: what the channels share. An event becomes a notice ([`hear`]), and a channel that sends brings it there at
//! most once ([`Courier`]): it writes down that it will send before it sends, and never sends again what may have been sent.

mod courier;
mod digest;
mod failed;
mod hear;
mod order;

pub use courier::{Answer, Carry, Courier};
pub use failed::Failed;
pub use hear::{Heard, Told, hear};
pub use order::{Order, Recipient, Takeover};
