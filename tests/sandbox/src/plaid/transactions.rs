//! `/transactions/sync`: the feed, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, with_item};
use super::error::PlaidError;
use super::wire;
use crate::household::{Transaction, primary_of};
use crate::service::Service;
use crate::world::{Change, changes};

/// What a cursor begins with; the position in the feed follows.
const CURSOR: &str = "sync-";

#[derive(Debug, Deserialize)]
pub(super) struct Sync {
    access_token: String,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default = "hundred")]
    count: usize,
    #[serde(default)]
    options: Options,
}

#[derive(Debug, Default, Deserialize)]
struct Options {
    account_id: Option<String>,
    #[serde(default)]
    include_original_description: Option<bool>,
}

fn hundred() -> usize {
    100
}

pub(super) async fn sync(
    State(service): State<Arc<Service>>,
    call: Call<Sync>,
) -> Result<Json<Value>, PlaidError> {
    let body = &call.body;
    if !(1..=500).contains(&body.count) {
        return Err(PlaidError::invalid("INVALID_FIELD", "count must lie in 1..=500"));
    }
    with_item(&service, &body.access_token, |_, world, household| {
        let feed = changes(world, household);
        let from = position(body.cursor.as_deref(), feed.len())?;
        let to = feed.len().min(from + body.count);
        let ids = body.options.account_id.clone().map(|id| vec![id]);
        let accounts = wire::accounts(world, household, ids.as_deref())?;
        let wanted = |id: &str| body.options.account_id.as_deref().is_none_or(|only| only == id);
        let original = body.options.include_original_description == Some(true);
        let (mut added, mut modified, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        for change in net(&feed[from..to]) {
            match change {
                Change::Added { transaction, pending, replaces } if wanted(&transaction.account_id) => {
                    added.push(wire_transaction(transaction, *pending, replaces.as_deref(), original));
                }
                Change::Modified { transaction } if wanted(&transaction.account_id) => {
                    modified.push(wire_transaction(transaction, true, None, original));
                }
                Change::Removed { id, account_id } if wanted(account_id) => {
                    removed.push(json!({ "transaction_id": id, "account_id": account_id }));
                }
                _ => {}
            }
        }
        Ok(Json(json!({
            "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
            "accounts": accounts,
            "added": added,
            "modified": modified,
            "removed": removed,
            "next_cursor": format!("{CURSOR}{to}"),
            "has_more": to < feed.len(),
            "request_id": call.request_id,
        })))
    })
}

/// A page without what came and went within it, as Plaid tells only the difference.
fn net(page: &[Change]) -> Vec<&Change> {
    let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for change in page {
        match change {
            Change::Added { transaction, .. } => added.insert(transaction.id.as_str()),
            Change::Removed { id, .. } => removed.insert(id.as_str()),
            Change::Modified { .. } => false,
        };
    }
    let told = |change: &&Change| match change {
        Change::Added { transaction, .. } | Change::Modified { transaction } => {
            !removed.contains(transaction.id.as_str())
        }
        Change::Removed { id, .. } => !added.contains(id.as_str()),
    };
    page.iter().filter(told).collect()
}

fn position(cursor: Option<&str>, length: usize) -> Result<usize, PlaidError> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(0) };
    let position = cursor.strip_prefix(CURSOR).and_then(|digits| digits.parse().ok());
    position
        .filter(|position| *position <= length)
        .ok_or_else(|| PlaidError::invalid("INVALID_FIELD", "cursor is not one of this item"))
}

fn wire_transaction(one: &Transaction, pending: bool, replaces: Option<&str>, original: bool) -> Value {
    let unknown_place = json!({
        "address": null, "city": null, "region": null, "postal_code": null, "country": null, "lat": null,
        "lon": null, "store_number": null,
    });
    let unknown_payment = json!({
        "reference_number": null, "ppd_id": null, "payee": null, "by_order_of": null, "payer": null,
        "payment_method": null, "payment_processor": null, "reason": null,
    });
    json!({
        "transaction_id": one.id,
        "account_id": one.account_id,
        "amount": wire::amount(one.amount),
        "iso_currency_code": one.amount.currency,
        "unofficial_currency_code": null,
        "date": if pending { one.date } else { one.posted_on },
        "authorized_date": one.date,
        "datetime": null,
        "authorized_datetime": null,
        "name": one.name,
        "merchant_name": one.merchant,
        "original_description": if original { Value::from(one.name.clone()) } else { Value::Null },
        "pending": pending,
        "pending_transaction_id": replaces,
        "payment_channel": "other",
        "payment_meta": unknown_payment,
        "location": unknown_place,
        "account_owner": null,
        "transaction_code": null,
        "personal_finance_category": {
            "primary": primary_of(&one.category), "detailed": one.category, "confidence_level": "HIGH",
        },
    })
}
