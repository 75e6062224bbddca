//! What is said in a retention chat, as on the wire.

use jiff::civil::Date;
use money::Money;
use serde::{Deserialize, Serialize};

use crate::household::{MoveKind, OfferType, Plan};

/// Body of the opening of a chat.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenChat {
    /// For whom the caller speaks.
    pub principal: String,
    /// That the caller is software.
    pub automated: bool,
}

/// Body of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its number in the chat, from 1.
    pub seq: usize,
    /// What is said.
    pub r#move: Move,
}

/// What a customer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The kind of move.
    pub kind: MoveKind,
    /// The offer it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<String>,
}

/// What the desk answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    /// The first words.
    Greeting {
        /// What is said.
        text: String,
    },
    /// No, with a reason.
    Objection {
        /// One of the documented codes.
        code: String,
        /// What is said.
        text: String,
    },
    /// A counter-offer.
    Offer {
        /// What is said.
        text: String,
        /// Its terms.
        offer: RetentionOffer,
    },
    /// The account holder must prove who they are.
    NeedsVerification {
        /// What is said.
        text: String,
        /// How: `account_pin`.
        method: String,
    },
    /// Nothing more will be offered.
    Declined {
        /// What is said.
        text: String,
    },
    /// The chat is over.
    Closed {
        /// What is said.
        text: String,
    },
}

/// A retention offer as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionOffer {
    /// Its id.
    pub offer_id: String,
    /// Its kind.
    pub r#type: OfferType,
    /// The plan.
    pub plan: Plan,
    /// Price of a round.
    pub price: Money,
    /// What it saves a month against the present price.
    pub monthly_saving: Money,
    /// Months bound; 0 for none.
    pub contract_months: u32,
    /// Months the price holds; none for good.
    pub promo_months: Option<u32>,
    /// Price of a round afterwards.
    pub price_after_promo: Option<Money>,
    /// Paid once on acceptance.
    #[serde(default)]
    pub fee: Option<Money>,
    /// Last day it can be accepted.
    pub valid_until: Date,
}

/// A competing offer as on the wire.
pub type WireOffer = crate::household::MarketOffer;
