//! Spending and income of a household: each transaction once, in the category it counts in.
//!
//! What one transaction alone cannot tell: money moved between the household's own accounts is neither
//! spending nor income, money back from a merchant reduces what was spent there, and money arriving on a card
//! is its payment.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{Currency, Money};

use crate::category::{self, Category, Evidence};
use crate::merchant::{self, Merchant};
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
    let known: Vec<Known<'a>> = transaction::settled(transactions).into_iter().map(Known::of).collect();
    let spent = spent_at(&known);
    let moved = Moved::new(&known);
    known
        .iter()
        .filter(|one| one.transaction.amount.currency == currency)
        .filter(|one| (from..=to).contains(&one.transaction.effective_date()))
        .map(|one| flow(one, accounts, &spent, &moved))
        .collect()
}

/// What one transaction alone tells.
struct Known<'a> {
    transaction: &'a Transaction,
    merchant: Merchant,
    category: Category,
    evidence: Evidence,
}

impl<'a> Known<'a> {
    fn of(transaction: &'a Transaction) -> Self {
        let merchant = merchant::merchant(transaction);
        let (category, evidence) = category::explain_at(transaction, &merchant);
        Self { transaction, merchant, category, evidence }
    }
}

/// Merchants money was spent at, and the category it counted in.
fn spent_at<'k>(known: &'k [Known<'_>]) -> BTreeMap<&'k str, Category> {
    let spending = known.iter().filter(|one| one.transaction.is_outflow() && one.category.is_spending());
    // Not collected: to collect a map sorts (see `order`).
    let mut spent = BTreeMap::new();
    spent.extend(spending.map(|one| (one.merchant.key.as_str(), one.category)));
    spent
}

fn flow<'a>(
    known: &Known<'a>,
    accounts: &[Account],
    spent: &BTreeMap<&str, Category>,
    moved: &Moved<'_>,
) -> Flow<'a> {
    let Known { transaction, merchant, category: own, evidence } = known;
    let guessed = *evidence == Evidence::Direction;
    let bought = spent.get(merchant.key.as_str()).copied();
    // An employer is named an income; a shop whose money comes back is not.
    let named_income = *own == Category::Income && !guessed;
    let refund = if transaction.amount.is_negative() && !named_income { bought } else { None };
    let on_card =
        || accounts.iter().any(|one| one.id == transaction.account_id && one.kind == AccountKind::Credit);
    let category = match (*own, refund) {
        (named @ (Category::Transfer | Category::CardPayment), _) => named,
        (_, Some(bought)) => bought,
        (Category::Income, None) if on_card() => Category::CardPayment,
        (_, None) if guessed && moved.has_other_side(transaction) => Category::Transfer,
        (own, None) => own,
    };
    Flow {
        transaction,
        category,
        merchant_key: merchant.key.clone(),
        merchant: merchant.name.clone(),
        amount: transaction.amount,
        refund: refund.is_some() && category.is_spending(),
    }
}

/// The movements by size, to find the other side of a transfer.
struct Moved<'a>(BTreeMap<i64, Vec<&'a Transaction>>);

impl<'a> Moved<'a> {
    fn new(known: &[Known<'a>]) -> Self {
        let mut by_size: BTreeMap<i64, Vec<&'a Transaction>> = BTreeMap::new();
        for one in known {
            by_size.entry(one.transaction.amount.minor).or_default().push(one.transaction);
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
