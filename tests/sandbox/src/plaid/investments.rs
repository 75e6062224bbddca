//! `/investments/holdings/get`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::accounts::OfAccounts;
use super::call::{Call, with_item};
use super::error::PlaidError;
use super::wire;
use crate::hash::digest_of;
use crate::household::Holding;
use crate::service::Service;

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    call: Call<OfAccounts>,
) -> Result<Json<Value>, PlaidError> {
    with_item(&service, &call.body.access_token, |item, world, household| {
        if household.holdings.is_empty() {
            return Err(PlaidError::unsupported("investments"));
        }
        let ids = call.body.options.account_ids.as_deref();
        let wanted: Vec<&Holding> = household
            .holdings
            .iter()
            .filter(|one| ids.is_none_or(|ids| ids.contains(&one.account_id)))
            .collect();
        let securities: BTreeMap<String, Value> =
            wanted.iter().map(|one| (security_id(one), security(one))).collect();
        let mut accounts = wire::accounts(world, household, ids)?;
        for account in &mut accounts {
            account["balances"]["margin_loan_amount"] = Value::Null;
        }
        Ok(Json(json!({
            "accounts": accounts,
            "holdings": wanted.iter().map(|one| holding(one)).collect::<Vec<_>>(),
            "securities": securities.into_values().collect::<Vec<_>>(),
            "item": wire::item(item, household),
            "request_id": call.request_id,
        })))
    })
}

fn security_id(one: &Holding) -> String {
    format!("sec_{}", digest_of(&[&one.symbol, one.currency.code()]))
}

fn holding(one: &Holding) -> Value {
    json!({
        "account_id": one.account_id,
        "security_id": security_id(one),
        "institution_price": wire::number(one.price),
        "institution_price_as_of": one.priced_on,
        "institution_price_datetime": null,
        "institution_value": wire::number((one.quantity * one.price).round_dp(2)),
        "cost_basis": one.cost_basis.map_or(Value::Null, wire::number),
        "quantity": wire::number(one.quantity),
        "iso_currency_code": one.currency,
        "unofficial_currency_code": null,
    })
}

fn security(one: &Holding) -> Value {
    json!({
        "security_id": security_id(one),
        "isin": null, "cusip": null, "sedol": null, "institution_security_id": null, "institution_id": null,
        "proxy_security_id": null,
        "name": one.name,
        "ticker_symbol": one.symbol,
        "is_cash_equivalent": one.cash_equivalent,
        "type": if one.cash_equivalent { "cash" } else { "etf" },
        "close_price": wire::number(one.price),
        "close_price_as_of": one.priced_on,
        "update_datetime": null,
        "iso_currency_code": one.currency,
        "unofficial_currency_code": null,
        "market_identifier_code": null, "sector": null, "industry": null, "cfi_code": null,
        "option_contract": null, "fixed_income": null,
    })
}
