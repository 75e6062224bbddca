//! A new address is used once whoever reads what comes there has said the code that was sent there.

use crate::channel::Channel;
use crate::preferences::{ChannelPreferences, Preferences};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a code is good.
const CODE: SignedDuration = SignedDuration::from_hours(1);

/// The most codes that are sent for a user in a day, whatever the addresses: nobody is flooded with them by somebody else.
const MOST_SENT: u8 = 5;

/// The most wrong codes that a user says in a day, whatever the addresses: of a million, nobody guesses one in so few.
const MOST_WRONG: u8 = 5;

/// An address to which a code was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// The address.
    pub address: String,
    /// The code that confirms it.
    pub code: String,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether it was sent; none while that is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<bool>,
}

/// Without the code and the address.
impl fmt::Debug for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unconfirmed").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What was sent and said of codes on a day, over all of a user's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes {
    /// The day, in UTC.
    pub day: Date,
    /// How many were sent.
    pub sent: u8,
    /// How often another one was said.
    pub wrong: u8,
}

/// As many codes were sent today as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many codes were sent today as may be")]
pub struct TooManyCodes;

/// What became of a code that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is the one: the address is used from now on.
    Right,
    /// It is another.
    Wrong,
    /// None is waited for, or it is too late.
    NoneAwaited,
    /// As many wrong ones were said today as may be; it was not looked at.
    TooMany,
}

impl Unconfirmed {
    fn new(address: &str, code: String, now: Timestamp) -> Self {
        Self { address: address.to_owned(), code, expires_at: now + CODE, sent: None }
    }
}

impl ChannelPreferences {
    /// The address that its user wants, confirmed or not.
    pub fn wanted(&self) -> Option<&str> {
        self.unconfirmed.as_ref().map(|it| it.address.as_str()).or(self.address.as_deref())
    }
}

impl Preferences {
    /// Leads a channel to another address, which `code` confirms. One that is confirmed, or has a good code, stays as it is.
    ///
    /// # Errors
    /// [`TooManyCodes`], and it leads where it did.
    pub fn lead(
        &mut self,
        channel: Channel,
        address: Option<&str>,
        code: impl FnOnce() -> String,
        now: Timestamp,
    ) -> Result<(), TooManyCodes> {
        let mut codes = self.codes_of(now);
        let it = self.channels.entry(channel).or_default();
        let has_a_code = |wanted: &str| {
            it.unconfirmed.as_ref().is_some_and(|it| it.address == wanted && now < it.expires_at)
        };
        match address {
            None => (it.address, it.unconfirmed) = (None, None),
            Some(wanted) if it.address.as_deref() == Some(wanted) => it.unconfirmed = None,
            Some(wanted) if has_a_code(wanted) => {}
            Some(_) if codes.sent >= MOST_SENT => return Err(TooManyCodes),
            Some(wanted) => {
                it.unconfirmed = Some(Unconfirmed::new(wanted, code(), now));
                codes.sent += 1;
                self.codes = Some(codes);
            }
        }
        Ok(())
    }

    /// Gives the address that a channel waits for another code. `false`: it waits for none.
    ///
    /// # Errors
    /// [`TooManyCodes`], and the code before is good as long as it was.
    pub fn code_again(
        &mut self,
        channel: Channel,
        code: String,
        now: Timestamp,
    ) -> Result<bool, TooManyCodes> {
        let mut codes = self.codes_of(now);
        let it = self.channels.entry(channel).or_default();
        let Some(waiting) = &mut it.unconfirmed else { return Ok(false) };
        if codes.sent >= MOST_SENT {
            return Err(TooManyCodes);
        }
        *waiting = Unconfirmed::new(&waiting.address, code, now);
        codes.sent += 1;
        self.codes = Some(codes);
        Ok(true)
    }

    /// Confirms a channel's new address by its code.
    pub fn confirm(&mut self, channel: Channel, code: &str, now: Timestamp) -> Said {
        let mut codes = self.codes_of(now);
        let it = self.channels.entry(channel).or_default();
        let Some(waiting) = it.unconfirmed.as_ref().filter(|it| now < it.expires_at) else {
            return Said::NoneAwaited;
        };
        if codes.wrong >= MOST_WRONG {
            return Said::TooMany;
        }
        if waiting.code != code.trim() {
            codes.wrong += 1;
            self.codes = Some(codes);
            return Said::Wrong;
        }
        it.address = it.unconfirmed.take().map(|it| it.address);
        Said::Right
    }

    /// Those of the day.
    fn codes_of(&self, now: Timestamp) -> Codes {
        let day = now.to_zoned(TimeZone::UTC).date();
        self.codes.filter(|it| it.day == day).unwrap_or(Codes { day, sent: 0, wrong: 0 })
    }
}
