//! Fills in what a file of mere transactions does not say: subscriptions and bills are the recurring streams that
//! `finance` finds in it; how their providers behave comes from [`super::defaults`].

use finance::category::Category;
use finance::recurrence::{self, Stream, StreamKind};
use finance::transaction::{ProviderCategory, Transaction as Movement};
use jiff::civil::Date;
use money::{Money, MoneyError, Rounding};

use super::categories::primary_of;
use super::defaults;
use super::model::{Household, Transaction};
use super::services::{Bill, BillKind, Plan, Subscription, SubscriptionStatus, Tier, Usage};
use crate::calendar::{Cadence, plus_days};
use crate::hash::number_of;

/// Adds what is missing.
///
/// # Errors
/// [`MoneyError`] when prices are too large to compute with.
pub(super) fn complete(household: &mut Household) -> Result<(), MoneyError> {
    let movements: Vec<Movement> =
        household.transactions.iter().map(|one| movement(one, household.as_of)).collect();
    for stream in recurrence::detect(&movements, household.as_of) {
        let Some((cadence, next)) = rhythm(&stream, household.as_of).filter(|_| is_charge(&stream)) else {
            continue;
        };
        match (stream.kind, bill_kind(stream.category)) {
            (StreamKind::Bill, Some(kind)) => add_bill(household, &stream, kind, cadence, next)?,
            // A bank's fee comes round like a subscription, but nobody lets one cancel it.
            (StreamKind::Subscription, _) if stream.category != Category::Fees => {
                add_subscription(household, &stream, cadence, next)?;
            }
            _ => {}
        }
    }
    household.gigs = defaults::gigs(household.currency);
    household.person = defaults::person();
    Ok(())
}

/// A movement as the algorithms see it on `as_of`.
#[must_use]
pub fn movement(one: &Transaction, as_of: Date) -> Movement {
    Movement {
        id: one.id.clone(),
        account_id: one.account_id.clone(),
        date: one.date.max(one.posted_on.min(as_of)),
        authorized_date: Some(one.date),
        amount: one.amount,
        description: one.name.clone(),
        merchant: one.merchant.clone(),
        category: Some(ProviderCategory {
            primary: primary_of(&one.category).to_owned(),
            detailed: Some(one.category.clone()),
        }),
        pending: one.posted_on > as_of,
        pending_transaction_id: None,
    }
}

fn is_charge(stream: &Stream) -> bool {
    stream.is_active() && stream.direction == recurrence::Direction::Outflow && stream.last.is_positive()
}

/// Cadence and next date; none for rhythms that no provider of the sandbox bills in.
fn rhythm(stream: &Stream, as_of: Date) -> Option<(Cadence, Date)> {
    let cadence = match stream.cadence {
        recurrence::Cadence::Weekly => Cadence::Weekly,
        recurrence::Cadence::Biweekly => Cadence::Biweekly,
        recurrence::Cadence::Monthly => Cadence::Monthly,
        recurrence::Cadence::Quarterly => Cadence::Quarterly,
        recurrence::Cadence::Annual => Cadence::Annual,
        recurrence::Cadence::SemiMonthly | recurrence::Cadence::SemiAnnual | recurrence::Cadence::Unknown => {
            return None;
        }
    };
    Some((cadence, cadence.next_after(stream.next_expected.unwrap_or(stream.last_date), as_of)))
}

fn bill_kind(category: Category) -> Option<BillKind> {
    match category {
        Category::Internet => Some(BillKind::Internet),
        Category::Cable => Some(BillKind::Cable),
        Category::Phone => Some(BillKind::Phone),
        Category::Insurance => Some(BillKind::Insurance),
        _ => None,
    }
}

fn add_bill(
    household: &mut Household,
    stream: &Stream,
    kind: BillKind,
    cadence: Cadence,
    next_charge_on: Date,
) -> Result<(), MoneyError> {
    let id = format!("bill_{}", slug(&stream.merchant_key));
    let bill = Bill {
        id: id.clone(),
        kind,
        provider: stream.merchant.clone(),
        descriptor: descriptor(household, stream),
        account_id: stream.account_id.clone(),
        account_mask: format!("{:04}", number_of(&[&household.user_id, &id]) % 10_000),
        plan: defaults::plan(kind),
        price: if stream.fixed_amount { stream.last } else { stream.average },
        cadence,
        next_charge_on,
        started_on: stream.first_date,
        contract_ends_on: None,
        early_termination_fee: None,
        promo_ends_on: None,
        price_after_promo: None,
        applied_offer: None,
    };
    household.retention.insert(id.clone(), defaults::retention(&bill)?);
    if !household.offers.iter().any(|offer| offer.kind == kind) {
        household.offers.push(defaults::offer(&bill)?);
    }
    household.bills.insert(id, bill);
    Ok(())
}

fn add_subscription(
    household: &mut Household,
    stream: &Stream,
    cadence: Cadence,
    next_charge_on: Date,
) -> Result<(), MoneyError> {
    let id = format!("sub_{}", slug(&stream.merchant_key));
    let subscription = Subscription {
        id: id.clone(),
        merchant: stream.merchant.clone(),
        descriptor: descriptor(household, stream),
        category: "subscription".to_owned(),
        account_id: stream.account_id.clone(),
        status: SubscriptionStatus::Active,
        plan: Plan { id: "standard".to_owned(), name: "Standard".to_owned(), attributes: Default::default() },
        price: stream.last,
        cadence,
        started_on: stream.first_date,
        trial_ends_on: None,
        next_charge_on: Some(next_charge_on),
        access_until: None,
        usage: usage(household, &id, stream.first_date),
        tiers: vec![Tier {
            id: "basic".to_owned(),
            name: "Basic".to_owned(),
            price: basic_price(stream.last)?,
        }],
        restorable_until: None,
    };
    household.subscriptions.insert(id, subscription);
    Ok(())
}

/// Two fifths off.
fn basic_price(price: Money) -> Result<Money, MoneyError> {
    price.basis_points(6_000, Rounding::HalfUp)
}

/// Made up: how long ago a service was used is drawn from its id, between today and five months back, and not before
/// it was first paid.
fn usage(household: &Household, id: &str, started_on: Date) -> Usage {
    let days_ago = i32::try_from(number_of(&[&household.user_id, id, "usage"]) % 150).unwrap_or(0);
    Usage {
        last_used_on: Some(plus_days(household.as_of, -days_ago).max(started_on)),
        uses_last_90_days: u32::try_from((90 - days_ago).max(0) / 6).unwrap_or(0),
    }
}

/// The bank's text of the stream's latest charge.
fn descriptor(household: &Household, stream: &Stream) -> String {
    let latest = stream.transaction_ids.last();
    let charge = latest.and_then(|id| household.transactions.iter().find(|one| one.id == *id));
    charge.map_or_else(|| stream.merchant.clone(), |one| one.name.clone())
}

fn slug(text: &str) -> String {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}
