//! What a call to the sandbox's own APIs brings: who is calling, under which key, and what.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request as HttpRequest};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Refused;
use crate::service::Service;
use crate::world::{Code, Refusal, Request};

/// The user behind the bearer token.
pub(super) struct Caller(pub String);

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Refused> {
        let token = bearer(&parts.headers);
        let user = token.and_then(|token| {
            service.read(|state| state.access_tokens.get(token).map(|item| item.user.clone()))
        });
        let message = "send `Authorization: Bearer <access token>`, from POST /item/public_token/exchange";
        user.map(Self).ok_or_else(|| Refused(Refusal::new(Code::Unauthorised, message)))
    }
}

/// The bearer token of a call.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// The body of a call, read into `T`; an empty body counts as `{}`.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: HttpRequest, service: &Arc<Service>) -> Result<Self, Refused> {
        let bytes = Bytes::from_request(request, service).await;
        let bytes = bytes.map_err(|error| Refused(Refusal::new(Code::BadRequest, error.body_text())))?;
        Ok(Self(parse(&bytes)?.0))
    }
}

/// The call and body of an effect.
pub(super) struct Effect<T> {
    /// Key, target and body as sent.
    pub request: Request,
    /// The body, read.
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for Effect<T> {
    type Rejection = Refused;

    async fn from_request(request: HttpRequest, service: &Arc<Service>) -> Result<Self, Refused> {
        let key = idempotency_key(request.headers())?;
        let target = format!("{} {}", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, service).await;
        let bytes = bytes.map_err(|error| Refused(Refusal::new(Code::BadRequest, error.body_text())))?;
        let (body, raw) = parse(&bytes)?;
        Ok(Self { request: Request { key, target, body: raw }, body })
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Refused> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fits = (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(key.to_owned());
    }
    let message = "send `Idempotency-Key` with 1 to 200 visible ASCII characters";
    Err(Refused(Refusal::new(Code::MissingIdempotencyKey, message)))
}

/// Reads JSON, naming the field that is wrong.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Value), Refused> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let raw: Value = serde_json::from_slice(bytes)
        .map_err(|error| Refused(Refusal::new(Code::BadRequest, format!("the body is not JSON: {error}"))))?;
    let body = serde_path_to_error::deserialize(&raw).map_err(|error| {
        let path = error.path().to_string();
        let message = error.inner().to_string();
        // A missing or unknown field is named in the message only.
        let named = message.split('`').nth(1).filter(|_| message.contains("field"));
        let field = match (path.as_str(), named) {
            (".", Some(named)) => named.to_owned(),
            (path, Some(named)) if !path.ends_with(named) => format!("{path}.{named}"),
            (path, _) => path.to_owned(),
        };
        Refused(Refusal { code: Code::BadRequest, message, field: Some(field) })
    })?;
    Ok((body, raw))
}
