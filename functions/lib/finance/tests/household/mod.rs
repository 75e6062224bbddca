//! Transactions and accounts for tests, in one line each.
#![expect(dead_code, reason = "every test file uses another part")]

use finance::transaction::{Account, AccountKind, Transaction};
use jiff::civil::Date;
use money::{Currency, Money};

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

/// A posted transaction on `checking`; the id is made of day, text and amount.
pub fn tx(date: &str, description: &str, amount: &str) -> Transaction {
    Transaction {
        id: format!("{date}/{description}/{amount}"),
        account_id: "checking".to_owned(),
        date: day(date),
        authorized_date: None,
        amount: usd(amount),
        description: description.to_owned(),
        merchant: None,
        category: None,
        pending: false,
        pending_transaction_id: None,
    }
}

/// The same merchant and amount on several days.
pub fn every(days: &[&str], description: &str, amount: &str) -> Vec<Transaction> {
    days.iter().map(|date| tx(date, description, amount)).collect()
}

/// Days in the months of 2025 from `first` to `last`, on the day of the month given.
pub fn months(first: u8, last: u8, day_of_month: u8) -> Vec<String> {
    (first..=last).map(|month| format!("2025-{month:02}-{day_of_month:02}")).collect()
}

pub fn monthly(first: u8, last: u8, day_of_month: u8, description: &str, amount: &str) -> Vec<Transaction> {
    months(first, last, day_of_month).iter().map(|date| tx(date, description, amount)).collect()
}

pub fn account(id: &str, kind: AccountKind, current: &str) -> Account {
    Account {
        id: id.to_owned(),
        name: id.to_owned(),
        kind,
        available: None,
        current: usd(current),
        limit: None,
    }
}
