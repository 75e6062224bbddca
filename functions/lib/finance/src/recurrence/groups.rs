//! Which charges can belong together: one currency, one direction, one merchant, one account or its
//! successor.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Direction;
use crate::category::{self, Category};
use crate::merchant::{self, Merchant};
use crate::order::sort_by;
use crate::transaction::{Transaction, days_between};

/// A charge or deposit, with what the fitting needs at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge<'a> {
    /// The transaction.
    pub transaction: &'a Transaction,
    /// The day it happened.
    pub date: Date,
    /// The same, as days since 1970.
    pub day: i32,
    /// Amount without its sign, in minor units.
    pub minor: i64,
}

/// Charges that may be one stream or several, oldest first.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The merchant.
    pub merchant: Merchant,
    /// Which way the money goes.
    pub direction: Direction,
    /// Category of the latest charge.
    pub category: Category,
    /// Oldest first.
    pub charges: Vec<Charge<'a>>,
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// How long before a refund its charge can lie.
const REFUND_DAYS: i32 = 60;

/// Sorts the transactions up to `as_of` into groups.
pub(super) fn group<'a>(settled: &[&'a Transaction], as_of: Date) -> Vec<Group<'a>> {
    let mut merchants: BTreeMap<(Merchant, money::Currency), Sides<'a>> = BTreeMap::new();
    for transaction in settled.iter().filter(|one| one.effective_date() <= as_of) {
        let Some(charge) = charge(transaction) else {
            continue;
        };
        let merchant = merchant::merchant(transaction);
        if merchant.key.is_empty() {
            continue;
        }
        let sides = merchants.entry((merchant, transaction.amount.currency)).or_default();
        // A zero amount is how a free trial is authorised: a charge.
        if transaction.amount.is_negative() {
            sides.inflows.push(charge);
        } else {
            sides.outflows.push(charge);
        }
    }
    merchants.into_iter().flat_map(|((merchant, _), sides)| sides.groups(&merchant)).collect()
}

fn charge(transaction: &Transaction) -> Option<Charge<'_>> {
    let date = transaction.effective_date();
    let minor = transaction.amount.abs().ok()?.minor;
    Some(Charge { transaction, date, day: days_between(EPOCH, date)?, minor })
}

#[derive(Default)]
struct Sides<'a> {
    inflows: Vec<Charge<'a>>,
    outflows: Vec<Charge<'a>>,
}

impl<'a> Sides<'a> {
    fn groups(mut self, merchant: &Merchant) -> Vec<Group<'a>> {
        self.drop_refunded_duplicates();
        // Money back from a shop is a refund, not an income.
        if self.outflows.len() >= self.inflows.len() {
            self.inflows.clear();
        }
        let group = |direction, charges: Vec<Charge<'a>>| {
            let category =
                charges.last().map_or(Category::Other, |last| category::categorise(last.transaction));
            Group { merchant: merchant.clone(), direction, category, charges }
        };
        let out = by_account(self.outflows).into_iter().map(|charges| group(Direction::Outflow, charges));
        let into = by_account(self.inflows).into_iter().map(|charges| group(Direction::Inflow, charges));
        out.chain(into).collect()
    }

    /// Of two equal charges within a week, the later goes when it was refunded: it was a mistake, not a
    /// rhythm.
    fn drop_refunded_duplicates(&mut self) {
        for refund in &self.inflows {
            let refunded = self.outflows.iter().rposition(|charge| {
                charge.minor == refund.minor && (0..=REFUND_DAYS).contains(&(refund.day - charge.day))
            });
            let Some(at) = refunded else { continue };
            let (day, minor) = (self.outflows[at].day, self.outflows[at].minor);
            let twin =
                self.outflows.iter().enumerate().any(|(other, charge)| {
                    other != at && charge.minor == minor && (charge.day - day).abs() <= 7
                });
            if twin {
                self.outflows.remove(at);
            }
        }
    }
}

/// Splits charges by account, and joins an account that begins after another ended: the card was re-issued.
fn by_account(charges: Vec<Charge<'_>>) -> Vec<Vec<Charge<'_>>> {
    let mut accounts: BTreeMap<&str, Vec<Charge<'_>>> = BTreeMap::new();
    for charge in charges {
        accounts.entry(charge.transaction.account_id.as_str()).or_default().push(charge);
    }
    let mut in_order: Vec<Vec<Charge<'_>>> = accounts.into_values().collect();
    let begins = |charges: &[Charge<'_>]| charges.first().map_or(0, |first| first.day);
    sort_by(&mut in_order, |a, b| begins(a).cmp(&begins(b)));
    let mut chains: Vec<Vec<Charge<'_>>> = Vec::new();
    for charges in in_order {
        let starts = begins(&charges);
        let follows = |chain: &&mut Vec<Charge<'_>>| chain.last().is_some_and(|last| last.day < starts);
        match chains.iter_mut().find(follows) {
            Some(chain) => chain.extend(charges),
            None => chains.push(charges),
        }
    }
    chains
}
