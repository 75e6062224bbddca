//! One retention chat, driven by the policy.

use crate::effect::Effect;
use crate::terms;
use agent::{AgentError, Progress, Update};
use events::ErrorClass;
use finance::negotiation::{Condition, CounterOffer, Facts, Line, Move, Negotiation, Reply, WalkAway};
use providers::billers::{self, Bill, RetentionOffer, SessionState, Writer};
use providers::{ProviderError, RetentionChat};

/// How a chat ended.
pub enum Ending {
    /// The policy accepts this offer by itself.
    Accept(RetentionOffer),
    /// Only the user can decide about this offer.
    Ask(RetentionOffer, Vec<Condition>),
    /// There is nothing to take.
    Left(WalkAway),
    /// The biller wants to know who the account holder is.
    Verification {
        /// How, such as `account_pin`.
        method: String,
    },
}

/// A chat under way.
pub struct Chat<'a> {
    /// Who speaks.
    pub writer: &'a Writer,
    /// The bill it is about.
    pub bill: &'a Bill,
    /// What is negotiated.
    pub effect: &'a Effect,
    /// What the policy knows.
    pub facts: &'a Facts,
    /// The biller's id of the chat.
    pub session_id: &'a str,
    /// What the user told to verify themselves with.
    pub secret: Option<&'a str>,
    /// Where to report.
    pub progress: &'a Progress,
}

/// What is known while chatting.
struct Course {
    seq: u32,
    offers: Vec<RetentionOffer>,
    state: SessionState,
    verified: bool,
}

impl Chat<'_> {
    /// Talks until there is something to decide.
    pub async fn talk(&self) -> Result<Ending, AgentError> {
        let mut course = Course { seq: 0, offers: Vec::new(), state: SessionState::Open, verified: false };
        // The chat was opened by saying who speaks and for whom, and answered with a greeting.
        let (mut policy, mut next) = Negotiation::default().next(self.facts, &Reply::Greeting);
        loop {
            let line = match next {
                Move::Say { line } => line,
                Move::Accept { offer } => return self.decided(&course, &offer, None),
                Move::AskUser { offer, because } => return self.decided(&course, &offer, Some(because)),
                Move::Verify { asks } => return Ok(Ending::Verification { method: asks }),
                Move::WalkAway { reason } => return Ok(Ending::Left(reason)),
            };
            let reply = self.exchange(&mut course, line).await?;
            (policy, next) = policy.next(self.facts, &reply);
        }
    }

    /// Says a line and takes the reply in the policy's terms.
    async fn exchange(&self, course: &mut Course, line: Line) -> Result<Reply, AgentError> {
        let competitor = self.facts.competitor.as_deref();
        let last_offer = course.offers.last().map(|offer| offer.offer_id.as_str());
        // A biller that has declined says no more, and a line that cannot be said here changes nothing.
        let Some(what) =
            terms::say(line, competitor, last_offer).filter(|_| course.state != SessionState::Declined)
        else {
            return Ok(Reply::Refused);
        };
        self.report(course, line);
        let mut reply = self.send(course, &what).await?;
        if let billers::Reply::NeedsVerification { method, .. } = &reply
            && let Some(secret) = self.secret
            && !course.verified
        {
            match self.writer.verify(&self.bill.id, method, secret).await {
                Ok(()) => {
                    course.verified = true;
                    reply = self.send(course, &what).await?;
                }
                // A wrong answer: the biller still waits for the right one, and so does the user's alert.
                Err(error) if error.class() == ErrorClass::Declined => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.understand(course, reply)
    }

    async fn send(&self, course: &mut Course, what: &billers::Move) -> Result<billers::Reply, ProviderError> {
        course.seq += 1;
        let said = self.writer.say(&self.bill.id, self.session_id, course.seq, what).await?;
        course.state = said.state;
        Ok(said.reply)
    }

    fn understand(&self, course: &mut Course, reply: billers::Reply) -> Result<Reply, AgentError> {
        Ok(match reply {
            billers::Reply::Greeting { .. } => Reply::Greeting,
            billers::Reply::Objection { code, .. } => Reply::Objection { objection: terms::objection(&code) },
            billers::Reply::Offer { offer, .. } => {
                let judged = terms::counter(self.bill, &offer)?;
                self.progress.say(
                    Update::new(format!("{} offers {} a month", self.effect.provider, judged.monthly), 70)
                        .technical(format!("offer {}", offer.offer_id)),
                );
                course.offers.retain(|known| known.offer_id != offer.offer_id);
                course.offers.push(offer);
                Reply::Offer { offer: judged }
            }
            billers::Reply::NeedsVerification { method, .. } => Reply::Verification { asks: method },
            billers::Reply::Declined { .. } => Reply::Refused,
            billers::Reply::Closed { .. } => Reply::Closed,
        })
    }

    /// What the policy decided about, as the biller offered it. Where the biller has offered a lower price without any
    /// condition too, that is taken and nobody is asked: of several the one that saves most in the first year.
    fn decided(
        &self,
        course: &Course,
        judged: &CounterOffer,
        because: Option<Vec<Condition>>,
    ) -> Result<Ending, AgentError> {
        let Some(because) = because else {
            let offer = course.offers.iter().find(|offer| offer.offer_id == judged.id);
            return Ok(offer.cloned().map_or(Ending::Left(WalkAway::NothingOffered), Ending::Accept));
        };
        let mut plain: Option<(i64, &RetentionOffer)> = None;
        for offer in &course.offers {
            let known = terms::counter(self.bill, offer)?;
            if !known.conditions(self.facts.monthly).is_empty() || !self.facts.is_worth(&known) {
                continue;
            }
            let saved = known.first_year_saving(self.facts.monthly)?.minor;
            if plain.is_none_or(|(most, _)| saved > most) {
                plain = Some((saved, offer));
            }
        }
        if let Some((_, offer)) = plain {
            return Ok(Ending::Accept(offer.clone()));
        }
        let offer = course.offers.iter().find(|offer| offer.offer_id == judged.id);
        Ok(match offer {
            Some(offer) => Ending::Ask(offer.clone(), because),
            None => Ending::Left(WalkAway::NothingOffered),
        })
    }

    fn report(&self, course: &Course, line: Line) {
        let headline = match line {
            Line::AskRetention => "On hold with retention dept".to_owned(),
            Line::CiteCompetitor | Line::RebutInferior => {
                format!("Showing {} a competing offer", self.effect.provider)
            }
            Line::Counter => format!("Asking {} for more", self.effect.provider),
            _ => format!("Negotiating with {}", self.effect.provider),
        };
        let percent = u8::try_from(course.seq.saturating_mul(8)).unwrap_or(100).min(60) + 10;
        let technical = format!("chat {} message {} {line:?}", self.session_id, course.seq + 1);
        self.progress.say(Update::new(headline, percent).technical(technical));
    }
}
