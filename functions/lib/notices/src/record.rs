//! What is recorded of what a user was told.

use crate::channel::Channel;
use crate::notice::{Notice, prefix};
use events::{TaskId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A notice in the app's own list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// What is told.
    pub notice: Notice,
    /// When the user read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

/// How a notice fares on a channel. Written before anything is sent: it is what keeps a notice from being sent twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which channel.
    pub channel: Channel,
    /// What is told.
    pub notice: Notice,
    /// How far it is.
    pub state: DeliveryState,
    /// Since when.
    pub since: Timestamp,
    /// `Deferred` and `Digest`: until when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The invocation that last sent it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// How often sending was begun.
    #[serde(default)]
    pub attempts: u8,
    /// `Failed`, `Again`: why, in the service's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The channels that failed before this one took over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Channel>,
}

/// How far a notice is on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// It is being sent. Who finds it so after a crash knows not whether it was.
    Sending,
    /// It was not sent, for certain, and is to be tried again.
    Again,
    /// It waits until the user may be disturbed.
    Deferred,
    /// It waits for the digest.
    Digest,
    /// The service took it.
    Sent,
    /// It was not taken, or may not have been; another channel takes over.
    Failed,
    /// When its time came there was nothing left to tell.
    Dropped,
}

impl Delivery {
    /// A delivery that is about to begin.
    pub fn new(channel: Channel, notice: Notice, tried: Vec<Channel>, now: Timestamp) -> Self {
        let state = DeliveryState::Again;
        let (by, reason) = (String::new(), String::new());
        Self { channel, notice, state, since: now, until: None, by, attempts: 0, reason, tried }
    }

    /// The first sort key, without its prefix, of deliveries of that moment on.
    pub fn first_from(at: Timestamp) -> String {
        prefix(at)
    }
}

/// A user's open sockets. One record a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sockets {
    /// The user.
    pub user_id: UserId,
    /// Connections, and when the gateway will have ended each.
    #[serde(default)]
    pub open: BTreeMap<String, Timestamp>,
}

impl Sockets {
    /// The most sockets of a user; the ones to end soonest make room.
    pub const MOST: usize = 10;

    /// The longest that the gateway keeps a connection (its quotas).
    const LONGEST: SignedDuration = SignedDuration::from_hours(2);

    /// The longest that a connection is recorded and not open yet: as long as the gateway waits for whoever records it (its quotas).
    const OPENING: SignedDuration = SignedDuration::from_secs(29);

    /// None yet.
    pub fn none(user_id: UserId) -> Self {
        Self { user_id, open: BTreeMap::new() }
    }

    /// With one more; without those that have ended.
    pub fn add(&mut self, connection: String, now: Timestamp) {
        self.open.retain(|_, until| now < *until);
        while self.open.len() >= Self::MOST {
            let Some(first) = self.open.iter().min_by_key(|(_, until)| **until).map(|(id, _)| id.clone())
            else {
                break;
            };
            self.open.remove(&first);
        }
        self.open.insert(connection, now + Self::LONGEST);
    }

    /// Without one that the gateway does not know, unless it is only about to open.
    pub fn gone(&mut self, connection: &str, now: Timestamp) {
        self.open.retain(|id, until| id != connection || now <= *until - Self::LONGEST + Self::OPENING);
    }

    /// The connections that may be open.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &String> {
        self.open.iter().filter(move |(_, until)| now < **until).map(|(id, _)| id)
    }
}

/// Something that opens something once: the ticket of a socket, or the link in a mail. Known by the hash of a secret that is
/// recorded nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// The secret's hash.
    pub hash: String,
    /// For whom it opens.
    pub user_id: UserId,
    /// The question that a link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The channel that it switches off. Without that and a question it is a socket's ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switches_off: Option<Channel>,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

impl Pass {
    /// Whether it opens anything.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }

    /// Whether it opens a socket.
    pub fn is_ticket(&self) -> bool {
        self.task_id.is_none() && self.switches_off.is_none()
    }
}

/// The hash by which a secret is known: SHA-256 in hex.
pub fn hash(secret: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(secret.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
