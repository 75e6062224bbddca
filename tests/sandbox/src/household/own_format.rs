//! The project's own household format, as it stands in the YAML file. Documented in `households/README.md`;
//! turned into a [`Household`](super::model::Household) by `own.rs`.

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::model::{AccountType, Address, LiabilityKind};
use super::services::{BillKind, HoursRange, MoveKind, OfferType, Person, Plan, Slot, Usage};
use crate::calendar::Cadence;

/// Text with the line it stands on.
pub(super) type Text = Spanned<String>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Version of the format: 1.
    pub household: Spanned<u32>,
    pub user_id: String,
    pub name: String,
    pub currency: Text,
    pub as_of: Date,
    #[serde(default)]
    pub address: Address,
    #[serde(default)]
    pub person: Person,
    pub accounts: Vec<FileAccount>,
    #[serde(default)]
    pub goals: Vec<FileGoal>,
    #[serde(default)]
    pub liabilities: Vec<FileLiability>,
    #[serde(default)]
    pub holdings: Vec<FileHolding>,
    #[serde(default)]
    pub rules: Vec<FileRule>,
    #[serde(default)]
    pub transactions: Vec<FileTransaction>,
    #[serde(default)]
    pub subscriptions: Vec<FileSubscription>,
    #[serde(default)]
    pub bills: Vec<FileBill>,
    #[serde(default)]
    pub offers: Vec<FileOffer>,
    #[serde(default)]
    pub gigs: Vec<FileGig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileAccount {
    pub id: Text,
    pub name: String,
    pub official_name: Option<String>,
    pub r#type: AccountType,
    pub subtype: String,
    pub mask: Option<String>,
    pub balance: Text,
    pub available: Option<Text>,
    pub limit: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileGoal {
    pub id: String,
    pub name: String,
    pub target: Text,
    pub saved: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileLiability {
    pub account: Text,
    pub kind: LiabilityKind,
    pub apr: Text,
    pub cash_apr: Option<Text>,
    pub balance_transfer_apr: Option<Text>,
    pub minimum: Text,
    pub last_payment: Option<Text>,
    pub next_due_on: Option<Date>,
    #[serde(default)]
    pub overdue: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileHolding {
    pub account: Text,
    pub symbol: String,
    pub name: Option<String>,
    pub quantity: Text,
    pub price: Text,
    pub priced_on: Option<Date>,
    pub cost_basis: Option<Text>,
    #[serde(default)]
    pub cash_equivalent: bool,
}

/// A movement that comes round.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRule {
    pub id: Text,
    pub account: Text,
    /// The other leg, when money moves between two accounts of the household.
    pub to_account: Option<Text>,
    /// One or more merchants; several take turns.
    pub payees: Vec<Payee>,
    pub category: String,
    pub amount: Text,
    pub every: Cadence,
    /// A date of the series.
    pub on: Date,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// Each amount differs from `amount` by at most this much.
    pub vary: Option<Text>,
    /// Each date is late by at most this many days.
    #[serde(default)]
    pub drift_days: u8,
    /// Days a movement is pending.
    #[serde(default = "one")]
    pub posts_after: u8,
    /// Earlier amounts.
    #[serde(default)]
    pub prices: Vec<FilePrice>,
    /// Dates of the series that were missed.
    #[serde(default)]
    pub skip: Vec<Date>,
}

/// Whom a movement names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payee {
    pub name: String,
    pub merchant: Option<String>,
}

/// A price that held before a date.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePrice {
    pub before: Date,
    pub price: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTransaction {
    pub account: Text,
    pub to_account: Option<Text>,
    pub date: Date,
    pub posted_on: Option<Spanned<Date>>,
    pub name: String,
    pub merchant: Option<String>,
    pub category: String,
    pub amount: Text,
    pub held: Option<FileHold>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileHold {
    pub amount: Text,
    pub corrected_on: Date,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSubscription {
    pub id: Text,
    pub merchant: String,
    pub descriptor: String,
    pub category: String,
    pub account: Text,
    pub plan: Plan,
    pub price: Text,
    pub cadence: Cadence,
    pub started_on: Date,
    pub trial_ends_on: Option<Spanned<Date>>,
    /// What was charged to start the trial.
    pub trial_charge: Option<Text>,
    pub next_charge_on: Spanned<Date>,
    #[serde(default)]
    pub usage: Usage,
    #[serde(default)]
    pub tiers: Vec<FileTier>,
    /// Earlier prices.
    #[serde(default)]
    pub prices: Vec<FilePrice>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTier {
    pub id: String,
    pub name: String,
    pub price: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileBill {
    pub id: Text,
    pub kind: BillKind,
    pub provider: String,
    pub descriptor: String,
    pub account: Text,
    pub account_mask: String,
    pub plan: Plan,
    pub price: Text,
    #[serde(default = "monthly")]
    pub cadence: Cadence,
    pub next_charge_on: Spanned<Date>,
    pub started_on: Date,
    pub contract_ends_on: Option<Date>,
    pub early_termination_fee: Option<Text>,
    pub promo_ends_on: Option<Date>,
    pub price_after_promo: Option<Text>,
    /// Earlier prices.
    #[serde(default)]
    pub prices: Vec<FilePrice>,
    pub retention: Option<FileRetention>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRetention {
    pub pin: Option<String>,
    #[serde(default)]
    pub rounds: Vec<FileRound>,
    pub refusal: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRound {
    pub on: Spanned<Vec<MoveKind>>,
    pub objection: Option<FileObjection>,
    pub offer: Option<FileTerms>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileObjection {
    pub code: String,
    pub text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTerms {
    pub text: String,
    pub id: String,
    pub r#type: OfferType,
    pub price: Text,
    pub plan: Option<Plan>,
    #[serde(default)]
    pub contract_months: u32,
    pub promo_months: Option<u32>,
    /// Without one, what the bill costs without the offer.
    pub price_after_promo: Option<Text>,
    pub fee: Option<Text>,
    #[serde(default = "fortnight")]
    pub valid_days: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileOffer {
    pub id: Text,
    pub kind: BillKind,
    pub provider: String,
    pub plan: Plan,
    pub price: Text,
    #[serde(default)]
    pub contract_months: u32,
    pub promo_months: Option<u32>,
    pub price_after_promo: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileGig {
    pub id: String,
    pub title: String,
    pub platform: String,
    pub pay_per_hour: Text,
    pub hours_per_week: HoursRange,
    pub schedule: Vec<Slot>,
    #[serde(default)]
    pub skills: Vec<String>,
    #[serde(default)]
    pub requirements: Vec<String>,
    #[serde(default)]
    pub remote: bool,
    pub days_to_first_pay: u32,
    pub start_cost: Text,
    pub start_guide: String,
    pub steps: Vec<String>,
}

fn one() -> u8 {
    1
}

fn fortnight() -> u32 {
    14
}

fn monthly() -> Cadence {
    Cadence::Monthly
}
