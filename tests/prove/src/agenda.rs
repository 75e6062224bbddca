//! What happens when, in virtual time: soonest first, and what is due at the same moment in the order in which it was put down.

use crate::flight::{FlightId, Launch};
use crate::user::Deed;
use jiff::{SignedDuration, Timestamp};
use statemachines::simulate::Timer;
use std::collections::BTreeMap;

/// Something that will happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A function is invoked.
    Launch(Box<Launch>),
    /// A function that waits looks again.
    Wake(FlightId),
    /// A function's time is over, for this reason.
    Expire(FlightId, &'static str),
    /// An agent does what it was asked, by the number of the question.
    AgentActs(u64),
    /// A timer of an execution fires.
    Timer(String, Timer),
    /// The stream's records are handed to their reader.
    Stream,
    /// The user does something, and tries so often again when it fails.
    User(Deed, u32),
}

/// What will happen.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    entries: BTreeMap<(Timestamp, u64), Event>,
    serial: u64,
}

impl Agenda {
    /// Puts something down.
    pub fn put(&mut self, at: Timestamp, event: Event) {
        self.serial += 1;
        self.entries.insert((at, self.serial), event);
    }

    /// When the next thing happens.
    pub fn next(&self) -> Option<Timestamp> {
        self.entries.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next thing.
    pub fn pop(&mut self) -> Option<(Timestamp, Event)> {
        self.entries.pop_first().map(|((at, _), event)| (at, event))
    }
}

/// So many milliseconds later.
pub fn later(at: Timestamp, millis: u64) -> Timestamp {
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    at.checked_add(SignedDuration::from_millis(millis)).unwrap_or(Timestamp::MAX)
}
