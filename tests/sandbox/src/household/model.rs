//! A household as the sandbox's providers know it, whatever file it came from.
//!
//! Amounts on transactions follow Plaid: positive is money out of the account. The readers beside this module turn
//! the sign where their source does otherwise.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::Cadence;

/// Everything the providers know about one person on one date.
#[derive(Debug, Clone)]
pub struct Household {
    /// The user the household belongs to; Plaid's `override_username`.
    pub user_id: String,
    /// Name of the person.
    pub name: String,
    /// Currency of every amount that names none.
    pub currency: Currency,
    /// The household's last date: balances and next dates are as of this day.
    pub as_of: Date,
    /// Where the bills are delivered and offers are looked for.
    pub address: Address,
    /// Linked accounts.
    pub accounts: Vec<Account>,
    /// All movements by date and id; those after [`Household::as_of`] become visible as the clock moves.
    pub transactions: Vec<Transaction>,
    /// Subscriptions by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Bills by id.
    pub bills: BTreeMap<String, Bill>,
    /// How each biller's retention desk behaves, by bill id; a bill without an entry is refused flatly.
    pub retention: BTreeMap<String, Retention>,
    /// Competing offers at the address.
    pub offers: Vec<MarketOffer>,
    /// Work on offer.
    pub gigs: Vec<Gig>,
    /// What the person can do and when.
    pub person: Person,
    /// What the person saves for.
    pub goals: Vec<Goal>,
    /// Terms of the debts.
    pub liabilities: Vec<Liability>,
    /// Securities held.
    pub holdings: Vec<Holding>,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default)]
    pub street: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// State or region.
    #[serde(default)]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default)]
    pub postal_code: Option<String>,
}

/// A linked account. On credit and loan accounts a positive balance is what is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's id.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// The bank's own name for the product.
    pub official_name: Option<String>,
    /// Plaid's account type.
    pub kind: AccountType,
    /// Plaid's account subtype.
    pub subtype: String,
    /// Last digits of the number.
    pub mask: Option<String>,
    /// Booked balance at [`Household::as_of`].
    pub balance: Money,
    /// Available balance where the source forces one; else booked less pending.
    pub available: Option<Money>,
    /// Credit limit.
    pub limit: Option<Money>,
}

/// Plaid's account type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// Checking, savings and the like.
    Depository,
    /// Credit card or line of credit.
    Credit,
    /// Mortgage, student, auto or other loan.
    Loan,
    /// Brokerage or retirement.
    Investment,
    /// None of the others.
    Other,
}

impl AccountType {
    /// The word Plaid uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Depository => "depository",
            Self::Credit => "credit",
            Self::Loan => "loan",
            Self::Investment => "investment",
            Self::Other => "other",
        }
    }
}

/// One movement on one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// Unique within the household.
    pub id: String,
    /// The account it is on.
    pub account_id: String,
    /// Positive is money out of the account.
    pub amount: Money,
    /// The day it happened; pending from here.
    pub date: Date,
    /// The day it is booked; never before `date`.
    pub posted_on: Date,
    /// The bank's raw text.
    pub name: String,
    /// The cleaned merchant, where known.
    pub merchant: Option<String>,
    /// Plaid's detailed personal finance category.
    pub category: String,
    /// While pending the amount was this one, until the given day (a tip, a fuel hold).
    pub held: Option<Hold>,
}

/// A pending amount that was corrected before the transaction posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The amount first held.
    pub amount: Money,
    /// The day the pending amount was corrected; after `date` and before `posted_on`.
    pub corrected_on: Date,
}

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

/// What the person saves for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goal {
    /// Unique within the household.
    pub id: String,
    /// Name shown to the user.
    pub name: String,
    /// The amount aimed at.
    pub target: Money,
    /// What is put aside so far.
    pub saved: Money,
}

/// Terms of one debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liability {
    /// The account that carries it.
    pub account_id: String,
    /// Whether it is a card, a student loan or a mortgage.
    pub kind: LiabilityKind,
    /// Purchase rate of a card, or the loan's rate, in percent.
    pub apr: Decimal,
    /// Rate of cash advances.
    pub cash_apr: Option<Decimal>,
    /// Rate of transferred balances.
    pub balance_transfer_apr: Option<Decimal>,
    /// Minimum payment of a month.
    pub minimum: Money,
    /// The last payment.
    pub last_payment: Option<Money>,
    /// When the next payment is due.
    pub next_due_on: Option<Date>,
    /// Whether a payment is late.
    pub overdue: bool,
}

/// Kinds of debt that Plaid keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiabilityKind {
    /// A credit card.
    Credit,
    /// A student loan.
    Student,
    /// A mortgage.
    Mortgage,
}

/// One position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The account that holds it.
    pub account_id: String,
    /// Ticker.
    pub symbol: String,
    /// Name of the security.
    pub name: Option<String>,
    /// Units held.
    pub quantity: Decimal,
    /// Price of a unit.
    pub price: Decimal,
    /// The day of the price.
    pub priced_on: Option<Date>,
    /// What was paid for the whole position.
    pub cost_basis: Option<Decimal>,
    /// Currency of price and cost.
    pub currency: Currency,
    /// Whether it is cash in all but name.
    pub cash_equivalent: bool,
}
