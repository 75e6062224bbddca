//! Spells out the past of a household that its file only describes: rules, subscriptions and bills become dated
//! transactions, the same ones every time.

use jiff::civil::Date;
use money::{Money, Rounding};

use super::charges::{bill_charge, subscription_charge};
use super::error::HouseholdError;
use super::model::Transaction;
use super::own::Reader;
use super::own_format::{FileBill, FileRule, FileSubscription};
use super::services::{Bill, Subscription};
use crate::calendar::{Cadence, plus_days};
use crate::hash::number_of;

/// Months of history that are spelt out.
const MONTHS_BACK: i32 = 15;
/// Days beyond the last date for which rules go on, so that the clock has something to meet.
const DAYS_AHEAD: i32 = 400;

/// The movements of a rule.
pub(super) fn rule(reader: &Reader<'_>, rule: &FileRule) -> Result<Vec<Transaction>, HouseholdError> {
    if rule.payees.is_empty() {
        return Err(reader.at(&rule.id, format!("rule `{}` needs at least one payee", rule.id.value)));
    }
    let amount = reader.money(&rule.amount)?;
    let vary = reader.optional_money(rule.vary.as_ref())?;
    let prices = reader.prices(&rule.prices)?;
    let account_id = reader.account_id(&rule.account)?;
    let from = rule.from.unwrap_or_else(|| history_start(reader.as_of));
    let until = rule.until.unwrap_or_else(|| plus_days(reader.as_of, DAYS_AHEAD));
    let mut movements = Vec::new();
    for due in rule.every.dates(rule.on, from, until) {
        if rule.skip.contains(&due) {
            continue;
        }
        let date = plus_days(due, drawn(&rule.id.value, due, "drift", i64::from(rule.drift_days)));
        let payee = &rule.payees[index(&rule.id.value, due, rule.payees.len())];
        let varied = varied(price_on(&prices, amount, due), vary, &rule.id.value, due);
        let out = Transaction {
            id: format!("txn_{}_{due}", rule.id.value),
            account_id: account_id.clone(),
            amount: varied.map_err(|error| reader.at(&rule.amount, error.to_string()))?,
            date,
            posted_on: plus_days(date, i32::from(rule.posts_after)),
            name: payee.name.clone(),
            merchant: payee.merchant.clone(),
            category: rule.category.clone(),
            held: None,
        };
        movements.extend(reader.with_other_leg(out, rule.to_account.as_ref())?);
    }
    Ok(movements)
}

/// The charges a subscription has left so far; a trial leaves at most the one that started it.
pub(super) fn subscription(
    reader: &Reader<'_>,
    file: &FileSubscription,
    subscription: &Subscription,
) -> Result<Vec<Transaction>, HouseholdError> {
    if file.trial_ends_on.is_some() {
        let charge = reader.optional_money(file.trial_charge.as_ref())?;
        let charged = charge.map(|amount| subscription_charge(subscription, amount, file.started_on));
        return Ok(charged.into_iter().collect());
    }
    let prices = reader.prices(&file.prices)?;
    Ok(past_dates(reader.as_of, file.cadence, file.next_charge_on.value, file.started_on)
        .into_iter()
        .map(|date| subscription_charge(subscription, price_on(&prices, subscription.price, date), date))
        .collect())
}

/// The charges a bill has left so far.
pub(super) fn bill(
    reader: &Reader<'_>,
    file: &FileBill,
    bill: &Bill,
) -> Result<Vec<Transaction>, HouseholdError> {
    let prices = reader.prices(&file.prices)?;
    Ok(past_dates(reader.as_of, file.cadence, file.next_charge_on.value, file.started_on)
        .into_iter()
        .map(|date| bill_charge(bill, price_on(&prices, bill.price, date), date))
        .collect())
}

fn past_dates(as_of: Date, cadence: Cadence, next: Date, started_on: Date) -> Vec<Date> {
    cadence.dates(next, started_on.max(history_start(as_of)), as_of)
}

fn history_start(as_of: Date) -> Date {
    Cadence::Monthly.nth(as_of, -MONTHS_BACK)
}

/// The price that held on `date`; `now` is the present one.
fn price_on(prices: &[(Date, Money)], now: Money, date: Date) -> Money {
    prices.iter().find(|(before, _)| date < *before).map_or(now, |(_, price)| *price)
}

/// `amount` give or take at most `vary`, the same for the same rule and date.
fn varied(amount: Money, vary: Option<Money>, rule: &str, date: Date) -> Result<Money, money::MoneyError> {
    let Some(vary) = vary else { return Ok(amount) };
    let per_mille = i64::from(drawn(rule, date, "vary", 2_000)) - 1_000;
    amount.add(vary.ratio(per_mille, 1_000, Rounding::HalfUp)?)
}

/// A number in `0..=most`, the same for the same rule, date and purpose.
fn drawn(rule: &str, date: Date, purpose: &str, most: i64) -> i32 {
    let most = most.unsigned_abs();
    i32::try_from(number_of(&[rule, &date.to_string(), purpose]) % (most + 1)).unwrap_or(0)
}

fn index(rule: &str, date: Date, length: usize) -> usize {
    let most = i64::try_from(length).unwrap_or(1) - 1;
    usize::try_from(drawn(rule, date, "payee", most)).unwrap_or(0)
}
