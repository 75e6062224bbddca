//! Negotiating a bill in a retention chat: a pure policy from what the other side said to what to do next.
//!
//! The policy discloses that it is an automated assistant and for whom it speaks (as FCC 24-17 asks of
//! calls), asks, argues with tenure and with a competing offer that is real, counters at most
//! [`MOST_COUNTERS`] times, accepts only what changes nothing but the price, and asks the user about that
//! very offer where it downgrades, binds, changes the plan or costs a fee. It ends after at most
//! [`MOST_ROUNDS`] answers.

mod policy;
mod script;

pub use policy::{MOST_COUNTERS, MOST_ROUNDS};
pub use script::{Line, say};

use money::{Money, MoneyError, Rounding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offers::{Bill, Comparison, LevelChange, ServiceKind, customer_value};

/// What the negotiator knows; fixed during a negotiation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What the bill is for.
    pub service: ServiceKind,
    /// Who sends it.
    pub provider: String,
    /// Present plan.
    pub plan: String,
    /// Present price a month.
    pub monthly: Money,
    /// Whole months as a customer.
    pub tenure_months: u32,
    /// What the customer has been worth to the provider.
    pub customer_value: Money,
    /// A real competing offer, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competitor: Option<Competitor>,
    /// The price to ask for.
    pub target: Money,
    /// The highest price that is worth taking.
    pub acceptable: Money,
}

/// A competing offer to cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Competitor {
    /// The offer's id at its source.
    pub offer_id: String,
    /// Who makes it.
    pub provider: String,
    /// Its plan.
    pub plan: String,
    /// Its price a month.
    pub monthly: Money,
    /// Where it was found.
    pub source: String,
}

/// Without a competing offer, ask for a fifth off.
const ASK_BASIS_POINTS: i64 = 8_000;
/// Less than a twentieth off is not worth an answer.
const ACCEPT_BASIS_POINTS: i64 = 9_500;

impl Facts {
    /// The facts of a bill, with the competing offer found for it.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(
        bill: &Bill,
        competing: Option<&Comparison>,
        margin_basis_points: i64,
    ) -> Result<Self, MoneyError> {
        let competitor = competing.map(|found| Competitor {
            offer_id: found.offer.id.clone(),
            provider: found.offer.provider.clone(),
            plan: found.offer.plan.clone(),
            monthly: found.offer.monthly,
            source: found.offer.source.clone(),
        });
        let usual = bill.monthly.basis_points(ASK_BASIS_POINTS, Rounding::HalfUp)?;
        Ok(Self {
            service: bill.service,
            provider: bill.provider.clone(),
            plan: bill.plan.clone(),
            monthly: bill.monthly,
            tenure_months: bill.tenure_months,
            customer_value: customer_value(bill, margin_basis_points)?,
            target: competitor.as_ref().map_or(usual, |found| found.monthly),
            acceptable: bill.monthly.basis_points(ACCEPT_BASIS_POINTS, Rounding::Floor)?,
            competitor,
        })
    }
}

/// An offer the other side makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CounterOffer {
    /// The provider's id; accepting names it.
    pub id: String,
    /// What it costs a month.
    pub monthly: Money,
    /// Months the price holds; none is without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_months: Option<u32>,
    /// Months it binds; 0 is not bound.
    #[serde(default)]
    pub contract_months: u32,
    /// How its service compares with the present one.
    pub level: LevelChange,
    /// Name of the plan, where it is another than the present one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_plan: Option<String>,
    /// Paid once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
}

/// What makes an offer need the user's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The service gets worse, or cannot be compared.
    Downgrade,
    /// It binds for months.
    Contract,
    /// It is another plan.
    PlanChange,
    /// It costs something once.
    Fee,
}

impl CounterOffer {
    /// What about it only the user can decide.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        let worse = matches!(self.level, LevelChange::Worse | LevelChange::Unknown);
        let checks = [
            (worse, Condition::Downgrade),
            (self.contract_months > 0, Condition::Contract),
            (self.new_plan.is_some(), Condition::PlanChange),
            (self.fee.is_some_and(Money::is_positive), Condition::Fee),
        ];
        checks.into_iter().filter(|(applies, _)| *applies).map(|(_, condition)| condition).collect()
    }
}

/// Why the other side does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// "You already have our best price."
    BestPriceAlready,
    /// "That price is for new customers."
    NewCustomersOnly,
    /// "You are still under contract."
    UnderContract,
    /// "Their service is not as good."
    CompetitorInferior,
    /// "I am not allowed to give a discount."
    NoAuthority,
    /// Anything else.
    Other,
}

/// What the other side said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Reply {
    /// Hello, how can I help.
    Greeting,
    /// An objection.
    Objection {
        /// Which.
        objection: Objection,
    },
    /// An offer.
    Offer {
        /// It.
        offer: CounterOffer,
    },
    /// No, and that is final at this desk.
    Refused,
    /// Handed to another desk, such as retention.
    Transferred,
    /// Wants something only the user can give.
    Verification {
        /// What, in the other side's words: untrusted text, for the user to read.
        asks: String,
    },
    /// The accepted offer is booked.
    Confirmed {
        /// The offer's id.
        offer_id: String,
        /// The price that was booked.
        monthly: Money,
        /// The provider's confirmation number.
        confirmation: String,
    },
    /// The chat is over.
    Closed,
}

/// Why a person has to take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Escalation {
    /// The provider wants to verify the customer.
    Verification {
        /// What it asks for.
        asks: String,
    },
    /// What was booked is not what was accepted, or was not confirmed.
    Mismatch,
}

/// Why it ended without a better price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WalkAway {
    /// The other side gave nothing worth taking.
    NothingOffered,
    /// The user declined the only offer.
    DeclinedByUser,
    /// The other side closed the chat.
    Closed,
    /// It took too many rounds.
    TooLong,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Move {
    /// Send this text and wait for the reply.
    Say {
        /// Which line of the script.
        line: Line,
        /// Its text.
        text: String,
    },
    /// Ask for this price and wait for the reply.
    Counter {
        /// The price asked for.
        monthly: Money,
        /// Text to send.
        text: String,
    },
    /// Accept this offer and wait for [`Reply::Confirmed`].
    Accept {
        /// The offer.
        offer: CounterOffer,
        /// Text to send.
        text: String,
    },
    /// Ask the user about this very offer; go on with [`Negotiation::answered`].
    AskUser {
        /// The offer.
        offer: CounterOffer,
        /// Why it needs approval.
        because: Vec<Condition>,
    },
    /// A person has to take over; ended.
    Escalate {
        /// Why.
        reason: Escalation,
    },
    /// Nothing to gain; ended.
    WalkAway {
        /// Why.
        reason: WalkAway,
    },
    /// A better price is booked; ended.
    Done {
        /// The offer.
        offer: CounterOffer,
        /// Saved a month: promised until a statement shows it.
        monthly_saving: Money,
        /// The provider's confirmation number.
        confirmation: String,
    },
}

impl Move {
    /// Whether the negotiation has ended.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Escalate { .. } | Self::WalkAway { .. } | Self::Done { .. })
    }
}

/// Where a negotiation stands; serialisable, so that it can wait for the user for days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Negotiation {
    /// Replies taken so far.
    pub rounds: u32,
    /// Lines said.
    pub said: Vec<Line>,
    /// Counter-offers made.
    pub counters: u32,
    /// The best offer on the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<CounterOffer>,
    /// The offer the user is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<CounterOffer>,
    /// Ids of the offers the user declined.
    #[serde(default)]
    pub declined: Vec<String>,
    /// The offer accepted, waiting for its confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<CounterOffer>,
}
