//! The feed of transaction changes that `/transactions/sync` pages through.
//!
//! The feed is computed, not stored: what is known on the household's date comes first, then every later change in
//! order of its day. The clock only moves forward, so a longer feed always starts with the shorter one, and a cursor
//! is a plain position.

use jiff::civil::Date;

use super::accounts::movements;
use super::state::World;
use crate::household::{Household, Transaction};

/// One change of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new transaction; `pending` is the id of the pending one it replaces, when it is booked.
    Added {
        /// The transaction.
        transaction: Transaction,
        /// Whether it is still pending.
        pending: bool,
        /// The pending one it replaces.
        replaces: Option<String>,
    },
    /// A pending transaction whose amount was corrected.
    Modified {
        /// The transaction with its new amount.
        transaction: Transaction,
    },
    /// A pending transaction that was replaced.
    Removed {
        /// Its id.
        id: String,
        /// Its account.
        account_id: String,
    },
}

/// The id under which a transaction is known while it is pending.
#[must_use]
pub fn pending_id(id: &str) -> String {
    format!("{id}_pending")
}

/// The feed on the clock's day.
#[must_use]
pub fn changes(world: &World, household: &Household) -> Vec<Change> {
    let mut dated: Vec<(Date, &str, u8, Change)> = Vec::new();
    for one in movements(world, household).filter(|one| one.date <= world.clock) {
        dated.extend(
            life_of(one, household.as_of)
                .into_iter()
                .enumerate()
                .filter(|(_, (day, _))| *day <= world.clock)
                .map(|(order, (day, change))| {
                    (
                        day.max(household.as_of),
                        one.id.as_str(),
                        u8::try_from(order).unwrap_or(u8::MAX),
                        change,
                    )
                }),
        );
    }
    // Within a day by transaction, and within a transaction in the order of its life; the first day by date.
    dated.sort_by(|a, b| (a.0, date_of(&a.3), a.1, a.2).cmp(&(b.0, date_of(&b.3), b.1, b.2)));
    dated.into_iter().map(|(.., change)| change).collect()
}

/// Only the first day of the feed holds transactions of many dates; later ones sort by id alone.
fn date_of(change: &Change) -> Option<Date> {
    match change {
        Change::Added { transaction, .. } | Change::Modified { transaction } => Some(transaction.date),
        Change::Removed { .. } => None,
    }
}

/// The days on which a transaction changes, for a feed that begins on `start`.
fn life_of(one: &Transaction, start: Date) -> Vec<(Date, Change)> {
    let booked = |replaces| Change::Added { transaction: one.clone(), pending: false, replaces };
    if one.posted_on <= start || one.posted_on == one.date {
        return vec![(one.posted_on, booked(None))];
    }
    let pending = Transaction { id: pending_id(&one.id), ..one.clone() };
    let as_added = |transaction| Change::Added { transaction, pending: true, replaces: None };
    let mut life = Vec::new();
    match one.held.as_ref().filter(|held| held.corrected_on > one.date && held.corrected_on < one.posted_on) {
        Some(held) if held.corrected_on > start => {
            life.push((one.date, as_added(Transaction { amount: held.amount, ..pending.clone() })));
            life.push((held.corrected_on, Change::Modified { transaction: pending.clone() }));
        }
        _ => life.push((one.date, as_added(pending.clone()))),
    }
    life.push((one.posted_on, Change::Removed { id: pending.id, account_id: one.account_id.clone() }));
    life.push((one.posted_on, booked(Some(pending_id(&one.id)))));
    life
}
