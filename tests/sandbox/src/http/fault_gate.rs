//! Every call passes here first: fault rules may hold it, turn it away, or swallow its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::answer::{HangUp, refusal};
use super::call::bearer;
use crate::faults::{Call, Fault, concerns, strike};
use crate::plaid::{self, PlaidError};
use crate::service::Service;
use crate::world::{Code, Refusal};

/// The largest body that is read.
const MOST_BYTES: usize = 1 << 20;

pub(super) async fn pass(State(sandbox): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/admin") || path == "/healthz" {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MOST_BYTES).await else {
        return refusal(&Refusal::new(Code::BadRequest, "the body is longer than 1 MiB"));
    };
    let user = caller(&sandbox, bearer(&parts.headers), &bytes);
    let call = Call { user: user.as_deref(), method: parts.method.as_str(), path: &path };
    let fault = match struck(&sandbox, call) {
        Ok(fault) => fault,
        Err(error) => return refusal(&error),
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    match fault {
        None => next.run(request).await,
        Some(Fault::Timeout { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            hang_up()
        }
        Some(Fault::DropAnswerAfterEffect) => {
            next.run(request).await;
            hang_up()
        }
        Some(Fault::Status { status, retry_after_s }) => out_of_order(&path, status, retry_after_s),
        Some(Fault::NeedsVerification) if plaid::is_path(&path) => {
            PlaidError::login_required().into_response()
        }
        Some(Fault::NeedsVerification) => {
            let message = "the provider wants to see the account holder first";
            refusal(&Refusal::new(Code::NeedsVerification, message))
        }
        Some(Fault::Refused) => {
            refusal(&Refusal::new(Code::Refused, "The provider declined, by a fault rule."))
        }
        Some(Fault::AccountFrozen) => {
            refusal(&Refusal::new(Code::AccountFrozen, "the account is frozen: misuse is suspected"))
        }
        Some(Fault::PlaidError { status, error_type, error_code }) => {
            PlaidError::of(status, &error_type, &error_code, "by a fault rule").into_response()
        }
    }
}

/// The fault that strikes this call; counting is saved, so that a restart does not begin anew.
fn struck(sandbox: &Service, call: Call<'_>) -> Result<Option<Fault>, Refusal> {
    if !sandbox.read(|state| concerns(&state.faults, call)) {
        return Ok(None);
    }
    sandbox.change(|state| Ok(strike(&mut state.faults, call)))
}

/// The user a call is made for: by bearer token, or by the access token in a body of Plaid's.
fn caller(sandbox: &Service, bearer: Option<&str>, bytes: &Bytes) -> Option<String> {
    let body: Option<Value> = serde_json::from_slice(bytes).ok();
    let named = body.as_ref().and_then(|body| body.get("access_token")).and_then(Value::as_str);
    let token = bearer.or(named)?;
    sandbox.read(|state| state.access_tokens.get(token).map(|item| item.user.clone()))
}

/// An answer that must not leave.
fn hang_up() -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

fn out_of_order(path: &str, status: u16, retry_after_s: Option<u64>) -> Response {
    let mut response = if plaid::is_path(path) {
        let (kind, code) = match status {
            429 => ("RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED"),
            _ => ("API_ERROR", "INTERNAL_SERVER_ERROR"),
        };
        PlaidError::of(status, kind, code, "by a fault rule").into_response()
    } else {
        let code = if status == 429 { Code::RateLimited } else { Code::Unavailable };
        refusal(&Refusal::new(code, "by a fault rule"))
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
