//! Negotiating a bill in a retention chat: a pure policy from what the other side said to what to do next.
//!
//! The policy asks, argues with tenure and with a competing offer that is real, turns an offer down at most
//! [`MOST_COUNTERS`] times to hear a better one, accepts only what changes nothing but the price, and asks the
//! user about that very offer where it downgrades, binds, changes the plan, costs a fee, holds for less than
//! [`SHORTEST_PROMOTION`] months or costs more afterwards. Offers are judged by what they save in the first year.
//! It ends after at most [`MOST_ROUNDS`] answers.

mod policy;
mod script;

pub use policy::{MOST_COUNTERS, MOST_ROUNDS};
pub use script::Line;

use money::{Money, MoneyError, Rounding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::offers::{Bill, Comparison, LevelChange, customer_value, first_year};

/// What the negotiator knows; fixed during a negotiation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Present price a month.
    pub monthly: Money,
    /// Whole months as a customer.
    pub tenure_months: u32,
    /// What the customer has been worth to the provider.
    pub customer_value: Money,
    /// A real competing offer to cite, by its id at its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competitor: Option<String>,
    /// The price that is taken at once.
    pub target: Money,
    /// The highest price that is worth taking.
    pub acceptable: Money,
}

/// Without a competing offer, a fifth off.
const ASK_BASIS_POINTS: i64 = 8_000;
/// Less than a twentieth off is not worth an answer.
const ACCEPT_BASIS_POINTS: i64 = 9_500;
/// A price that holds for fewer months is not taken for a year's.
pub const SHORTEST_PROMOTION: u32 = 12;

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
        let usual = bill.monthly.basis_points(ASK_BASIS_POINTS, Rounding::HalfUp)?;
        Ok(Self {
            monthly: bill.monthly,
            tenure_months: bill.tenure_months,
            customer_value: customer_value(bill, margin_basis_points)?,
            target: competing.map_or(usual, |found| found.offer.monthly),
            acceptable: bill.monthly.basis_points(ACCEPT_BASIS_POINTS, Rounding::Floor)?,
            competitor: competing.map(|found| found.offer.id.clone()),
        })
    }

    /// Whether an offer is worth an answer: it is in the bill's currency, lowers the price enough, and the first year costs less
    /// with it.
    #[must_use]
    pub fn is_worth(&self, offer: &CounterOffer) -> bool {
        offer.monthly <= self.acceptable
            && !offer.monthly.is_negative()
            && offer.first_year_saving(self.monthly).is_ok_and(Money::is_positive)
    }

    /// Whether an offer saves in the first year what the target saves in one.
    fn is_reached_by(&self, offer: &CounterOffer) -> bool {
        let wanted = self.monthly.sub(self.target).and_then(Money::annual);
        let saved = offer.first_year_saving(self.monthly);
        saved.is_ok_and(|saved| wanted.is_ok_and(|wanted| saved >= wanted))
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
    /// What it costs a month afterwards; not known means the present price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regular_monthly: Option<Money>,
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
    /// The price holds for less than [`SHORTEST_PROMOTION`] months.
    ShortPromotion,
    /// It costs more than today once the promotion is over.
    DearerLater,
}

impl CounterOffer {
    /// Saved in the first twelve months against the present price, the fee and the end of a promotion counted.
    ///
    /// # Errors
    /// [`MoneyError`] where a sum leaves its range or mixes currencies.
    pub fn first_year_saving(&self, present: Money) -> Result<Money, MoneyError> {
        let saved = first_year(present, self.monthly, self.promo_months, self.regular_monthly)?;
        self.fee.map_or(Ok(saved), |fee| saved.sub(fee))
    }

    /// What about it only the user can decide, at the present price a month.
    #[must_use]
    pub fn conditions(&self, present: Money) -> Vec<Condition> {
        let worse = matches!(self.level, LevelChange::Worse | LevelChange::Unknown);
        let checks = [
            (worse, Condition::Downgrade),
            (self.contract_months > 0, Condition::Contract),
            (self.new_plan.is_some(), Condition::PlanChange),
            (self.fee.is_some_and(Money::is_positive), Condition::Fee),
            (self.promo_months.is_some_and(|months| months < SHORTEST_PROMOTION), Condition::ShortPromotion),
            (self.regular_monthly.is_some_and(|later| later > present), Condition::DearerLater),
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
    /// Wants something only the user can give.
    Verification {
        /// What, in the other side's words: untrusted text, for the user to read.
        asks: String,
    },
    /// The chat is over.
    Closed,
}

/// Why it ended without a better price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WalkAway {
    /// The other side gave nothing worth taking.
    NothingOffered,
    /// The other side closed the chat.
    Closed,
    /// It took too many rounds.
    TooLong,
}

/// What to do next; all but [`Move::Say`] end it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Move {
    /// Say this and wait for the reply.
    Say {
        /// Which line of the script.
        line: Line,
    },
    /// Accept this offer.
    Accept {
        /// The offer.
        offer: CounterOffer,
    },
    /// Ask the user about this very offer.
    AskUser {
        /// The offer.
        offer: CounterOffer,
        /// Why it needs approval.
        because: Vec<Condition>,
    },
    /// The provider wants to verify the customer: a person has to take over.
    Verify {
        /// What it asks for.
        asks: String,
    },
    /// Nothing to gain.
    WalkAway {
        /// Why.
        reason: WalkAway,
    },
}

/// Where a negotiation stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Negotiation {
    /// Replies taken so far.
    pub rounds: u32,
    /// Lines said, offers turned down left out.
    pub said: Vec<Line>,
    /// Offers turned down to hear a better one.
    pub counters: u32,
    /// The best offer on the table.
    pub best: Option<CounterOffer>,
}
