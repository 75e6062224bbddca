//! What a call of Plaid's brings: the application's credentials and a body.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::PlaidError;
use crate::household::Household;
use crate::service::Service;
use crate::store::Item;
use crate::world::{Refusal, World};

/// A checked call.
pub(super) struct Call<T> {
    /// The body.
    pub body: T,
    /// An id for the answer.
    pub request_id: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Call<T> {
    type Rejection = PlaidError;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, PlaidError> {
        let headers = request.headers().clone();
        let path = request.uri().path().to_owned();
        let bytes = Bytes::from_request(request, service)
            .await
            .map_err(|error| PlaidError::invalid("INVALID_BODY", error.body_text()))?;
        let raw: Value = serde_json::from_slice(&bytes).map_err(|error| {
            PlaidError::invalid("INVALID_BODY", format!("body could not be parsed as JSON: {error}"))
        })?;
        check_credentials(&headers, &raw)?;
        let request_id = crate::hash::digest_of(&[&path, &raw.to_string()]);
        let body = serde_path_to_error::deserialize(raw).map_err(|error| {
            let message = error.inner().to_string();
            let code = if message.starts_with("missing field") { "MISSING_FIELDS" } else { "INVALID_FIELD" };
            PlaidError::invalid(code, format!("{}: {message}", error.path()))
        })?;
        Ok(Self { body, request_id })
    }
}

/// The application's id and secret must be there, in the headers or in the body; any do.
fn check_credentials(headers: &HeaderMap, body: &Value) -> Result<(), PlaidError> {
    let given = |header: &str, field: &str| {
        let by_header = headers.get(header).is_some_and(|value| !value.is_empty());
        by_header || body.get(field).and_then(Value::as_str).is_some_and(|value| !value.is_empty())
    };
    for (header, field) in [("plaid-client-id", "client_id"), ("plaid-secret", "secret")] {
        if !given(header, field) {
            let message = format!("the following required fields are missing: {field}");
            return Err(PlaidError::invalid("MISSING_FIELDS", message));
        }
    }
    Ok(())
}

/// Looks at the world behind an access token.
///
/// # Errors
/// `INVALID_ACCESS_TOKEN`, else what `look` says.
pub(super) fn with_item<T>(
    service: &Service,
    access_token: &str,
    look: impl FnOnce(&Item, &World, &Household) -> Result<T, PlaidError>,
) -> Result<T, PlaidError> {
    let item = service
        .read(|state| state.access_tokens.get(access_token).cloned())
        .ok_or_else(|| PlaidError::input("INVALID_ACCESS_TOKEN", "could not find matching access token"))?;
    let mut outcome = Err(PlaidError::from(Refusal::missing("user", &item.user)));
    service.look(&item.user, |world, household| {
        outcome = look(&item, world, household);
        Ok(())
    })?;
    outcome
}
