//! Bills, competing offers at the user's address, and the billers' retention chat.

mod wire;

use crate::connection::{Connection, Performed, segment};
use crate::error::ProviderError;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

pub use wire::{
    Accepted, AppliedOffer, Bill, Cadence, Confirmation, Kind, Message, Move, Offer, OfferType, Plan, Reply,
    RetentionOffer, Reverted, Session, SessionState, Verification,
};

/// Looks at bills.
pub trait Billers {
    /// All of the user's bills.
    async fn bills(&self) -> Result<Vec<Bill>, ProviderError>;

    /// One bill.
    async fn bill(&self, id: &str) -> Result<Bill, ProviderError>;

    /// A chat as it stands.
    async fn chat(&self, bill_id: &str, session_id: &str) -> Result<Session, ProviderError>;

    /// What became of the key of an acceptance; `None` when nothing did.
    async fn accepted(&self, key: &str) -> Result<Option<Performed<Accepted>>, ProviderError>;
}

/// Looks at what competitors offer at the user's address.
pub trait Offers {
    /// Offers of every kind.
    async fn offers(&self) -> Result<Vec<Offer>, ProviderError>;
}

/// Speaks with a biller's retention department and changes the bill.
pub trait RetentionChat {
    /// Opens a chat, saying that software speaks and for whom. The same key opens the same chat.
    async fn open(&self, bill_id: &str, principal: &str, key: &str) -> Result<Session, ProviderError>;

    /// Says something; `seq` counts up from 1 and the same `seq` answers the same.
    async fn say(
        &self,
        bill_id: &str,
        session_id: &str,
        seq: u32,
        what: &Move,
    ) -> Result<Message, ProviderError>;

    /// Shows who the account holder is.
    async fn verify(&self, bill_id: &str, method: &str, value: &str) -> Result<(), ProviderError>;

    /// Accepts an offer made in this chat. One effect per key.
    async fn accept(
        &self,
        bill_id: &str,
        session_id: &str,
        offer_id: &str,
        key: &str,
    ) -> Result<Accepted, ProviderError>;

    /// Returns to what was before the acceptance of `undo_of`. One effect per key.
    async fn revert(&self, bill_id: &str, undo_of: &str, key: &str) -> Result<Reverted, ProviderError>;
}

/// Looks at bills and offers and cannot change them.
#[derive(Clone)]
pub struct Reader(Connection);

impl Reader {
    /// Over a connection to [`crate::Provider::Billers`].
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self(connection)
    }
}

/// Looks at bills and offers, negotiates and accepts.
pub struct Writer(Reader);

impl Writer {
    /// Over a connection to [`crate::Provider::Billers`].
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self(Reader(connection))
    }
}

/// Who may change may look.
impl Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

#[derive(Deserialize)]
struct BillList {
    billers: Vec<Bill>,
}

#[derive(Deserialize)]
struct OfferList {
    offers: Vec<Offer>,
}

#[derive(Serialize)]
struct Open<'a> {
    principal: &'a str,
    /// Always true: a caller that is software says so (FCC 24-17).
    automated: bool,
}

#[derive(Serialize)]
struct Say<'a> {
    seq: u32,
    #[serde(rename = "move")]
    what: &'a Move,
}

#[derive(Serialize)]
struct Verify<'a> {
    method: &'a str,
    value: &'a str,
}

#[derive(Deserialize)]
struct Verified {}

#[derive(Serialize)]
struct Accept<'a> {
    offer_id: &'a str,
}

#[derive(Serialize)]
struct Revert<'a> {
    undo_of: &'a str,
}

impl Billers for Reader {
    async fn bills(&self) -> Result<Vec<Bill>, ProviderError> {
        let list: BillList = self.0.get("/billers").await?;
        Ok(list.billers)
    }

    async fn bill(&self, id: &str) -> Result<Bill, ProviderError> {
        self.0.get(&format!("/billers/{}", segment(id))).await
    }

    async fn chat(&self, bill_id: &str, session_id: &str) -> Result<Session, ProviderError> {
        self.0.get(&chat(bill_id, session_id)).await
    }

    async fn accepted(&self, key: &str) -> Result<Option<Performed<Accepted>>, ProviderError> {
        self.0.operation(key).await
    }
}

impl Offers for Reader {
    async fn offers(&self) -> Result<Vec<Offer>, ProviderError> {
        let list: OfferList = self.0.get("/offers").await?;
        Ok(list.offers)
    }
}

impl RetentionChat for Writer {
    async fn open(&self, bill_id: &str, principal: &str, key: &str) -> Result<Session, ProviderError> {
        let path = format!("/billers/{}/retention/sessions", segment(bill_id));
        let body = Open { principal, automated: true };
        self.0.0.change(&path, key, &body).await
    }

    async fn say(
        &self,
        bill_id: &str,
        session_id: &str,
        seq: u32,
        what: &Move,
    ) -> Result<Message, ProviderError> {
        let path = format!("{}/messages", chat(bill_id, session_id));
        self.0.0.say(&path, &Say { seq, what }).await
    }

    async fn verify(&self, bill_id: &str, method: &str, value: &str) -> Result<(), ProviderError> {
        let path = format!("/billers/{}/verification", segment(bill_id));
        let Verified {} = self.0.0.say(&path, &Verify { method, value }).await?;
        Ok(())
    }

    async fn accept(
        &self,
        bill_id: &str,
        session_id: &str,
        offer_id: &str,
        key: &str,
    ) -> Result<Accepted, ProviderError> {
        let path = format!("{}/accept", chat(bill_id, session_id));
        self.0.0.change(&path, key, &Accept { offer_id }).await
    }

    async fn revert(&self, bill_id: &str, undo_of: &str, key: &str) -> Result<Reverted, ProviderError> {
        let path = format!("/billers/{}/revert", segment(bill_id));
        self.0.0.change(&path, key, &Revert { undo_of }).await
    }
}

fn chat(bill_id: &str, session_id: &str) -> String {
    format!("/billers/{}/retention/sessions/{}", segment(bill_id), segment(session_id))
}
