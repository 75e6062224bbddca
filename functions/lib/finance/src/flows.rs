//! Spending and income of a household: each transaction once, in the category it counts in.
//!
//! What one transaction alone cannot tell: money moved between the household's own accounts is neither
//! spending nor income, money back from a merchant reduces what was spent there, and money arriving on a card
//! is its payment.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{Currency, Money};

use crate::category::{self, Category, Evidence};
use crate::merchant;
use crate::transaction::{self, Account, AccountKind, Transaction, days_between};

/// One transaction as the household's books see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow<'a> {
    /// The transaction.
    pub transaction: &'a Transaction,
    /// What it counts as.
    pub category: Category,
    /// Its merchant's key.
    pub merchant_key: String,
    /// Its merchant's name.
    pub merchant: String,
    /// Positive is spent, negative is received or refunded.
    pub amount: Money,
    /// Whether it is money back from a merchant.
    pub refund: bool,
}

impl Flow<'_> {
    /// The day it counts on.
    #[must_use]
    pub fn date(&self) -> Date {
        self.transaction.effective_date()
    }
}

/// How far apart the two sides of a transfer between own accounts may be posted.
const TRANSFER_DAYS: i32 = 4;

/// The flows in one currency from `from` to `to`, both included, in order of date.
///
/// The whole history is looked at to recognise refunds and transfers.
#[must_use]
pub fn flows<'a>(
    transactions: &'a [Transaction],
    accounts: &[Account],
    currency: Currency,
    (from, to): (Date, Date),
) -> Vec<Flow<'a>> {
    let settled = transaction::settled(transactions);
    let spent = spent_at(&settled);
    let moved = Moved::new(&settled);
    settled
        .iter()
        .filter(|one| one.amount.currency == currency && (from..=to).contains(&one.effective_date()))
        .map(|one| flow(one, accounts, &spent, &moved))
        .collect()
}

/// Merchants money was spent at, and the category it counted in.
fn spent_at(settled: &[&Transaction]) -> BTreeMap<String, Category> {
    let spending = settled.iter().filter(|one| one.is_outflow());
    spending.map(|one| (merchant::key(one), category::categorise(one))).collect()
}

fn flow<'a>(
    transaction: &'a Transaction,
    accounts: &[Account],
    spent: &BTreeMap<String, Category>,
    moved: &Moved<'_>,
) -> Flow<'a> {
    let merchant = merchant::merchant(transaction);
    let (own, evidence) = category::explain(transaction);
    let inflow = transaction.amount.is_negative();
    let bought = spent.get(&merchant.key).copied().filter(|bought| bought.is_spending());
    // An employer is named an income; a shop whose money comes back is not.
    let refund = inflow && bought.is_some() && !(own == Category::Income && evidence != Evidence::Direction);
    let on_card =
        accounts.iter().any(|one| one.id == transaction.account_id && one.kind == AccountKind::Credit);
    let category = match (own, bought) {
        (named, _) if !named.is_spending() && named != Category::Income => named,
        (_, Some(bought)) if refund => bought,
        (Category::Income, _) if on_card => Category::CardPayment,
        (uncertain, _) if evidence == Evidence::Direction && moved.has_other_side(transaction) => {
            if uncertain.is_spending() || uncertain == Category::Income {
                Category::Transfer
            } else {
                uncertain
            }
        }
        (own, _) => own,
    };
    let refund = refund && category.is_spending();
    Flow {
        transaction,
        category,
        merchant_key: merchant.key,
        merchant: merchant.name,
        amount: transaction.amount,
        refund,
    }
}

/// The movements by size, to find the other side of a transfer.
struct Moved<'a>(BTreeMap<i64, Vec<&'a Transaction>>);

impl<'a> Moved<'a> {
    fn new(settled: &[&'a Transaction]) -> Self {
        let mut by_size: BTreeMap<i64, Vec<&'a Transaction>> = BTreeMap::new();
        for one in settled {
            by_size.entry(one.amount.minor).or_default().push(one);
        }
        Self(by_size)
    }

    fn has_other_side(&self, one: &Transaction) -> bool {
        let opposite = one.amount.minor.checked_neg().and_then(|minor| self.0.get(&minor));
        opposite.is_some_and(|others| {
            others.iter().any(|other| {
                other.account_id != one.account_id
                    && other.amount.currency == one.amount.currency
                    && days_between(one.date, other.date).is_some_and(|days| days.abs() <= TRANSFER_DAYS)
            })
        })
    }
}
