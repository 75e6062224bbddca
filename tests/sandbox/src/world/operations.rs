//! Effects and their idempotency keys: each key acts once, and what it did can be read, replayed and undone.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{Code, Refusal};
use super::state::World;
use crate::hash::{canonical, digest_of};
use crate::household::{Bill, Household, Subscription};

/// The call that asks for an effect.
#[derive(Debug, Clone)]
pub struct Request {
    /// The `Idempotency-Key`.
    pub key: String,
    /// Method and path.
    pub target: String,
    /// The body.
    pub body: Value,
}

impl Request {
    fn digest(&self) -> String {
        digest_of(&[&self.target, &canonical(self.body.clone()).to_string()])
    }
}

/// A stored answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Value,
    /// Whether it was served before.
    #[serde(skip)]
    pub replayed: bool,
}

/// One effect that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Place in the order of effects, from 1.
    pub seq: u64,
    /// Its idempotency key.
    pub key: String,
    /// What was done, such as `subscription.cancel`.
    pub operation: String,
    /// To what.
    pub subject: String,
    /// The provider's confirmation.
    pub reference: String,
    /// On which day.
    pub performed_on: Date,
    /// The key of the effect it reversed.
    pub undo_of: Option<String>,
    /// The key of the effect that reversed it.
    pub undone_by: Option<String>,
    /// Digest of the call.
    pub request: String,
    /// What was answered.
    pub answer: Answer,
    /// How the subject was before.
    pub before: Option<Before>,
    /// How often the answer was served again.
    pub replays: u64,
}

/// A thing as it was before an effect, to be put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// A subscription.
    Subscription(Box<Subscription>),
    /// A bill.
    Bill(Box<Bill>),
}

/// What an effect did, for the record.
pub(super) struct Done {
    /// HTTP status of the answer.
    pub status: u16,
    /// What was done.
    pub operation: &'static str,
    /// To what.
    pub subject: String,
    /// The answer without its `operation` part.
    pub body: Value,
    /// How the subject was before.
    pub before: Option<Before>,
    /// The key of the effect that this reverses.
    pub undo_of: Option<String>,
}

/// Who acts under which confirmation, handed to an effect.
pub(super) struct Ticket<'a> {
    /// The household behind the world.
    pub household: &'a Household,
    /// The idempotency key.
    pub key: &'a str,
    /// The confirmation that will be given.
    pub reference: String,
}

/// What stands at the start of confirmations.
#[derive(Debug, Clone, Copy)]
pub(super) enum Prefix {
    Subscription,
    Biller,
    Savings,
    Gig,
}

impl Prefix {
    fn word(self) -> &'static str {
        match self {
            Self::Subscription => "SUB",
            Self::Biller => "BIL",
            Self::Savings => "SAV",
            Self::Gig => "GIG",
        }
    }
}

impl World {
    /// Does `act` once per key.
    ///
    /// # Errors
    /// `idempotency_key_reused` when the key stands for another call; else what `act` refuses, leaving no trace.
    pub(super) fn once(
        &mut self,
        household: &Household,
        prefix: Prefix,
        request: &Request,
        act: impl FnOnce(&mut Self, &Ticket<'_>) -> Result<Done, Refusal>,
    ) -> Result<Answer, Refusal> {
        let digest = request.digest();
        if let Some(earlier) = self.operations.get_mut(&request.key) {
            if earlier.request != digest {
                let message = format!("key `{}` was used for another call", request.key);
                return Err(Refusal::new(Code::IdempotencyKeyReused, message));
            }
            earlier.replays += 1;
            return Ok(Answer { replayed: true, ..earlier.answer.clone() });
        }
        let digits = digest_of(&[&self.user_id, &request.key])[..8].to_uppercase();
        let reference = format!("{}-{digits}", prefix.word());
        let done = act(self, &Ticket { household, key: &request.key, reference: reference.clone() })?;
        Ok(self.record(request, digest, reference, done))
    }

    fn record(&mut self, request: &Request, digest: String, reference: String, done: Done) -> Answer {
        let mut body = done.body;
        if let Value::Object(fields) = &mut body {
            fields.insert("operation".to_owned(), json!({"key": request.key, "reference": reference}));
        }
        let answer = Answer { status: done.status, body, replayed: false };
        if let Some(undone) = done.undo_of.as_ref().and_then(|key| self.operations.get_mut(key)) {
            undone.undone_by = Some(request.key.clone());
        }
        let operation = Operation {
            seq: u64::try_from(self.operations.len() + self.partner.operations.len())
                .unwrap_or(u64::MAX)
                .saturating_add(1),
            key: request.key.clone(),
            operation: done.operation.to_owned(),
            subject: done.subject,
            reference,
            performed_on: self.clock,
            undo_of: done.undo_of,
            undone_by: None,
            request: digest,
            answer: answer.clone(),
            before: done.before,
            replays: 0,
        };
        self.operations.insert(request.key.clone(), operation);
        answer
    }

    /// What became of a key, as on the wire.
    ///
    /// # Errors
    /// `unknown_operation`: it did nothing.
    pub fn operation(&self, key: &str) -> Result<Value, Refusal> {
        let one = self.operations.get(key).ok_or_else(|| unknown(key))?;
        Ok(json!({
            "key": one.key, "operation": one.operation, "subject": one.subject, "reference": one.reference,
            "performed_on": one.performed_on, "undone_by": one.undone_by,
            "answer": {"status": one.answer.status, "body": one.answer.body},
        }))
    }

    /// Every effect once, in order, as on the wire.
    #[must_use]
    pub fn ledger(&self) -> Value {
        let mut all: Vec<&Operation> =
            self.operations.values().chain(self.partner.operations.values()).collect();
        all.sort_by_key(|one| one.seq);
        let lines: Vec<Value> = all
            .into_iter()
            .map(|one| {
                json!({
                    "seq": one.seq, "key": one.key, "operation": one.operation, "subject": one.subject,
                    "reference": one.reference, "performed_on": one.performed_on, "undo_of": one.undo_of,
                    "replays": one.replays,
                })
            })
            .collect();
        json!({ "effects": lines })
    }

    /// The effect to undo.
    ///
    /// # Errors
    /// `unknown_operation` when there is none or it is of another kind; `cannot_undo` when a later effect on the same
    /// thing stands.
    pub(super) fn to_undo(&self, key: &str, kinds: &[&str]) -> Result<Operation, Refusal> {
        let found = self.operations.get(key).filter(|one| kinds.contains(&one.operation.as_str()));
        let found = found.ok_or_else(|| unknown(key))?;
        let later = self.operations.values().find(|other| {
            other.seq > found.seq
                && other.subject == found.subject
                && kinds.contains(&other.operation.as_str())
                && other.undone_by.is_none()
        });
        match later {
            Some(later) if found.undone_by.is_none() => {
                let message = format!("`{}` changed it since; undo that first", later.key);
                Err(Refusal::new(Code::CannotUndo, message))
            }
            _ => Ok(found.clone()),
        }
    }
}

fn unknown(key: &str) -> Refusal {
    Refusal::new(Code::UnknownOperation, format!("nothing was done under key `{key}`"))
}
