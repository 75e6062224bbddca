//! What each channel does with a notice.

use crate::{at, of_kind, preferences};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use notices::{
    Channel, Decision, NoticeKind, Preferences, QuietHours, Reason, Said, TooManyCodes, Urgency, decide,
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
fn what_is_switched_off_stays_off_unless_critical() {
    let mut wanted = preferences();
    let email = wanted.channels.get_mut(&Channel::Email).unwrap();
    email.off.extend([NoticeKind::Question, NoticeKind::NeedsAttention]);
    let (question, alarm) = (of_kind(NoticeKind::Question), of_kind(NoticeKind::NeedsAttention));
    let off = Decision::Drop(Reason::SwitchedOff);
    for fallback in [false, true] {
        assert_eq!(decide(&question, &wanted, Channel::Email, fallback, at(NOON)), off);
        assert_eq!(decide(&alarm, &wanted, Channel::Email, fallback, at(NOON)), send());
    }
    // Whoever unsubscribed gets no mail, also of what a device could not be told.
    let mut unsubscribed = wanted.clone();
    unsubscribed.channels.get_mut(&Channel::Email).unwrap().on = false;
    for kind in [NoticeKind::Savings, NoticeKind::Help] {
        assert_eq!(decide(&of_kind(kind), &unsubscribed, Channel::Email, true, at(NOON)), off);
    }
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
        let it = wanted.channel(channel);
        prop_assert!(channel == Channel::InApp || it.address.is_some() || !told);
        let on = it.on && !it.off.contains(&kind);
        prop_assert!(on || urgency == Urgency::Critical || !told, "told although it is switched off");
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
                prop_assert!(reason != Reason::SwitchedOff || !on);
            }
        }
    }
}

#[test]
fn nobody_is_disturbed_by_quiet_hours_of_another_zone() {
    let unsaid = Preferences::of(crate::user());
    assert_eq!(unsaid.quiet, None);
    assert_eq!(unsaid.next_waking(at(NIGHT)), at(NIGHT));
}

/// A user whose mails are to go to `new`, with the code 123456.
fn asked() -> Preferences {
    let mut wanted = Preferences::of(crate::user());
    wanted.lead(Channel::Email, Some("new"), || "123456".to_owned(), at(NOON)).unwrap();
    wanted
}

/// Where mails go, and where they are to go.
fn email(wanted: &Preferences) -> (Option<String>, Option<String>) {
    let it = wanted.channel(Channel::Email);
    (it.address.clone(), it.wanted().map(str::to_owned))
}

#[test]
fn an_address_is_used_once_it_is_confirmed() {
    let (new, other) = (Some("new".to_owned()), Some("other".to_owned()));
    let mut known = asked();
    assert_eq!(email(&known), (None, new.clone()));
    // The same again makes no other code.
    known.lead(Channel::Email, Some("new"), || unreachable!(), at(NOON)).unwrap();
    assert_eq!(known, asked());
    let late = at(NOON) + SignedDuration::from_hours(1);
    assert_eq!(asked().confirm(Channel::Email, "123456", late), Said::NoneAwaited, "a code is good for ever");
    assert_eq!(known.confirm(Channel::Email, " 123456 ", at(NOON)), Said::Right);
    assert_eq!(email(&known), (new.clone(), new.clone()));
    assert_eq!(known.confirm(Channel::Email, "123456", at(NOON)), Said::NoneAwaited);
    // Until another is confirmed, the one before is used; without one there is none.
    known.lead(Channel::Email, Some("other"), || "234567".to_owned(), at(NOON)).unwrap();
    assert_eq!(email(&known), (new.clone(), other));
    assert!(!format!("{known:?}").contains("234567"));
    known.lead(Channel::Email, Some("new"), || unreachable!(), at(NOON)).unwrap();
    assert_eq!(email(&known), (new.clone(), new));
    known.lead(Channel::Email, None, || unreachable!(), at(NOON)).unwrap();
    assert_eq!(email(&known), (None, None));
}

#[test]
fn another_address_gives_no_more_tries() {
    let mut wanted = asked();
    for number in 0..5 {
        let address = format!("new-{number}");
        let led = wanted.lead(Channel::Email, Some(&address), || "123456".to_owned(), at(NOON));
        assert_eq!(led.is_ok(), number < 4, "the first of five was sent before");
        assert_eq!(wanted.confirm(Channel::Email, "654321", at(NOON)), Said::Wrong);
    }
    let mut phone = wanted.clone();
    assert_eq!(phone.lead(Channel::Sms, Some("+1555"), || unreachable!(), at(NOON)), Err(TooManyCodes));
    assert_eq!(email(&wanted).1.as_deref(), Some("new-3"), "it leads where it did");
    assert_eq!(wanted.confirm(Channel::Email, "123456", at(NOON)), Said::TooMany, "one can guess for ever");
    let next_day = at("2026-07-01T00:00:00Z");
    wanted.lead(Channel::Email, Some("new"), || "123456".to_owned(), next_day).unwrap();
    assert_eq!(wanted.confirm(Channel::Email, "123456", next_day), Said::Right);
}
