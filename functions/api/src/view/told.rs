//! What a user is told, and wants to be told.

use events::TaskId;
use jiff::Timestamp;
use jiff::civil::Time;
use notices::{Channel, Inbox, NoticeKind, Preferences, QuietHours, TooManyCodes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a user wants to be told, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesView {
    /// The list of notices in the app.
    pub in_app: ChannelView,
    /// A device; its address is the ARN of its SNS endpoint.
    pub push: ChannelView,
    /// A mailbox.
    pub email: ChannelView,
    /// A phone, for what is critical alone, which nothing switches off but taking the number away; its address is a number such as
    /// `+15550100`.
    pub sms: ChannelView,
    /// When only what is critical may disturb; no quiet hours where it is not said, and so for whoever has not said a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietView>,
    /// The zone of the user's clock, by its name in the IANA database, such as `Europe/Berlin`.
    #[schemars(length(min = 1, max = 50))]
    pub zone: String,
    /// The hour, by the user's clock, at which a day's small e-mails come as one; each by itself where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 23))]
    pub digest_hour: Option<u8>,
}

/// What a user wants of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelView {
    /// Whether it is used; off, it takes over for no other channel either. What is critical comes all the same where there is an address.
    pub on: bool,
    /// Where it leads. A mail address or a number is used once it is confirmed by the code that is sent there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 254))]
    pub address: Option<String>,
    /// Whether the address still waits for its code; said by the API, and of no matter in what it is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    /// Of an address that waits for its code: whether that was sent; left out while it is on its way, and of no matter in what is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sent: Option<bool>,
    /// The kinds that do not come by it. What cannot be switched off is not kept: the critical kind, and every kind on `sms`.
    #[serde(default)]
    pub off: BTreeSet<NoticeKind>,
}

/// A code that was sent to a new address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRequest {
    /// The code.
    #[schemars(length(min = 1, max = 20))]
    pub code: String,
}

/// Hours of every day, by the user's clock; over midnight where they end before they begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietView {
    /// Their first minute, such as `22:00`.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: String,
    /// The first minute after them.
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub until: String,
}

impl PreferencesView {
    /// Every channel with its name.
    pub(crate) fn channels(&self) -> [(&'static str, Channel, &ChannelView); 4] {
        [
            ("in_app", Channel::InApp, &self.in_app),
            ("push", Channel::Push, &self.push),
            ("email", Channel::Email, &self.email),
            ("sms", Channel::Sms, &self.sms),
        ]
    }

    /// As they are recorded. What was confirmed `before` stays so; a channel with a new address is given a `code`.
    pub(crate) fn over(
        &self,
        before: Preferences,
        code: impl Fn(Channel) -> String,
        now: Timestamp,
    ) -> Result<Preferences, Unwritable> {
        let quiet = match &self.quiet {
            Some(QuietView { from, until }) => Some(QuietHours { from: time(from)?, until: time(until)? }),
            None => None,
        };
        let mut wanted =
            Preferences { quiet, zone: self.zone.clone(), digest_hour: self.digest_hour, ..before };
        for (_, channel, it) in self.channels() {
            let of = wanted.channels.entry(channel).or_default();
            of.on = it.on;
            let matters = |kind: &&NoticeKind| channel != Channel::Sms && !kind.is_critical();
            of.off = it.off.iter().filter(matters).copied().collect();
            match channel {
                // Its app knows the device, and nothing is written there that a person could say.
                Channel::Push | Channel::InApp => of.address.clone_from(&it.address),
                Channel::Email | Channel::Sms => {
                    wanted.lead(channel, it.address.as_deref(), || code(channel), now)?;
                }
            }
        }
        Ok(wanted)
    }
}

/// Why preferences cannot be recorded.
pub(crate) enum Unwritable {
    /// The quiet hours are no times of day.
    Times,
    /// As many codes were sent today as may be.
    Codes,
}

impl From<TooManyCodes> for Unwritable {
    fn from(_: TooManyCodes) -> Self {
        Self::Codes
    }
}

impl From<Preferences> for PreferencesView {
    fn from(wanted: Preferences) -> Self {
        let channel = |channel| {
            let it = wanted.channel(channel);
            let address = it.wanted().map(str::to_owned);
            let code_sent = it.unconfirmed.as_ref().and_then(|it| it.sent);
            ChannelView { on: it.on, address, unconfirmed: it.unconfirmed.is_some(), code_sent, off: it.off }
        };
        let text = |time: Time| time.strftime("%H:%M").to_string();
        Self {
            in_app: channel(Channel::InApp),
            push: channel(Channel::Push),
            email: channel(Channel::Email),
            sms: channel(Channel::Sms),
            quiet: wanted.quiet.map(|it| QuietView { from: text(it.from), until: text(it.until) }),
            zone: wanted.zone,
            digest_hour: wanted.digest_hour,
        }
    }
}

fn time(text: &str) -> Result<Time, Unwritable> {
    text.parse().map_err(|_| Unwritable::Times)
}

/// What a user was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeList {
    /// The newest first.
    pub notices: Vec<NoticeView>,
    /// How many of the newest two hundred are unread.
    pub unread: usize,
    /// What to ask for as `after` to see more; none at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Something a user was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeView {
    /// Which.
    pub notice_id: String,
    /// What about.
    pub kind: NoticeKind,
    /// One sentence.
    pub title: String,
    /// More.
    pub lines: Vec<String>,
    /// The run, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<events::RunId>,
    /// What the user can do, as long as the question waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<NoticeAction>,
    /// When it happened.
    pub at: Timestamp,
    /// Whether it was read.
    pub read: bool,
}

/// What a notice asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeAction {
    /// The question.
    pub task_id: TaskId,
    /// What stands on the button.
    pub label: String,
    /// Until when.
    pub deadline: Timestamp,
}

impl NoticeView {
    /// A notice as it is now, when these are the questions that can still be answered, and until when.
    pub(crate) fn of(inbox: Inbox, open: &BTreeMap<TaskId, Timestamp>) -> Self {
        let Inbox { notice, read_at } = inbox;
        let action = notice.action.and_then(|it| {
            let deadline = *open.get(&it.task_id)?;
            Some(NoticeAction { task_id: it.task_id, label: it.label, deadline })
        });
        Self {
            notice_id: notice.notice_id,
            kind: notice.kind,
            title: notice.title,
            lines: notice.lines,
            run_id: notice.run_id,
            action,
            at: notice.at,
            read: read_at.is_some(),
        }
    }
}

/// A ticket that opens a socket, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketTicket {
    /// The address to connect to: with the ticket as its query `ticket`.
    pub url: String,
    /// The ticket.
    pub ticket: String,
    /// Until when it opens one.
    pub expires_at: Timestamp,
}
