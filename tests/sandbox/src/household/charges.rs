//! The transactions that subscriptions and bills leave on their accounts: one rule for the past and for what comes
//! as the clock moves.

use jiff::civil::Date;
use money::Money;

use super::model::Transaction;
use super::services::{Bill, BillKind, Subscription};
use crate::calendar::plus_days;

/// The charge of a subscription on `date`.
#[must_use]
pub fn subscription_charge(subscription: &Subscription, price: Money, date: Date) -> Transaction {
    Transaction {
        id: format!("txn_{}_{date}", subscription.id),
        account_id: subscription.account_id.clone(),
        amount: price,
        date,
        posted_on: plus_days(date, 1),
        name: subscription.descriptor.clone(),
        merchant: Some(subscription.merchant.clone()),
        category: subscription_category(&subscription.category).to_owned(),
        held: None,
    }
}

/// The charge of a bill on `date`.
#[must_use]
pub fn bill_charge(bill: &Bill, price: Money, date: Date) -> Transaction {
    Transaction {
        id: format!("txn_{}_{date}", bill.id),
        account_id: bill.account_id.clone(),
        amount: price,
        date,
        posted_on: plus_days(date, 1),
        name: bill.descriptor.clone(),
        merchant: Some(bill.provider.clone()),
        category: bill_category(bill.kind).to_owned(),
        held: None,
    }
}

/// Plaid's detailed category of a subscription's charge.
fn subscription_category(category: &str) -> &'static str {
    match category {
        "video_streaming" => "ENTERTAINMENT_TV_AND_MOVIES",
        "music" | "audiobooks" => "ENTERTAINMENT_MUSIC_AND_AUDIO",
        "games" => "ENTERTAINMENT_VIDEO_GAMES",
        "fitness" => "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS",
        "meal_kit" => "FOOD_AND_DRINK_GROCERIES",
        "news" => "GENERAL_MERCHANDISE_BOOKSTORES_AND_NEWSSTANDS",
        "software" | "cloud_storage" => "GENERAL_SERVICES_OTHER_GENERAL_SERVICES",
        _ => "ENTERTAINMENT_OTHER_ENTERTAINMENT",
    }
}

/// Plaid's detailed category of a bill's charge.
fn bill_category(kind: BillKind) -> &'static str {
    match kind {
        BillKind::Internet | BillKind::Cable => "RENT_AND_UTILITIES_INTERNET_AND_CABLE",
        BillKind::Phone => "RENT_AND_UTILITIES_TELEPHONE",
        BillKind::Insurance => "GENERAL_SERVICES_INSURANCE",
    }
}
