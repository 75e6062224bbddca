//! `/sandbox/public_token/create`, `/item/public_token/exchange` and `/item/get`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, with_item};
use super::error::PlaidError;
use super::wire;
use crate::hash::digest_of;
use crate::service::Service;
use crate::store::{Item, PublicToken};
use crate::world::{Code, Refusal};

/// The user name that stands for the server's own user.
const ANYONE: &str = "user_good";

#[derive(Debug, Deserialize)]
pub(super) struct CreatePublicToken {
    institution_id: String,
    initial_products: Vec<String>,
    #[serde(default)]
    options: CreateOptions,
}

#[derive(Debug, Default, Deserialize)]
struct CreateOptions {
    override_username: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Exchange {
    public_token: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct OfItem {
    access_token: String,
}

pub(super) async fn create_public_token(
    State(service): State<Arc<Service>>,
    call: Call<CreatePublicToken>,
) -> Result<Json<Value>, PlaidError> {
    if call.body.initial_products.is_empty() {
        return Err(PlaidError::input("INVALID_PRODUCT", "initial_products must name at least one product"));
    }
    let asked = call.body.options.override_username.filter(|name| name != ANYONE);
    let token = service.change(|state| {
        let user = asked.unwrap_or_else(|| state.default_user.clone());
        if !state.users.contains_key(&user) {
            return Err(Refusal::missing("user", &user));
        }
        let token =
            format!("public-sandbox-{}", digest_of(&["public", &state.next_number().to_string(), &user]));
        let institution_id = call.body.institution_id;
        state.public_tokens.insert(token.clone(), PublicToken { user, institution_id, used: false });
        Ok(token)
    });
    let token = token.map_err(|refusal| match refusal.code {
        Code::NotFound => PlaidError::of(400, "ITEM_ERROR", "INVALID_CREDENTIALS", refusal.message),
        _ => refusal.into(),
    })?;
    Ok(Json(json!({ "public_token": token, "request_id": call.request_id })))
}

pub(super) async fn exchange(
    State(service): State<Arc<Service>>,
    call: Call<Exchange>,
) -> Result<Json<Value>, PlaidError> {
    let outcome = service.change(|state| {
        let number = state.next_number().to_string();
        let found = state.public_tokens.get_mut(&call.body.public_token).filter(|token| !token.used);
        let public = found.ok_or_else(|| {
            Refusal::new(Code::NotFound, "provided public token is unknown, expired or used already")
        })?;
        public.used = true;
        let digits = digest_of(&["access", &number, &public.user]);
        let item = Item {
            user: public.user.clone(),
            item_id: format!("item-{digits}"),
            institution_id: public.institution_id.clone(),
        };
        let access_token = format!("access-sandbox-{digits}");
        let item_id = item.item_id.clone();
        state.access_tokens.insert(access_token.clone(), item);
        Ok((access_token, item_id))
    });
    let (access_token, item_id) = outcome.map_err(|refusal| match refusal.code {
        Code::NotFound => PlaidError::input("INVALID_PUBLIC_TOKEN", refusal.message),
        _ => refusal.into(),
    })?;
    Ok(Json(json!({ "access_token": access_token, "item_id": item_id, "request_id": call.request_id })))
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    call: Call<OfItem>,
) -> Result<Json<Value>, PlaidError> {
    with_item(&service, &call.body.access_token, |item, world, household| {
        let updated = format!("{}T12:00:00Z", world.clock);
        let status = json!({
            "transactions": {"last_successful_update": updated, "last_failed_update": null},
            "last_webhook": null,
        });
        Ok(Json(json!({
            "item": wire::item(item, household),
            "status": status,
            "request_id": call.request_id,
        })))
    })
}
