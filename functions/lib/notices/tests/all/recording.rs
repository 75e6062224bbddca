//! Sockets and passes.

use crate::{at, user};
use jiff::{SignedDuration, Timestamp};
use notices::{Pass, Sockets, hash};

const NOW: &str = "2026-06-30T12:00:00Z";

#[test]
fn a_user_has_so_many_sockets_and_those_that_ended_are_forgotten() {
    let later = |minutes| at(NOW) + SignedDuration::from_mins(minutes);
    let mut sockets = Sockets::none(user());
    sockets.add("ended".to_owned(), later(-120));
    for number in 0..12 {
        sockets.add(format!("c{number:02}"), later(number));
    }
    let live: Vec<_> = sockets.live(later(12)).cloned().collect();
    assert_eq!(live.len(), Sockets::MOST);
    assert_eq!(live[0], "c02");
    assert_eq!(sockets.live(later(120 + 10)).count(), 1);
    assert!(!sockets.open.contains_key("ended"));
}

/// The gateway knows a connection only after it was recorded.
#[test]
fn a_socket_that_is_about_to_open_is_not_gone() {
    let later = |seconds| at(NOW) + SignedDuration::from_secs(seconds);
    let mut sockets = Sockets::none(user());
    sockets.add("c".to_owned(), at(NOW));
    sockets.gone("c", later(29));
    assert_eq!(sockets.live(later(29)).count(), 1);
    sockets.gone("c", later(30));
    assert_eq!(sockets.live(later(30)).count(), 0);
}

#[test]
fn a_pass_is_good_once_and_until_it_expires() {
    let pass = |used_at: Option<Timestamp>| Pass {
        hash: hash("secret"),
        user_id: user(),
        task_id: None,
        switches_off: None,
        expires_at: at(NOW),
        used_at,
    };
    assert!(pass(None).is_good(at("2026-06-30T11:59:59Z")));
    assert!(!pass(None).is_good(at(NOW)));
    assert!(!pass(Some(at(NOW))).is_good(at("2026-06-30T11:59:59Z")));
    assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
