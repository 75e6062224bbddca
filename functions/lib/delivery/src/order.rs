//! What a channel is asked beside the events of the bus: by its own schedules, and by a channel that failed.

use events::UserId;
use notices::{Channel, Notice};
use serde::{Deserialize, Serialize};

/// What a channel is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Order {
    /// Tell now what was deferred.
    Deferred(Recipient),
    /// Tell of a day; `notice_id` is that of the digest.
    Digest(Recipient),
    /// Tell what another channel could not.
    Takeover(Box<Takeover>),
    /// Send the code that confirms a user's new address there.
    Confirm {
        /// Whose.
        user_id: UserId,
    },
}

/// Whom to tell what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Whom.
    pub user_id: UserId,
    /// What.
    pub notice_id: String,
}

/// What another channel could not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Takeover {
    /// What to tell.
    pub notice: Notice,
    /// The channels that failed.
    pub tried: Vec<Channel>,
}
