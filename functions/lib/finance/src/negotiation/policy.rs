//! The policy: from the state and a reply to the next state and move.

use std::cmp::Reverse;

use super::script::{self, Line};
use super::{CounterOffer, Facts, Move, Negotiation, Objection, Reply, WalkAway};

/// Replies after which a negotiation ends, whatever is said.
pub const MOST_ROUNDS: u32 = 16;
/// Offers turned down at most to hear a better one.
pub const MOST_COUNTERS: u32 = 2;

impl Negotiation {
    /// Takes the other side's reply.
    #[must_use]
    pub fn next(mut self, facts: &Facts, reply: &Reply) -> (Self, Move) {
        self.rounds += 1;
        if self.rounds >= MOST_ROUNDS {
            return self.settle(facts, WalkAway::TooLong);
        }
        match reply {
            Reply::Greeting => self.argue(facts, None),
            Reply::Objection { objection } => self.argue(facts, Some(*objection)),
            Reply::Offer { offer } => self.offered(facts, offer),
            Reply::Refused if self.said.contains(&Line::AskRetention) => {
                self.settle(facts, WalkAway::NothingOffered)
            }
            Reply::Refused => self.saying(Line::AskRetention),
            Reply::Verification { asks } => (self, Move::Verify { asks: asks.clone() }),
            Reply::Closed => (self, Move::WalkAway { reason: WalkAway::Closed }),
        }
    }

    fn saying(mut self, line: Line) -> (Self, Move) {
        self.said.push(line);
        (self, Move::Say { line })
    }

    /// The next argument not used yet.
    fn next_line(&self, facts: &Facts) -> Option<Line> {
        script::LADDER.into_iter().find(|line| !self.said.contains(line) && script::is_sayable(*line, facts))
    }

    fn argue(self, facts: &Facts, objection: Option<Objection>) -> (Self, Move) {
        let fresh = |line: &Line| !self.said.contains(line) && script::is_sayable(*line, facts);
        let answer = objection.and_then(script::rebuttal).filter(fresh);
        match answer.or_else(|| self.next_line(facts)) {
            Some(line) => self.saying(line),
            None => self.settle(facts, WalkAway::NothingOffered),
        }
    }

    fn offered(mut self, facts: &Facts, offer: &CounterOffer) -> (Self, Move) {
        if !facts.is_worth(offer) {
            return self.argue(facts, None);
        }
        if self.best.as_ref().is_none_or(|best| is_better(offer, best, facts)) {
            self.best = Some(offer.clone());
        }
        if facts.is_reached_by(offer) {
            return self.take(facts, offer.clone());
        }
        if self.counters < MOST_COUNTERS {
            self.counters += 1;
            return (self, Move::Say { line: Line::Counter });
        }
        self.settle(facts, WalkAway::NothingOffered)
    }

    /// Accepts an offer that changes nothing but the price; asks the user about any other.
    fn take(self, facts: &Facts, offer: CounterOffer) -> (Self, Move) {
        let because = offer.conditions(facts.monthly);
        let end = if because.is_empty() { Move::Accept { offer } } else { Move::AskUser { offer, because } };
        (self, end)
    }

    /// Takes the best offer on the table, or leaves.
    fn settle(mut self, facts: &Facts, otherwise: WalkAway) -> (Self, Move) {
        match self.best.take() {
            Some(best) => self.take(facts, best),
            None => (self, Move::WalkAway { reason: otherwise }),
        }
    }
}

/// Saves more in the first year; where it saves the same, with fewer conditions.
fn is_better(offer: &CounterOffer, best: &CounterOffer, facts: &Facts) -> bool {
    let terms = |one: &CounterOffer| {
        let saved = one.first_year_saving(facts.monthly).map_or(i64::MIN, |saved| saved.minor);
        (saved, Reverse(one.conditions(facts.monthly).len()))
    };
    terms(offer) > terms(best)
}
