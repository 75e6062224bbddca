//! Accounts, items and amounts as Plaid writes them.

use money::Money;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::error::PlaidError;
use crate::household::{Account, Household};
use crate::store::Item;
use crate::world::{Balances, World, balances};

/// A decimal as a JSON number with just those digits.
pub(super) fn number(value: Decimal) -> Value {
    serde_json::from_str(&value.normalize().to_string()).unwrap_or(Value::Null)
}

/// An amount as a JSON number in whole units of its currency.
pub(super) fn amount(money: Money) -> Value {
    number(Decimal::new(money.minor, money.currency.exponent()))
}

/// An amount as [`amount`], or null.
pub(super) fn amount_or_null(money: Option<Money>) -> Value {
    money.map_or(Value::Null, amount)
}

/// The accounts of a household, or those of `ids`.
///
/// # Errors
/// `INVALID_ACCOUNT_ID` for an id that is not the household's.
pub(super) fn accounts(
    world: &World,
    household: &Household,
    ids: Option<&[String]>,
) -> Result<Vec<Value>, PlaidError> {
    if let Some(unknown) = ids.and_then(|ids| ids.iter().find(|id| account_of(household, id).is_none())) {
        let message = format!("failed to find account `{unknown}`");
        return Err(PlaidError::input("INVALID_ACCOUNT_ID", message));
    }
    let balances = balances(world, household)?;
    let wanted = household.accounts.iter().filter(|one| ids.is_none_or(|ids| ids.contains(&one.id)));
    Ok(wanted.map(|one| account(one, balances.get(one.id.as_str()))).collect())
}

fn account_of<'a>(household: &'a Household, id: &str) -> Option<&'a Account> {
    household.accounts.iter().find(|account| account.id == id)
}

fn account(account: &Account, balance: Option<&Balances>) -> Value {
    json!({
        "account_id": account.id,
        "balances": {
            "available": amount_or_null(balance.and_then(|balance| balance.available)),
            "current": amount_or_null(balance.map(|balance| balance.current)),
            "limit": amount_or_null(account.limit),
            "iso_currency_code": account.balance.currency,
            "unofficial_currency_code": null,
        },
        "mask": account.mask,
        "name": account.name,
        "official_name": account.official_name,
        "type": account.kind.word(),
        "subtype": account.subtype,
    })
}

/// The item.
pub(super) fn item(item: &Item, household: &Household) -> Value {
    let mut products = vec!["transactions"];
    if !household.liabilities.is_empty() {
        products.push("liabilities");
    }
    if !household.holdings.is_empty() {
        products.push("investments");
    }
    json!({
        "item_id": item.item_id,
        "institution_id": item.institution_id,
        "institution_name": "First Platypus Bank",
        "webhook": null,
        "auth_method": null,
        "error": null,
        "available_products": ["balance"],
        "billed_products": products,
        "products": products,
        "consent_expiration_time": null,
        "update_type": "background",
    })
}
