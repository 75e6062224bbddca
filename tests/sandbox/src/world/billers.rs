//! Bills: chats about them, offers accepted and reverted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chat::{Chat, ChatState, Desk};
use super::chat_wire::{Message, OpenChat, RetentionOffer};
use super::clock::catch_up_bill;
use super::operations::{Answer, Before, Done, Prefix, Request, Ticket};
use super::refusal::{Code, Refusal};
use super::state::World;
use crate::calendar::{months_between, plus_months};
use crate::hash::{digest_of, version_of};
use crate::household::{AppliedOffer, Bill, BillKind, Household, MarketOffer, Retention};

/// A bill as on the wire.
#[derive(Debug, Serialize)]
pub struct WireBill<'a> {
    #[serde(flatten)]
    bill: &'a Bill,
    tenure_months: u32,
    verification: &'static str,
    version: String,
}

/// Body of a verification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// How: `account_pin`.
    pub method: String,
    /// The PIN.
    pub value: String,
}

/// Body of an acceptance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The offer, as made in the chat.
    pub offer_id: String,
    /// The version of the bill that was shown to the user.
    #[serde(default)]
    pub expected_version: Option<String>,
}

/// Body of a reversal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revert {
    /// The key of the acceptance.
    pub undo_of: String,
}

impl World {
    /// A bill.
    ///
    /// # Errors
    /// `not_found`.
    pub fn bill(&self, id: &str) -> Result<&Bill, Refusal> {
        self.bills.get(id).ok_or_else(|| Refusal::missing("bill", id))
    }

    /// A bill as on the wire.
    #[must_use]
    pub fn wire_bill<'a>(&self, household: &Household, bill: &'a Bill) -> WireBill<'a> {
        let asks = household.retention.get(&bill.id).is_some_and(|desk| desk.pin.is_some());
        WireBill {
            tenure_months: months_between(bill.started_on, self.clock),
            verification: match (asks, self.verified.contains(&bill.id)) {
                (false, _) => "not_needed",
                (true, false) => "needed",
                (true, true) => "passed",
            },
            version: version_of(bill),
            bill,
        }
    }

    /// Every bill, as on the wire.
    #[must_use]
    pub fn list_bills(&self, household: &Household) -> Value {
        let all: Vec<WireBill<'_>> =
            self.bills.values().map(|bill| self.wire_bill(household, bill)).collect();
        json!({ "as_of": self.clock, "address": household.address, "billers": all })
    }

    /// Competing offers at the address, as on the wire.
    #[must_use]
    pub fn list_offers(&self, household: &Household, kind: Option<BillKind>) -> Value {
        let all: Vec<&MarketOffer> =
            household.offers.iter().filter(|offer| kind.is_none_or(|kind| offer.kind == kind)).collect();
        json!({ "as_of": self.clock, "address": household.address, "offers": all })
    }

    /// Proves that the account holder is meant.
    ///
    /// # Errors
    /// `refused` for a wrong PIN, `bad_request` for another method.
    pub fn verify(&mut self, household: &Household, id: &str, body: &Verify) -> Result<Value, Refusal> {
        self.bill(id)?;
        if body.method != "account_pin" {
            return Err(Refusal::bad("method", "the only method is `account_pin`"));
        }
        let pin = household.retention.get(id).and_then(|desk| desk.pin.as_deref());
        if pin.is_some_and(|pin| pin != body.value) {
            return Err(Refusal::new(Code::Refused, "that is not the account's PIN"));
        }
        self.verified.insert(id.to_owned());
        Ok(json!({ "verification": "passed" }))
    }

    /// Begins a retention chat.
    ///
    /// # Errors
    /// `not_found`; `refused` when the caller does not say that it is software and for whom it speaks.
    pub fn open_chat(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
        body: &OpenChat,
    ) -> Result<Answer, Refusal> {
        self.bill(id)?;
        if !body.automated || body.principal.trim().is_empty() {
            let message = "say that you are software (`automated`) and for whom you speak (`principal`)";
            return Err(Refusal::new(Code::Refused, message));
        }
        self.once(household, Prefix::Biller, request, |world, ticket| {
            let session_id = format!("chat_{}", digest_of(&[&world.user_id, ticket.key]));
            let chat = Chat::begin(session_id.clone(), world.bill(id)?, body.principal.trim());
            let wire = chat.wire();
            world.chats.insert(session_id, chat);
            Ok(Done {
                status: 201,
                operation: "biller.open_chat",
                subject: id.to_owned(),
                body: wire,
                before: None,
                undo_of: None,
            })
        })
    }

    /// A chat.
    ///
    /// # Errors
    /// `not_found`.
    pub fn chat(&self, bill: &str, session: &str) -> Result<&Chat, Refusal> {
        let found = self.chats.get(session).filter(|chat| chat.biller_id == bill);
        found.ok_or_else(|| Refusal::missing("chat", session))
    }

    /// Says something in a chat.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is not its turn.
    pub fn say(
        &mut self,
        household: &Household,
        bill: &str,
        session: &str,
        message: Message,
    ) -> Result<Value, Refusal> {
        let flat_refusal =
            Retention { refusal: "We do not change our rates.".to_owned(), ..Retention::default() };
        let mut chat = self.chat(bill, session)?.clone();
        let desk = Desk {
            bill: self.bill(bill)?,
            retention: household.retention.get(bill).unwrap_or(&flat_refusal),
            market: &household.offers,
            verified: self.verified.contains(bill),
            today: self.clock,
        };
        let exchange = chat.say(&desk, message)?;
        self.chats.insert(session.to_owned(), chat);
        Ok(json!({ "seq": exchange.seq, "state": exchange.state, "reply": exchange.reply }))
    }

    /// Accepts an offer made in a chat.
    ///
    /// # Errors
    /// `refused` for an offer that was not made or has run out, `needs_verification`, `conflict` for another version.
    pub fn accept_offer(
        &mut self,
        household: &Household,
        bill: &str,
        session: &str,
        request: &Request,
        body: &Accept,
    ) -> Result<Answer, Refusal> {
        self.once(household, Prefix::Biller, request, |world, ticket| {
            let offer = world.acceptable(ticket.household, bill, session, body)?;
            world.apply(bill, session, &offer, ticket)
        })
    }

    fn acceptable(
        &self,
        household: &Household,
        id: &str,
        session: &str,
        body: &Accept,
    ) -> Result<RetentionOffer, Refusal> {
        let (bill, chat) = (self.bill(id)?, self.chat(id, session)?);
        let asks = household.retention.get(id).is_some_and(|desk| desk.pin.is_some());
        if asks && !self.verified.contains(id) {
            return Err(Refusal::new(Code::NeedsVerification, "the account holder must be verified first"));
        }
        if body.expected_version.as_ref().is_some_and(|expected| *expected != version_of(bill)) {
            return Err(Refusal::new(Code::Conflict, format!("`{id}` has changed since it was shown")));
        }
        let refused = |text: String| Refusal {
            field: Some("offer_id".to_owned()),
            ..Refusal::new(Code::Refused, text)
        };
        let made = chat.offers.iter().find(|offer| offer.offer_id == body.offer_id);
        let offer =
            made.ok_or_else(|| refused(format!("`{}` was not offered in this chat", body.offer_id)))?;
        if offer.valid_until < self.clock {
            return Err(refused(format!("`{}` was valid until {}", offer.offer_id, offer.valid_until)));
        }
        Ok(offer.clone())
    }

    fn apply(
        &mut self,
        id: &str,
        session: &str,
        offer: &RetentionOffer,
        ticket: &Ticket<'_>,
    ) -> Result<Done, Refusal> {
        let before = self.bill(id)?.clone();
        let bound = (offer.contract_months > 0).then(|| plus_months(self.clock, offer.contract_months));
        let after = Bill {
            plan: offer.plan.clone(),
            price: offer.price,
            contract_ends_on: bound.max(before.contract_ends_on),
            promo_ends_on: offer.promo_months.map(|months| plus_months(self.clock, months)),
            price_after_promo: offer.price_after_promo,
            applied_offer: Some(AppliedOffer {
                offer_id: offer.offer_id.clone(),
                reference: ticket.reference.clone(),
                accepted_on: self.clock,
            }),
            ..before.clone()
        };
        let body = json!({
            "bill": self.wire_bill(ticket.household, &after),
            "confirmation": {
                "reference": ticket.reference,
                "previous_price": before.price,
                "new_price": after.price,
                "monthly_saving": offer.monthly_saving,
                "effective_on": after.next_charge_on,
                "contract_ends_on": after.contract_ends_on,
                "promo_ends_on": after.promo_ends_on,
                "fee": offer.fee,
            },
        });
        self.bills.insert(id.to_owned(), after);
        if let Some(chat) = self.chats.get_mut(session) {
            chat.state = ChatState::Accepted;
        }
        Ok(Done {
            status: 200,
            operation: "biller.accept_offer",
            subject: id.to_owned(),
            body,
            before: Some(Before::Bill(Box::new(before))),
            undo_of: None,
        })
    }

    /// Puts a bill back as it was before an acceptance.
    ///
    /// # Errors
    /// `unknown_operation`; `cannot_undo` when another offer was accepted since.
    pub fn revert_offer(
        &mut self,
        household: &Household,
        id: &str,
        request: &Request,
        body: &Revert,
    ) -> Result<Answer, Refusal> {
        self.bill(id)?;
        if let Some(answer) = self.reverted_already(household, id, body, request) {
            return Ok(answer);
        }
        self.once(household, Prefix::Biller, request, |world, ticket| {
            let operation = world.to_undo(&body.undo_of, &["biller.accept_offer"])?;
            let Some(Before::Bill(before)) = operation.before.filter(|_| operation.subject == id) else {
                let message = format!("key `{}` did not change `{id}`", body.undo_of);
                return Err(Refusal::new(Code::UnknownOperation, message));
            };
            let mut restored = *before;
            catch_up_bill(&mut restored, world.clock);
            let body_out = json!({ "bill": world.wire_bill(ticket.household, &restored) });
            world.bills.insert(id.to_owned(), restored);
            Ok(Done {
                status: 200,
                operation: "biller.revert",
                subject: id.to_owned(),
                body: body_out,
                before: None,
                undo_of: Some(body.undo_of.clone()),
            })
        })
    }

    fn reverted_already(
        &self,
        household: &Household,
        id: &str,
        body: &Revert,
        request: &Request,
    ) -> Option<Answer> {
        let by = self.operations.get(&body.undo_of)?.undone_by.as_ref().filter(|by| **by != request.key)?;
        let reference = &self.operations.get(by)?.reference;
        let body = json!({
            "operation": {"key": by, "reference": reference},
            "bill": self.wire_bill(household, self.bills.get(id)?),
        });
        Some(Answer { status: 200, body, replayed: true })
    }
}
