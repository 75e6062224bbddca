//! `/accounts/get` and `/accounts/balance/get`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, with_item};
use super::error::PlaidError;
use super::wire;
use crate::service::Service;

#[derive(Debug, Deserialize)]
pub(super) struct OfAccounts {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) options: Options,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Options {
    pub(super) account_ids: Option<Vec<String>>,
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    call: Call<OfAccounts>,
) -> Result<Json<Value>, PlaidError> {
    with_item(&service, &call.body.access_token, |item, world, household| {
        let ids = call.body.options.account_ids.as_deref();
        Ok(Json(json!({
            "accounts": wire::accounts(world, household, ids)?,
            "item": wire::item(item, household),
            "request_id": call.request_id,
        })))
    })
}
