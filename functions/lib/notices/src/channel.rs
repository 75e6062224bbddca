//! The ways to a user.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A way to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The list of notices in the app, live where it is open.
    InApp,
    /// A device.
    Push,
    /// A mailbox.
    Email,
    /// A phone, for what is critical alone.
    Sms,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::InApp, Self::Push, Self::Email, Self::Sms];

    /// The name: of the function too.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "in-app",
            Self::Push => "push",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The next to try when those `tried` failed. The app's own list has every notice, so it is nothing to fall back on.
    pub fn after(tried: &[Self], critical: bool) -> Option<Self> {
        let order = [Self::Push, Self::Email, Self::Sms];
        order.into_iter().find(|it| !tried.contains(it) && (critical || *it != Self::Sms))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
