//! The policy: from the state and a reply to the next state and move.

use money::{Money, Rounding};

use super::script::{self, Line};
use super::{CounterOffer, Escalation, Facts, Move, Negotiation, Objection, Reply, WalkAway};

/// Replies after which a negotiation ends, whatever is said.
pub const MOST_ROUNDS: u32 = 16;
/// Counter-offers made at most.
pub const MOST_COUNTERS: u32 = 2;

impl Negotiation {
    /// Begins: the first thing to say.
    #[must_use]
    pub fn open(facts: &Facts) -> (Self, Move) {
        Self::default().saying(Line::Opening, facts)
    }

    /// Takes the other side's reply.
    #[must_use]
    pub fn next(mut self, facts: &Facts, reply: &Reply) -> (Self, Move) {
        self.rounds += 1;
        if let Some(accepted) = self.accepted.clone() {
            return self.confirmed(facts, &accepted, reply);
        }
        if self.rounds >= MOST_ROUNDS {
            return self.settle(facts, WalkAway::TooLong);
        }
        match reply {
            Reply::Greeting | Reply::Transferred => self.argue(facts, None),
            Reply::Objection { objection } => self.argue(facts, Some(*objection)),
            Reply::Offer { offer } => self.offered(facts, offer),
            Reply::Refused if self.said.contains(&Line::AskRetention) => {
                self.settle(facts, WalkAway::NothingOffered)
            }
            Reply::Refused => self.saying(Line::AskRetention, facts),
            Reply::Verification { asks } => {
                (self, Move::Escalate { reason: Escalation::Verification { asks: asks.clone() } })
            }
            // Something was booked that nobody accepted.
            Reply::Confirmed { .. } => (self, Move::Escalate { reason: Escalation::Mismatch }),
            Reply::Closed => (self, Move::WalkAway { reason: WalkAway::Closed }),
        }
    }

    /// Takes the user's answer about the offer they were asked about.
    #[must_use]
    pub fn answered(mut self, facts: &Facts, approved: bool) -> (Self, Move) {
        match self.asked.take() {
            Some(offer) if approved => self.accepting(offer, facts),
            Some(offer) => {
                self.declined.push(offer.id.clone());
                if self.best.as_ref().is_some_and(|best| best.id == offer.id) {
                    self.best = None;
                }
                match self.next_line(facts) {
                    Some(line) if self.rounds < MOST_ROUNDS => self.saying(line, facts),
                    _ => self.settle(facts, WalkAway::DeclinedByUser),
                }
            }
            // An answer nobody waits for: end on what is on the table.
            None => self.settle(facts, WalkAway::NothingOffered),
        }
    }

    fn saying(mut self, line: Line, facts: &Facts) -> (Self, Move) {
        self.said.push(line);
        (self, Move::Say { line, text: script::say(line, facts) })
    }

    fn accepting(mut self, offer: CounterOffer, facts: &Facts) -> (Self, Move) {
        self.accepted = Some(offer.clone());
        (self, Move::Accept { offer, text: script::say(Line::Accept, facts) })
    }

    /// The next argument not used yet.
    fn next_line(&self, facts: &Facts) -> Option<Line> {
        script::LADDER.into_iter().find(|line| !self.said.contains(line) && script::is_sayable(*line, facts))
    }

    fn argue(self, facts: &Facts, objection: Option<Objection>) -> (Self, Move) {
        let fresh = |line: &Line| !self.said.contains(line) && script::is_sayable(*line, facts);
        let answer = objection.and_then(script::rebuttal).filter(fresh);
        match answer.or_else(|| self.next_line(facts)) {
            Some(line) => self.saying(line, facts),
            None => self.settle(facts, WalkAway::NothingOffered),
        }
    }

    fn offered(mut self, facts: &Facts, offer: &CounterOffer) -> (Self, Move) {
        if self.declined.contains(&offer.id) || !is_worth(offer, facts) {
            return self.argue(facts, None);
        }
        if self.best.as_ref().is_none_or(|best| is_better(offer, best)) {
            self.best = Some(offer.clone());
        }
        if offer.monthly <= facts.target {
            return self.take(offer.clone(), facts);
        }
        if self.counters < MOST_COUNTERS {
            self.counters += 1;
            let monthly = self.ask_price(facts, offer);
            let asked = Facts { target: monthly, ..facts.clone() };
            return (self, Move::Counter { monthly, text: script::say(Line::Counter, &asked) });
        }
        self.settle(facts, WalkAway::NothingOffered)
    }

    /// First the target again, then half-way between it and the offer.
    fn ask_price(&self, facts: &Facts, offer: &CounterOffer) -> Money {
        let half = facts.target.add(offer.monthly).and_then(|sum| sum.ratio(1, 2, Rounding::Floor));
        if self.counters <= 1 { facts.target } else { half.unwrap_or(facts.target) }
    }

    /// Accepts an offer that changes nothing but the price; asks the user about any other.
    fn take(mut self, offer: CounterOffer, facts: &Facts) -> (Self, Move) {
        let because = offer.conditions();
        if because.is_empty() {
            return self.accepting(offer, facts);
        }
        self.asked = Some(offer.clone());
        (self, Move::AskUser { offer, because })
    }

    /// Takes the best offer on the table, or leaves.
    fn settle(self, facts: &Facts, otherwise: WalkAway) -> (Self, Move) {
        match self.best.clone() {
            Some(best) if self.asked.is_none() => self.take(best, facts),
            _ => (self, Move::WalkAway { reason: otherwise }),
        }
    }

    fn confirmed(self, facts: &Facts, accepted: &CounterOffer, reply: &Reply) -> (Self, Move) {
        match reply {
            Reply::Confirmed { offer_id, monthly, confirmation }
                if *offer_id == accepted.id && *monthly == accepted.monthly =>
            {
                let saving = facts.monthly.sub(accepted.monthly);
                let monthly_saving = saving.unwrap_or(Money::zero(facts.monthly.currency));
                let done = Move::Done {
                    offer: accepted.clone(),
                    monthly_saving,
                    confirmation: confirmation.clone(),
                };
                (self, done)
            }
            Reply::Verification { asks } => {
                (self, Move::Escalate { reason: Escalation::Verification { asks: asks.clone() } })
            }
            _ => (self, Move::Escalate { reason: Escalation::Mismatch }),
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
