//! Plaid's errors (<https://plaid.com/docs/errors/>).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::hash::digest_of;
use crate::world::Refusal;

/// An error on Plaid's wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaidError {
    status: u16,
    error_type: String,
    error_code: String,
    error_message: String,
}

impl PlaidError {
    /// Any error.
    #[must_use]
    pub fn of(status: u16, error_type: &str, error_code: &str, error_message: impl Into<String>) -> Self {
        Self {
            status,
            error_type: error_type.to_owned(),
            error_code: error_code.to_owned(),
            error_message: error_message.into(),
        }
    }

    /// The user must log in at the bank again.
    #[must_use]
    pub fn login_required() -> Self {
        let message = "the login details of this item have changed (credentials, MFA, or required user action) \
                       and a user login is required to update this information";
        Self::of(400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED", message)
    }

    /// The request lacks or misstates a field.
    #[must_use]
    pub fn invalid(error_code: &str, message: impl Into<String>) -> Self {
        Self::of(400, "INVALID_REQUEST", error_code, message)
    }

    /// A value of the request is not acceptable.
    #[must_use]
    pub fn input(error_code: &str, message: impl Into<String>) -> Self {
        Self::of(400, "INVALID_INPUT", error_code, message)
    }

    /// The household has nothing for this product.
    #[must_use]
    pub fn unsupported(product: &str) -> Self {
        let message = format!("the following products are not supported by this item: [{product:?}]");
        Self::of(400, "ITEM_ERROR", "PRODUCTS_NOT_SUPPORTED", message)
    }
}

impl From<Refusal> for PlaidError {
    fn from(refusal: Refusal) -> Self {
        Self::of(500, "API_ERROR", "INTERNAL_SERVER_ERROR", refusal.message)
    }
}

impl From<money::MoneyError> for PlaidError {
    fn from(error: money::MoneyError) -> Self {
        Self::of(500, "API_ERROR", "INTERNAL_SERVER_ERROR", error.to_string())
    }
}

impl IntoResponse for PlaidError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({
            "error_type": self.error_type,
            "error_code": self.error_code,
            "error_code_reason": null,
            "error_message": self.error_message,
            "display_message": null,
            "request_id": digest_of(&[&self.error_code, &self.error_message]),
            "documentation_url": "https://plaid.com/docs/errors/",
            "suggested_action": null,
        });
        (status, Json(body)).into_response()
    }
}
