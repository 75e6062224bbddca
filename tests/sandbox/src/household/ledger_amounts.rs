//! What the postings of a transaction come to in the ledger's operating currency.

use beancount_parser::{Posting, PostingPrice};
use rust_decimal::Decimal;

/// Each posting's amount in the operating currency; none where it is in something else. A posting without an amount gets
/// what balances the rest.
pub(super) fn amounts(postings: &[Posting<Decimal>], operating: &str) -> Vec<Option<Decimal>> {
    let rest: Decimal = postings.iter().filter_map(|posting| weight(posting, operating)).sum();
    let amount = |posting: &Posting<Decimal>| match &posting.amount {
        None => Some(-rest),
        Some(amount) if amount.currency.as_str() == operating => Some(amount.value),
        Some(_) => None,
    };
    postings.iter().map(amount).collect()
}

/// What a posting weighs in the operating currency when its transaction is balanced.
fn weight(posting: &Posting<Decimal>, operating: &str) -> Option<Decimal> {
    let amount = posting.amount.as_ref()?;
    if let Some(cost) = posting.cost.as_ref().and_then(|cost| cost.amount.as_ref()) {
        return (cost.currency.as_str() == operating).then(|| amount.value * cost.value);
    }
    match &posting.price {
        Some(PostingPrice::Unit(price)) if price.currency.as_str() == operating => {
            Some(amount.value * price.value)
        }
        // A total price is written without a sign: it goes the way the units go.
        Some(PostingPrice::Total(total)) if total.currency.as_str() == operating => {
            Some(if amount.value.is_sign_negative() { -total.value } else { total.value })
        }
        _ => (amount.currency.as_str() == operating).then_some(amount.value),
    }
}
