//! The policy: from the state and a reply to the next state and move.

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
            return self.settle(WalkAway::TooLong);
        }
        match reply {
            Reply::Greeting => self.argue(facts, None),
            Reply::Objection { objection } => self.argue(facts, Some(*objection)),
            Reply::Offer { offer } => self.offered(facts, offer),
            Reply::Refused if self.said.contains(&Line::AskRetention) => {
                self.settle(WalkAway::NothingOffered)
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
            None => self.settle(WalkAway::NothingOffered),
        }
    }

    fn offered(mut self, facts: &Facts, offer: &CounterOffer) -> (Self, Move) {
        if !is_worth(offer, facts) {
            return self.argue(facts, None);
        }
        if self.best.as_ref().is_none_or(|best| is_better(offer, best)) {
            self.best = Some(offer.clone());
        }
        if offer.monthly <= facts.target {
            return self.take(offer.clone());
        }
        if self.counters < MOST_COUNTERS {
            self.counters += 1;
            return (self, Move::Say { line: Line::Counter });
        }
        self.settle(WalkAway::NothingOffered)
    }

    /// Accepts an offer that changes nothing but the price; asks the user about any other.
    fn take(self, offer: CounterOffer) -> (Self, Move) {
        let because = offer.conditions();
        let end = if because.is_empty() { Move::Accept { offer } } else { Move::AskUser { offer, because } };
        (self, end)
    }

    /// Takes the best offer on the table, or leaves.
    fn settle(mut self, otherwise: WalkAway) -> (Self, Move) {
        match self.best.take() {
            Some(best) => self.take(best),
            None => (self, Move::WalkAway { reason: otherwise }),
        }
    }
}

/// Whether an offer is in the bill's currency and saves enough.
fn is_worth(offer: &CounterOffer, facts: &Facts) -> bool {
    offer.monthly <= facts.acceptable && !offer.monthly.is_negative()
}

/// Cheaper; at the same price, fewer conditions.
fn is_better(offer: &CounterOffer, best: &CounterOffer) -> bool {
    let terms = |one: &CounterOffer| (one.monthly.minor, one.conditions().len());
    terms(offer) < terms(best)
}
