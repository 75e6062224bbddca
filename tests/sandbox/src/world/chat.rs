//! Retention chats: a desk goes through its rounds; each move brings the next round that answers to it.

use jiff::civil::Date;
use money::{Money, MoneyError, Rounding};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chat_wire::{Message, Move, Reply, RetentionOffer};
use super::refusal::{Code, Refusal};
use crate::calendar::{Cadence, plus_days};
use crate::household::{Bill, MarketOffer, MoveKind, OfferTerms, Retention, RoundAnswer};

/// Moves without effect after which a desk has heard enough.
const PATIENCE: u32 = 4;

/// State of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatState {
    /// It goes on.
    Open,
    /// It goes on once the account holder is verified.
    NeedsVerification,
    /// Nothing more will be offered.
    Declined,
    /// An offer was accepted.
    Accepted,
    /// It was ended.
    Closed,
}

/// One message and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its number.
    pub seq: usize,
    /// What was said; none for the greeting.
    pub r#move: Option<Move>,
    /// What was answered.
    pub reply: Reply,
    /// The state afterwards.
    pub state: ChatState,
}

/// A retention chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Its id.
    pub session_id: String,
    /// The bill it is about.
    pub biller_id: String,
    /// Where it stands.
    pub state: ChatState,
    /// What was said.
    pub messages: Vec<Exchange>,
    /// What was offered.
    pub offers: Vec<RetentionOffer>,
    /// The next round of the desk.
    next_round: usize,
    /// Moves without effect so far.
    fruitless: u32,
}

/// What the desk knows when it answers.
pub(super) struct Desk<'a> {
    pub bill: &'a Bill,
    pub retention: &'a Retention,
    pub market: &'a [MarketOffer],
    pub verified: bool,
    pub today: Date,
}

impl Chat {
    /// A chat that has just begun.
    #[must_use]
    pub fn begin(session_id: String, bill: &Bill, principal: &str) -> Self {
        let text = format!(
            "Thanks for contacting {}. I see you are software speaking for {principal}; how can I help?",
            bill.provider
        );
        let greeting =
            Exchange { seq: 0, r#move: None, reply: Reply::Greeting { text }, state: ChatState::Open };
        Self {
            session_id,
            biller_id: bill.id.clone(),
            state: ChatState::Open,
            messages: vec![greeting],
            offers: Vec::new(),
            next_round: 0,
            fruitless: 0,
        }
    }

    /// The chat as on the wire.
    #[must_use]
    pub fn wire(&self) -> Value {
        let messages: Vec<Value> = self
            .messages
            .iter()
            .map(|one| json!({"seq": one.seq, "move": one.r#move, "reply": one.reply}))
            .collect();
        json!({
            "session_id": self.session_id, "biller_id": self.biller_id, "state": self.state,
            "messages": messages, "offers": self.offers,
        })
    }

    /// Answers a message; the same message again gets the same answer.
    ///
    /// # Errors
    /// `conflict` for a number out of turn, another move under a number that was used, or a chat that is over.
    pub(super) fn say(&mut self, desk: &Desk<'_>, message: Message) -> Result<Exchange, Refusal> {
        let conflict = |text: String| Err(Refusal::new(Code::Conflict, text));
        if let Some(earlier) = self.messages.get(message.seq).filter(|_| message.seq > 0) {
            return match &earlier.r#move {
                Some(said) if *said == message.r#move => Ok(earlier.clone()),
                _ => conflict(format!("message {} was another one", message.seq)),
            };
        }
        if message.seq != self.messages.len() {
            return conflict(format!("the next message is number {}", self.messages.len()));
        }
        if matches!(self.state, ChatState::Accepted | ChatState::Closed) {
            return conflict("the chat is over".to_owned());
        }
        let reply = self.answer(desk, &message.r#move)?;
        let exchange = Exchange { seq: message.seq, r#move: Some(message.r#move), reply, state: self.state };
        self.messages.push(exchange.clone());
        Ok(exchange)
    }

    fn answer(&mut self, desk: &Desk<'_>, said: &Move) -> Result<Reply, Refusal> {
        if said.kind == MoveKind::Close {
            self.state = ChatState::Closed;
            return Ok(Reply::Closed { text: "Thank you for being with us.".to_owned() });
        }
        if desk.retention.pin.is_some() && !desk.verified {
            self.state = ChatState::NeedsVerification;
            let text = "Before I can talk about the account I need its PIN.".to_owned();
            return Ok(Reply::NeedsVerification { text, method: "account_pin".to_owned() });
        }
        if self.state == ChatState::NeedsVerification {
            self.state = ChatState::Open;
        }
        if let Some(objection) = unfounded(desk, said) {
            self.fruitless += 1;
            return Ok(objection);
        }
        let rounds = desk.retention.rounds.iter().enumerate().skip(self.next_round);
        match rounds.into_iter().find(|(_, round)| round.on.contains(&said.kind)) {
            Some((index, round)) => {
                self.next_round = index + 1;
                self.round(desk, &round.answer)
            }
            None => Ok(self.unmoved(desk)),
        }
    }

    fn round(&mut self, desk: &Desk<'_>, answer: &RoundAnswer) -> Result<Reply, Refusal> {
        match answer {
            RoundAnswer::Objection { code, text } => {
                Ok(Reply::Objection { code: code.clone(), text: text.clone() })
            }
            RoundAnswer::Offer { text, terms } => {
                let offer = offer(desk, terms)?;
                self.offers.push(offer.clone());
                Ok(Reply::Offer { text: text.clone(), offer })
            }
        }
    }

    /// A move that no round answers to.
    fn unmoved(&mut self, desk: &Desk<'_>) -> Reply {
        self.fruitless += 1;
        if self.next_round >= desk.retention.rounds.len() || self.fruitless >= PATIENCE {
            self.state = ChatState::Declined;
            return Reply::Declined { text: desk.retention.refusal.clone() };
        }
        Reply::Objection {
            code: "heard".to_owned(),
            text: "I understand. Is there anything else?".to_owned(),
        }
    }
}

/// The objection to a competing offer that is none.
fn unfounded(desk: &Desk<'_>, said: &Move) -> Option<Reply> {
    if said.kind != MoveKind::CiteCompetitor {
        return None;
    }
    let id = said.offer_id.as_deref().unwrap_or_default();
    let objection =
        |code: &str, text: &str| Some(Reply::Objection { code: code.to_owned(), text: text.to_owned() });
    match desk.market.iter().find(|offer| offer.id == id && offer.kind == desk.bill.kind) {
        None => objection("offer_not_found", "I cannot find that offer at your address."),
        Some(offer) if offer.price >= desk.bill.price => {
            objection("offer_not_comparable", "That offer costs no less than what you pay now.")
        }
        Some(_) => None,
    }
}

/// The offer that the desk's terms come to today.
fn offer(desk: &Desk<'_>, terms: &OfferTerms) -> Result<RetentionOffer, Refusal> {
    let bill = desk.bill;
    let without = bill.price_after_promo.unwrap_or(bill.price);
    Ok(RetentionOffer {
        offer_id: terms.id.clone(),
        r#type: terms.kind,
        plan: terms.plan.clone().unwrap_or_else(|| bill.plan.clone()),
        price: terms.price,
        monthly_saving: monthly(bill.price.sub(terms.price)?, bill.cadence)?,
        contract_months: terms.contract_months,
        promo_months: terms.promo_months,
        price_after_promo: terms.promo_months.map(|_| terms.price_after_promo.unwrap_or(without)),
        fee: terms.fee,
        valid_until: plus_days(desk.today, i32::try_from(terms.valid_days).unwrap_or(i32::MAX)),
    })
}

/// What an amount of a round comes to in a month, never rounded in the promiser's favour.
pub(super) fn monthly(amount: Money, cadence: Cadence) -> Result<Money, MoneyError> {
    match cadence {
        Cadence::Weekly => amount.ratio(52, 12, Rounding::Floor),
        Cadence::Biweekly => amount.ratio(26, 12, Rounding::Floor),
        Cadence::Monthly => Ok(amount),
        Cadence::Quarterly => amount.ratio(1, 3, Rounding::Floor),
        Cadence::Annual => amount.ratio(1, 12, Rounding::Floor),
    }
}
