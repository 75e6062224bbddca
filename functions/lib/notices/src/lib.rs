//! What a user is told, and how: which events give a notice, what a user wants of it on which channel, and the body of each channel.
//! Pure: no clock, environment, random, files or network; "now" is an argument.
//!
//! An event becomes at most one [`Notice`], by [`TABLE`]. Each channel [`decide`]s what to do with it, and maps it to its own body.

mod address;
pub mod body;
mod channel;
mod decide;
mod kind;
mod notice;
mod preferences;
mod record;
mod telling;
mod words;

pub use address::{Codes, Said, TooManyCodes, Unconfirmed};
pub use channel::Channel;
pub use decide::{Decision, Reason, decide};
pub use kind::{NoticeKind, Urgency};
pub use notice::{Action, Notice};
pub use preferences::{ChannelPreferences, Preferences, QuietHours, is_zone, zones};
pub use record::{Delivery, DeliveryState, Inbox, Pass, Sockets, hash};
pub use telling::{Around, Fact, Row, TABLE, When, digest, notice_of};
