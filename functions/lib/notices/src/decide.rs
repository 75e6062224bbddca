//! What a channel does with a notice.

use crate::channel::Channel;
use crate::kind::Urgency;
use crate::notice::Notice;
use crate::preferences::Preferences;
use jiff::Timestamp;

/// What a channel does with a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Tell it now, to this address; the app's own list has none.
    Send(Option<String>),
    /// Tell it then: it is not urgent, and the user is not to be disturbed now.
    Defer(Timestamp),
    /// Tell it with others, then.
    Digest(Timestamp),
    /// Do not tell it here.
    Drop(Reason),
}

/// Why a channel does not tell a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is not critical, and only that goes by SMS.
    NotCritical,
    /// The user gave no address.
    NoAddress,
    /// The user wants none of this kind, or of anything, on this channel.
    SwitchedOff,
    /// What it asks for is over.
    Late,
}

/// What a channel does with a notice. What is critical comes at once, whatever is switched off. As a `fallback` of another channel that
/// failed, it tells by itself what would wait for the digest; what is switched off here stays so.
pub fn decide(
    notice: &Notice,
    preferences: &Preferences,
    channel: Channel,
    fallback: bool,
    now: Timestamp,
) -> Decision {
    let urgency = notice.kind.urgency();
    let wanted = preferences.channel(channel);
    if channel == Channel::Sms && urgency != Urgency::Critical {
        return Decision::Drop(Reason::NotCritical);
    }
    if channel != Channel::InApp && wanted.address.is_none() {
        return Decision::Drop(Reason::NoAddress);
    }
    if !notice.is_current(now) {
        return Decision::Drop(Reason::Late);
    }
    if urgency == Urgency::Critical {
        return Decision::Send(wanted.address);
    }
    if !wanted.on || wanted.off.contains(&notice.kind) {
        return Decision::Drop(Reason::SwitchedOff);
    }
    // What is in the app's own list disturbs nobody.
    if channel == Channel::InApp {
        return Decision::Send(wanted.address);
    }
    let digest =
        preferences.next_digest(now).filter(|_| channel == Channel::Email && urgency == Urgency::Low);
    if let Some(at) = digest.filter(|_| !fallback) {
        return Decision::Digest(at);
    }
    if preferences.is_quiet(now) {
        return Decision::Defer(preferences.next_waking(now));
    }
    Decision::Send(wanted.address)
}
