//! What a user wants to be told, and how.

use crate::channel::Channel;
use crate::kind::NoticeKind;
use events::UserId;
use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a user wants. One record a user; what is not said is as [`Preferences::of`] has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The user.
    pub user_id: UserId,
    /// By channel.
    #[serde(default)]
    pub channels: BTreeMap<Channel, ChannelPreferences>,
    /// When only what is critical may disturb.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// The user's clock, in minutes east of UTC.
    #[serde(default)]
    pub utc_offset: i16,
    /// The hour, by the user's clock, at which a day's e-mails of low urgency come as one; none: each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest_hour: Option<u8>,
}

/// What a user wants of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPreferences {
    /// Whether it is used at all.
    pub on: bool,
    /// The mail address, the phone number or the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The kinds that do not come by it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<NoticeKind>,
}

impl Default for ChannelPreferences {
    fn default() -> Self {
        Self { on: true, address: None, off: BTreeSet::new() }
    }
}

/// Hours of every day, by the user's clock; over midnight where they end before they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Their first minute.
    pub from: Time,
    /// The first minute after them.
    pub until: Time,
}

impl Preferences {
    /// Of a user who has said nothing: every channel is on, nights are quiet, and small things come at six in the evening.
    pub fn of(user_id: UserId) -> Self {
        let quiet = QuietHours { from: Time::constant(22, 0, 0, 0), until: Time::constant(7, 0, 0, 0) };
        Self { user_id, channels: BTreeMap::new(), quiet: Some(quiet), utc_offset: 0, digest_hour: Some(18) }
    }

    /// What is wanted of a channel.
    pub fn channel(&self, channel: Channel) -> ChannelPreferences {
        self.channels.get(&channel).cloned().unwrap_or_default()
    }

    /// Whether it is a quiet moment.
    pub fn is_quiet(&self, at: Timestamp) -> bool {
        self.quiet.is_some_and(|quiet| quiet.covers(self.clock(at).time()))
    }

    /// The next moment from then on that is not quiet.
    pub fn next_waking(&self, at: Timestamp) -> Timestamp {
        match self.quiet {
            Some(quiet) if self.is_quiet(at) => self.next(quiet.until, at),
            _ => at,
        }
    }

    /// When the next digest is sent, after `now`; never in quiet hours.
    pub fn next_digest(&self, now: Timestamp) -> Option<Timestamp> {
        let hour = i8::try_from(self.digest_hour?).ok()?;
        let at = Time::new(hour, 0, 0, 0).ok()?;
        Some(self.next_waking(self.next(at, now)))
    }

    /// What the user's clock shows.
    pub fn clock(&self, at: Timestamp) -> DateTime {
        self.zone().to_datetime(at)
    }

    /// The first moment after `now` at which the user's clock shows this time.
    fn next(&self, time: Time, now: Timestamp) -> Timestamp {
        let clock = self.clock(now);
        let today = clock.date().to_datetime(time);
        let next = if today > clock { Ok(today) } else { today.checked_add(1.day()) };
        next.and_then(|it| self.zone().to_timestamp(it)).unwrap_or(now)
    }

    fn zone(&self) -> TimeZone {
        let offset = Offset::from_seconds(i32::from(self.utc_offset) * 60);
        TimeZone::fixed(offset.unwrap_or(Offset::UTC))
    }
}

impl QuietHours {
    fn covers(self, time: Time) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }
}
