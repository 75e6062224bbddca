//! What Plaid's errors mean (<https://plaid.com/docs/errors>).

use crate::connection::retry_after;
use crate::error::{Cause, ProviderError};
use crate::http::Answer;
use http::StatusCode;
use serde::Deserialize;

const CHANGED_MEANWHILE: &str = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION";

#[derive(Deserialize)]
struct Refusal {
    error_type: String,
    error_code: String,
}

/// The meaning of an answer that is no success.
pub(super) fn cause(answer: &Answer) -> Cause {
    let status = answer.status;
    let Ok(said) = events::json::from_slice::<Refusal>(&answer.body) else {
        return match status {
            StatusCode::TOO_MANY_REQUESTS => Cause::RateLimited { retry_after: retry_after(answer) },
            _ => Cause::Down { status: status.as_u16() },
        };
    };
    let code = said.error_code;
    match (said.error_type.as_str(), code.as_str()) {
        ("RATE_LIMIT_EXCEEDED", _) => Cause::RateLimited { retry_after: retry_after(answer) },
        (_, CHANGED_MEANWHILE) => Cause::Conflict { code },
        (
            _,
            "INVALID_API_KEYS" | "UNAUTHORIZED_ENVIRONMENT" | "UNAUTHORIZED_ROUTE_ACCESS" | "INVALID_PRODUCT",
        ) => Cause::Misconfigured { code },
        (_, "PRODUCT_NOT_READY") | ("INSTITUTION_ERROR" | "API_ERROR", _) => {
            Cause::Down { status: status.as_u16() }
        }
        (_, "PRODUCTS_NOT_SUPPORTED" | "NO_ACCOUNTS") => Cause::NotFound { code },
        ("ITEM_ERROR", _) | (_, "INVALID_ACCESS_TOKEN" | "ITEM_NOT_FOUND") => Cause::NotAllowed { code },
        _ if status.is_server_error() => Cause::Down { status: status.as_u16() },
        _ => Cause::Invalid { field: None },
    }
}

/// Whether the data changed while its pages were read.
pub(super) fn changed_meanwhile(error: &ProviderError) -> bool {
    error.conflict() == Some(CHANGED_MEANWHILE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use events::ErrorClass;
    use http::HeaderMap;

    #[test]
    fn every_error_has_its_class() {
        for (status, error_type, error_code, class) in [
            (400, "ITEM_ERROR", "ITEM_LOGIN_REQUIRED", ErrorClass::Permission),
            (400, "ITEM_ERROR", "PRODUCT_NOT_READY", ErrorClass::ProviderUnavailable),
            (400, "INVALID_INPUT", "INVALID_ACCESS_TOKEN", ErrorClass::Permission),
            (400, "INVALID_INPUT", "INVALID_API_KEYS", ErrorClass::Interrupted),
            (400, "INVALID_REQUEST", "INVALID_FIELD", ErrorClass::Validation),
            (429, "RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT", ErrorClass::RateLimited),
            (400, "INSTITUTION_ERROR", "INSTITUTION_DOWN", ErrorClass::ProviderUnavailable),
            (500, "API_ERROR", "INTERNAL_SERVER_ERROR", ErrorClass::ProviderUnavailable),
        ] {
            let body = serde_json::json!({"error_type": error_type, "error_code": error_code}).to_string();
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap(),
                headers: HeaderMap::new(),
                body: Bytes::from(body),
            };
            let error = ProviderError { provider: crate::Provider::Plaid, cause: cause(&answer) };
            assert_eq!(error.class(), class, "{error_code}");
        }
    }
}
