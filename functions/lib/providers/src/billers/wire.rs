//! What billers say, on the wire.

use crate::connection::Receipt;
use jiff::civil::Date;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use crate::subscriptions::Cadence;

/// What a bill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Internet access.
    Internet,
    /// Cable or satellite television.
    Cable,
    /// Mobile or fixed telephone.
    Phone,
    /// Insurance.
    Insurance,
    /// Something that no agent here negotiates.
    #[serde(other)]
    Other,
}

/// A bill and the contract behind it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Bill {
    /// The biller's id.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// Who bills.
    pub provider: String,
    /// How it stands on statements.
    pub descriptor: String,
    /// The last digits of the account.
    pub account_mask: Option<String>,
    /// What is bought.
    pub plan: Plan,
    /// Per cadence.
    pub price: Money,
    /// How often it is charged.
    pub cadence: Cadence,
    /// For how many months the user has been a customer.
    pub tenure_months: u32,
    /// Until when the user is bound.
    pub contract_ends_on: Option<Date>,
    /// What leaving before costs.
    pub early_termination_fee: Option<Money>,
    /// Until when the price is a promotion.
    pub promo_ends_on: Option<Date>,
    /// What it costs after.
    pub price_after_promo: Option<Money>,
    /// The offer accepted last.
    pub applied_offer: Option<AppliedOffer>,
    /// Whether the account holder has to show who they are.
    pub verification: Verification,
    /// Changes whenever any of the above does.
    pub version: String,
}

/// What is bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The biller's id.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// What it comprises, in whole numbers: `speed_down_mbps`, `channels`, `data_gb`, `coverage_usd` …
    #[serde(default)]
    pub attributes: BTreeMap<String, i64>,
}

/// An offer that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AppliedOffer {
    /// The offer.
    pub offer_id: String,
    /// The biller's reference.
    pub reference: String,
    /// The day it was accepted.
    pub accepted_on: Date,
}

/// Whether the account holder has to show who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// No.
    NotNeeded,
    /// Yes.
    Needed,
    /// Done.
    Passed,
}

/// What a competitor offers at the user's address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Offer {
    /// The offer's id, to be cited.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// Who offers.
    pub provider: String,
    /// What is offered.
    pub plan: Plan,
    /// Per month.
    pub price: Money,
    /// How long one is bound.
    pub contract_months: u32,
    /// How long the price holds; none: until further notice.
    pub promo_months: Option<u32>,
    /// What it costs after.
    pub price_after_promo: Option<Money>,
    /// Where it was found.
    pub source: String,
}

/// A retention chat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// The chat's id.
    pub session_id: String,
    /// How it stands.
    pub state: SessionState,
    /// Every offer made so far.
    #[serde(default)]
    pub offers: Vec<RetentionOffer>,
}

/// How a chat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Going on.
    Open,
    /// Waits for the account holder to show who they are.
    NeedsVerification,
    /// The biller has nothing more to say.
    Declined,
    /// An offer was accepted.
    Accepted,
    /// Over.
    Closed,
}

/// What can be said in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Move {
    /// Ask for a lower price.
    AskDiscount {},
    /// Point at a competitor's offer at the address.
    CiteCompetitor {
        /// The competitor's offer.
        offer_id: String,
    },
    /// Point at the years as a customer.
    CiteTenure {},
    /// Point at how little is used.
    CiteUsage {},
    /// Ask for somebody who may decide more.
    AskSupervisor {},
    /// Say that the user will leave.
    ThreatenToLeave {},
    /// Turn an offer down.
    Reject {
        /// The biller's offer.
        offer_id: String,
    },
    /// End the chat.
    Close {},
}

/// The biller's side of one exchange.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// The place in the chat.
    pub seq: u32,
    /// How the chat stands after it.
    pub state: SessionState,
    /// What was replied.
    pub reply: Reply,
}

/// What a biller replies. Texts come from outside: shown, never obeyed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "FlatReply")]
pub enum Reply {
    /// Hello.
    Greeting {
        /// In words.
        text: String,
    },
    /// A reason against.
    Objection {
        /// Such as `price_is_standard`.
        code: String,
        /// In words.
        text: String,
    },
    /// An offer.
    Offer {
        /// In words.
        text: String,
        /// The offer.
        offer: RetentionOffer,
    },
    /// The account holder has to show who they are.
    NeedsVerification {
        /// In words.
        text: String,
        /// Such as `account_pin`.
        method: String,
    },
    /// Nothing more; offers already made stand.
    Declined {
        /// In words.
        text: String,
    },
    /// The chat is over.
    Closed {
        /// In words.
        text: String,
    },
}

/// A reply as it stands on the wire. Read flat, because a tagged enum would be compiled once more for its buffer.
#[derive(Deserialize)]
struct FlatReply {
    kind: ReplyKind,
    text: String,
    code: Option<String>,
    method: Option<String>,
    offer: Option<RetentionOffer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReplyKind {
    Greeting,
    Objection,
    Offer,
    NeedsVerification,
    Declined,
    Closed,
}

impl TryFrom<FlatReply> for Reply {
    type Error = &'static str;

    fn try_from(flat: FlatReply) -> Result<Self, &'static str> {
        let FlatReply { kind, text, code, method, offer } = flat;
        Ok(match kind {
            ReplyKind::Greeting => Self::Greeting { text },
            ReplyKind::Objection => {
                Self::Objection { code: code.ok_or("an objection without a code")?, text }
            }
            ReplyKind::Offer => Self::Offer { text, offer: offer.ok_or("an offer without its terms")? },
            ReplyKind::NeedsVerification => {
                Self::NeedsVerification { text, method: method.ok_or("a verification without a method")? }
            }
            ReplyKind::Declined => Self::Declined { text },
            ReplyKind::Closed => Self::Closed { text },
        })
    }
}

/// What an offer of a biller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferType {
    /// The same for less.
    Discount,
    /// The same for less, and the user is bound.
    DiscountWithContract,
    /// Less for less.
    Downgrade,
}

/// An offer of a biller.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RetentionOffer {
    /// The offer's id.
    pub offer_id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: OfferType,
    /// What would be bought.
    pub plan: Plan,
    /// Per cadence of the bill.
    pub price: Money,
    /// What it saves a month.
    pub monthly_saving: Money,
    /// How long the user would be bound.
    pub contract_months: u32,
    /// How long the price holds; none: until further notice.
    pub promo_months: Option<u32>,
    /// What it costs after.
    pub price_after_promo: Option<Money>,
    /// Paid once.
    pub fee: Option<Money>,
    /// The last day to accept it.
    pub valid_until: Date,
}

/// What an acceptance answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Accepted {
    /// The operation.
    pub operation: Receipt,
    /// The bill after it.
    pub bill: Bill,
    /// The biller's confirmation.
    pub confirmation: Confirmation,
}

/// The confirmation of an accepted offer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Confirmation {
    /// The biller's reference.
    pub reference: String,
    /// Before.
    pub previous_price: Money,
    /// From now on.
    pub new_price: Money,
    /// The difference a month.
    pub monthly_saving: Money,
    /// From when.
    pub effective_on: Date,
    /// Until when the user is bound.
    pub contract_ends_on: Option<Date>,
    /// Until when the price holds.
    pub promo_ends_on: Option<Date>,
    /// What was paid for it, once.
    pub fee: Option<Money>,
}

/// What a return to the old price answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reverted {
    /// The operation.
    pub operation: Receipt,
    /// The bill after it.
    pub bill: Bill,
}
