//! Answers and refusals as HTTP responses.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::world::{Answer, Code, Refusal};

/// Says that an answer was served before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Mark on a response that must not leave: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct HangUp;

/// A refusal, so that handlers can use `?`.
#[derive(Debug)]
pub(super) struct Refused(pub Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        refusal(&self.0)
    }
}

/// A refusal on the wire.
pub(super) fn refusal(refusal: &Refusal) -> Response {
    (status(refusal.code), Json(json!({ "error": refusal }))).into_response()
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest | Code::MissingIdempotencyKey => StatusCode::BAD_REQUEST,
        Code::Unauthorised => StatusCode::UNAUTHORIZED,
        Code::NeedsVerification | Code::AccountFrozen => StatusCode::FORBIDDEN,
        Code::NotFound | Code::UnknownOperation => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::IdempotencyKeyReused | Code::Conflict | Code::CannotUndo => StatusCode::CONFLICT,
        Code::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The answer to an effect, as stored.
pub(super) fn effect(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Json(answer.body)).into_response();
    if answer.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
