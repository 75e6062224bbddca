//! What providers other than banks know of a household: subscriptions, bills and how their desks behave, competing
//! offers, and work on offer.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::Money;
use serde::{Deserialize, Serialize};

use crate::calendar::Cadence;

/// A plan of a subscription or bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The provider's id of the plan.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// Whole-number features, such as `speed_down_mbps`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, i64>,
}

/// State of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Free until the trial ends, then charged.
    Trial,
    /// Charged.
    Active,
    /// Not charged any more.
    Cancelled,
}

/// A subscription as its provider keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The provider's id.
    pub id: String,
    /// Who charges.
    pub merchant: String,
    /// The text that appears in transactions.
    pub descriptor: String,
    /// What it is for, such as `video_streaming`.
    pub category: String,
    /// The account it is charged to.
    pub account_id: String,
    /// Whether it is charged.
    pub status: SubscriptionStatus,
    /// The present plan.
    pub plan: Plan,
    /// Price of a round; of a trial, the price once it converts.
    pub price: Money,
    /// How often it is charged.
    pub cadence: Cadence,
    /// First day.
    pub started_on: Date,
    /// Last day of the trial.
    pub trial_ends_on: Option<Date>,
    /// The next charge; none once cancelled.
    pub next_charge_on: Option<Date>,
    /// Paid for until then, once cancelled.
    pub access_until: Option<Date>,
    /// Whether it is used.
    pub usage: Usage,
    /// Cheaper plans.
    pub tiers: Vec<Tier>,
    /// Last day on which the latest change can be taken back.
    pub restorable_until: Option<Date>,
}

/// The provider's signal of use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// The last day it was used; none means no signal.
    #[serde(default)]
    pub last_used_on: Option<Date>,
    /// Days of use in the last 90.
    #[serde(default)]
    pub uses_last_90_days: u32,
}

/// A cheaper plan of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The provider's id of the plan.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// Price of a round.
    pub price: Money,
}

/// What a bill is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillKind {
    /// Broadband.
    Internet,
    /// Television.
    Cable,
    /// Mobile or landline.
    Phone,
    /// Auto, home, renters.
    Insurance,
}

/// A bill as its biller keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// The biller's id of the account.
    pub id: String,
    /// What it is for.
    pub kind: BillKind,
    /// The biller.
    pub provider: String,
    /// The text that appears in transactions.
    pub descriptor: String,
    /// The account it is charged to.
    pub account_id: String,
    /// Last digits of the customer number.
    pub account_mask: String,
    /// The present plan.
    pub plan: Plan,
    /// Price of a round.
    pub price: Money,
    /// How often it is charged.
    pub cadence: Cadence,
    /// The next charge.
    pub next_charge_on: Date,
    /// First day as a customer.
    pub started_on: Date,
    /// Bound until then.
    pub contract_ends_on: Option<Date>,
    /// Cost of leaving earlier.
    pub early_termination_fee: Option<Money>,
    /// The price holds until then.
    pub promo_ends_on: Option<Date>,
    /// The price afterwards.
    pub price_after_promo: Option<Money>,
    /// The retention offer in force.
    pub applied_offer: Option<AppliedOffer>,
}

/// A retention offer that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliedOffer {
    /// The offer.
    pub offer_id: String,
    /// The biller's confirmation.
    pub reference: String,
    /// The day of acceptance.
    pub accepted_on: Date,
}

/// A competing offer at the household's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketOffer {
    /// Unique at the address.
    pub id: String,
    /// What it is for.
    pub kind: BillKind,
    /// Who offers it.
    pub provider: String,
    /// The plan.
    pub plan: Plan,
    /// Price of a month.
    pub price: Money,
    /// Months bound; 0 for none.
    pub contract_months: u32,
    /// Months the price holds; none for good.
    pub promo_months: Option<u32>,
    /// Price of a month afterwards.
    pub price_after_promo: Option<Money>,
    /// Where the offer comes from.
    pub source: String,
}

/// How a biller's retention desk behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// The account PIN, when the desk asks for one.
    pub pin: Option<String>,
    /// What is said, in order.
    pub rounds: Vec<Round>,
    /// Said once the rounds are used up.
    pub refusal: String,
}

/// One answer of a retention desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The kinds of move that bring this answer.
    pub on: Vec<MoveKind>,
    /// The answer.
    pub answer: RoundAnswer,
}

/// What a round of a retention desk says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundAnswer {
    /// No, with a reason.
    Objection {
        /// The reason, one of the documented codes.
        code: String,
        /// What is said.
        text: String,
    },
    /// A counter-offer.
    Offer {
        /// What is said.
        text: String,
        /// The offer's terms.
        terms: OfferTerms,
    },
}

/// Kinds of retention offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferType {
    /// The same plan for less.
    Discount,
    /// The same plan for less, bound for months.
    DiscountWithContract,
    /// A smaller plan.
    Downgrade,
}

/// Terms of a retention offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferTerms {
    /// Unique among the biller's offers.
    pub id: String,
    /// Its kind.
    pub kind: OfferType,
    /// Price of a round.
    pub price: Money,
    /// Another plan than the present one.
    pub plan: Option<Plan>,
    /// Months bound; 0 for none.
    pub contract_months: u32,
    /// Months the price holds; none for good.
    pub promo_months: Option<u32>,
    /// Price of a round afterwards; none for what the bill costs without the offer.
    pub price_after_promo: Option<Money>,
    /// Paid once.
    pub fee: Option<Money>,
    /// Days the offer stands.
    pub valid_days: u32,
}

/// What a customer can say to a retention desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    /// Ask for less.
    AskDiscount,
    /// Name a competing offer.
    CiteCompetitor,
    /// Name the years as a customer.
    CiteTenure,
    /// Say how little is used.
    CiteUsage,
    /// Ask for someone who may decide more.
    AskSupervisor,
    /// Say that one will leave.
    ThreatenToLeave,
    /// Turn an offer down.
    Reject,
    /// End the chat.
    Close,
}

/// When work can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// Weekdays before work.
    WeekdayMorning,
    /// Weekdays at working hours.
    WeekdayDay,
    /// Weekdays after work.
    WeekdayEvening,
    /// Saturdays and Sundays.
    Weekend,
}

/// Work on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gig {
    /// The marketplace's id.
    pub id: String,
    /// What it is.
    pub title: String,
    /// The marketplace.
    pub platform: String,
    /// Pay of an hour before tax.
    pub pay_per_hour: Money,
    /// Hours a week it can take.
    pub hours_per_week: HoursRange,
    /// When it is done.
    pub schedule: Vec<Slot>,
    /// Skills it needs.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Things it needs, such as `car`.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Whether it is done from home.
    #[serde(default)]
    pub remote: bool,
    /// Days until the first pay.
    pub days_to_first_pay: u32,
    /// Cost of starting.
    pub start_cost: Money,
    /// Where to read how to start.
    pub start_guide: String,
    /// How to start, in order.
    pub steps: Vec<String>,
}

/// A range of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursRange {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// What the person can do and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Skills.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Things at hand, such as `car`.
    #[serde(default)]
    pub has: Vec<String>,
    /// Free times.
    #[serde(default)]
    pub schedule: Vec<Slot>,
    /// Free hours a week.
    #[serde(default)]
    pub hours_per_week: u32,
}
