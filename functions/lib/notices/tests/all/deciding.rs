//! What each channel does with a notice.

use crate::{at, of_kind, preferences};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use notices::{
    Channel, ChannelPreferences, Decision, NoticeKind, Preferences, QuietHours, Reason, Urgency, decide,
};
use proptest::prelude::*;

const NOON: &str = "2026-06-30T12:30:00Z";
const NIGHT: &str = "2026-06-30T23:10:00Z";

fn send() -> Decision {
    Decision::Send(Some("somewhere".to_owned()))
}

#[test]
fn by_kind_channel_and_hour() {
    let digest = Decision::Digest(at("2026-06-30T18:00:00Z"));
    let morning = Decision::Defer(at("2026-07-01T07:00:00Z"));
    for (kind, channel, now, expect) in [
        (NoticeKind::Question, Channel::InApp, NOON, send()),
        (NoticeKind::Question, Channel::Push, NOON, send()),
        (NoticeKind::Question, Channel::Email, NOON, send()),
        (NoticeKind::Question, Channel::Sms, NOON, Decision::Drop(Reason::NotCritical)),
        (NoticeKind::Question, Channel::InApp, NIGHT, send()),
        (NoticeKind::Question, Channel::Push, NIGHT, morning.clone()),
        (NoticeKind::Question, Channel::Email, NIGHT, morning.clone()),
        (NoticeKind::Savings, Channel::Push, NOON, send()),
        (NoticeKind::Savings, Channel::Email, NOON, digest),
        (NoticeKind::Savings, Channel::Email, NIGHT, Decision::Digest(at("2026-07-01T18:00:00Z"))),
        (NoticeKind::Savings, Channel::Sms, NOON, Decision::Drop(Reason::NotCritical)),
        (NoticeKind::NeedsAttention, Channel::Push, NIGHT, send()),
        (NoticeKind::NeedsAttention, Channel::Email, NIGHT, send()),
        (NoticeKind::NeedsAttention, Channel::Sms, NIGHT, send()),
        (NoticeKind::Question, Channel::Push, "2026-07-03T12:00:00Z", Decision::Drop(Reason::Late)),
    ] {
        let got = decide(&of_kind(kind), &preferences(), channel, false, at(now));
        assert_eq!(got, expect, "{kind:?} {channel} {now}");
    }
}

#[test]
fn what_is_switched_off_stays_off_unless_critical_or_a_fallback() {
    let mut wanted = preferences();
    let email = wanted.channels.get_mut(&Channel::Email).unwrap();
    email.off.extend([NoticeKind::Question, NoticeKind::NeedsAttention]);
    let (question, alarm) = (of_kind(NoticeKind::Question), of_kind(NoticeKind::NeedsAttention));
    let off = Decision::Drop(Reason::SwitchedOff);
    assert_eq!(decide(&question, &wanted, Channel::Email, false, at(NOON)), off);
    assert_eq!(decide(&question, &wanted, Channel::Email, true, at(NOON)), send());
    assert_eq!(decide(&alarm, &wanted, Channel::Email, false, at(NOON)), send());
    // A fallback is not held for the digest, but for the morning.
    let savings = of_kind(NoticeKind::Savings);
    assert_eq!(decide(&savings, &wanted, Channel::Email, true, at(NOON)), send());
    let morning = Decision::Defer(at("2026-07-01T07:00:00Z"));
    assert_eq!(decide(&savings, &wanted, Channel::Email, true, at(NIGHT)), morning);
    let nothing = Preferences { channels: Default::default(), ..wanted };
    for channel in [Channel::Push, Channel::Email, Channel::Sms] {
        let got = decide(&alarm, &nothing, channel, true, at(NOON));
        assert_eq!(got, Decision::Drop(Reason::NoAddress), "{channel}");
    }
    assert_eq!(decide(&question, &nothing, Channel::InApp, false, at(NOON)), Decision::Send(None));
}

#[test]
fn quiet_hours_are_by_the_users_clock() {
    for (zone, now, expect) in [
        ("UTC", "2026-06-30T21:59:59Z", "2026-06-30T21:59:59Z"),
        ("UTC", "2026-06-30T22:00:00Z", "2026-07-01T07:00:00Z"),
        ("UTC", "2026-07-01T06:59:59Z", "2026-07-01T07:00:00Z"),
        ("UTC", "2026-07-01T07:00:00Z", "2026-07-01T07:00:00Z"),
        ("America/Phoenix", "2026-07-01T05:00:00Z", "2026-07-01T14:00:00Z"),
        ("Asia/Kolkata", "2026-06-30T16:30:00Z", "2026-07-01T01:30:00Z"),
        // The same clock in summer and in winter, and over the night in which it is put back.
        ("Europe/Berlin", "2026-06-30T20:00:00Z", "2026-07-01T05:00:00Z"),
        ("Europe/Berlin", "2026-01-15T21:00:00Z", "2026-01-16T06:00:00Z"),
        ("Europe/Berlin", "2026-10-24T20:30:00Z", "2026-10-25T06:00:00Z"),
        ("America/New_York", "2026-03-08T04:00:00Z", "2026-03-08T11:00:00Z"),
        // A name that a later database no longer has is as if nothing were said.
        ("Atlantis/City", "2026-06-30T22:00:00Z", "2026-07-01T07:00:00Z"),
    ] {
        let wanted = Preferences { zone: zone.to_owned(), ..preferences() };
        assert_eq!(wanted.next_waking(at(now)), at(expect), "{zone} {now}");
    }
    assert!(notices::is_zone("Europe/Berlin") && !notices::is_zone("Atlantis/City"));
    assert!(notices::zones().count() > 300 && notices::zones().all(notices::is_zone));
    let noon = QuietHours { from: time(12, 0, 0, 0), until: time(14, 0, 0, 0) };
    let wanted = Preferences { quiet: Some(noon), digest_hour: Some(13), ..preferences() };
    assert_eq!(wanted.next_waking(at(NOON)), at("2026-06-30T14:00:00Z"));
    assert_eq!(wanted.next_digest(at("2026-06-30T10:00:00Z")), Some(at("2026-06-30T14:00:00Z")));
}

#[test]
fn what_failed_is_taken_over_in_order_and_never_by_sms_unless_critical() {
    for (tried, critical, expect) in [
        (vec![Channel::Push], false, Some(Channel::Email)),
        (vec![Channel::Email], false, Some(Channel::Push)),
        (vec![Channel::Push, Channel::Email], false, None),
        (vec![Channel::Push, Channel::Email], true, Some(Channel::Sms)),
        (vec![Channel::Sms], true, Some(Channel::Push)),
        (Channel::ALL.to_vec(), true, None),
    ] {
        assert_eq!(Channel::after(&tried, critical), expect, "{tried:?} {critical}");
    }
}

fn wants() -> impl Strategy<Value = Preferences> {
    let minute = (0..24i8, 0..60i8).prop_map(|(hour, minute)| time(hour, minute, 0, 0));
    let quiet = proptest::option::of((minute.clone(), minute));
    let channel = (any::<bool>(), any::<bool>(), proptest::collection::btree_set(0..17usize, 0..6));
    let hour = proptest::option::of(0..24u8);
    (
        quiet,
        proptest::sample::select(notices::zones().collect::<Vec<_>>()),
        hour,
        proptest::collection::vec(channel, 4),
    )
        .prop_map(|(quiet, zone, digest_hour, all)| {
            let mut wanted = preferences();
            for (channel, (on, there, off)) in Channel::ALL.into_iter().zip(all) {
                let it = wanted.channels.entry(channel).or_default();
                it.on = on;
                it.address = there.then(|| "somewhere".to_owned());
                it.off = off.into_iter().map(|at| NoticeKind::ALL[at]).collect();
            }
            let quiet = quiet.map(|(from, until)| QuietHours { from, until });
            Preferences { quiet, zone: zone.to_owned(), digest_hour, ..wanted }
        })
}

proptest! {
    #[test]
    fn whatever_is_wanted(
        wanted in wants(),
        kind in (0..17usize).prop_map(|at| NoticeKind::ALL[at]),
        channel in (0..4usize).prop_map(|at| Channel::ALL[at]),
        fallback: bool,
        now in (1_782_820_800..1_782_993_600i64).prop_map(|at| Timestamp::from_second(at).unwrap()),
    ) {
        let notice = of_kind(kind);
        let got = decide(&notice, &wanted, channel, fallback, now);
        let urgency = kind.urgency();
        let told = !matches!(got, Decision::Drop(_));
        prop_assert!(channel != Channel::Sms || urgency == Urgency::Critical || !told);
        prop_assert!(channel == Channel::InApp || wanted.channel(channel).address.is_some() || !told);
        match got {
            Decision::Send(_) => {
                let at_once = urgency == Urgency::Critical || channel == Channel::InApp;
                prop_assert!(at_once || !wanted.is_quiet(now));
            }
            Decision::Defer(until) | Decision::Digest(until) => {
                prop_assert!(urgency != Urgency::Critical);
                prop_assert!(until > now && until <= now + SignedDuration::from_hours(48));
                prop_assert!(!wanted.is_quiet(until));
                // When it is looked at again then, it is told.
                if notice.is_current(until) {
                    prop_assert!(matches!(decide(&notice, &wanted, channel, true, until), Decision::Send(_)));
                }
            }
            Decision::Drop(reason) => {
                prop_assert!(urgency != Urgency::Critical || matches!(reason, Reason::NoAddress | Reason::Late));
                prop_assert!(!fallback || reason != Reason::SwitchedOff || channel == Channel::InApp);
            }
        }
    }
}

#[test]
fn an_address_is_used_once_it_is_confirmed() {
    let none = ChannelPreferences::default();
    let code = || "123456".to_owned();
    let asked = none.leading_to(Some("new"), code, at(NOON));
    assert_eq!((asked.address.as_deref(), asked.wanted()), (None, Some("new")));
    // The same again makes no other code; another address does.
    assert_eq!(asked.clone().leading_to(Some("new"), || unreachable!(), at(NOON)), asked);
    assert_ne!(asked.clone().leading_to(Some("other"), code, at(NOON)), asked);
    let mut wrong = asked.clone();
    for _ in 0..5 {
        assert_eq!(wrong.confirm("654321", at(NOON)), Some(false));
    }
    assert_eq!(wrong.confirm("123456", at(NOON)), None, "one can guess for ever");
    assert_eq!(
        asked.clone().confirm("123456", at(NOON) + SignedDuration::from_hours(1)),
        None,
        "a code is good for ever"
    );
    let mut known = asked;
    assert_eq!(known.confirm(" 123456 ", at(NOON)), Some(true));
    assert_eq!((known.address.as_deref(), &known.unconfirmed), (Some("new"), &None));
    // Until another is confirmed, the one before is used; without one there is none.
    let moving = known.clone().leading_to(Some("other"), code, at(NOON));
    assert_eq!((moving.address.as_deref(), moving.wanted()), (Some("new"), Some("other")));
    assert_eq!(moving.clone().leading_to(Some("new"), code, at(NOON)), known);
    assert_eq!(moving.leading_to(None, code, at(NOON)).wanted(), None);
    assert!(!format!("{:?}", known.leading_to(Some("secret"), code, at(NOON))).contains("123456"));
}
