//! One user's connection to one provider, and the rules that the providers' own APIs have in common.
//!
//! Bearer token, JSON in and out, money in minor units, an `Idempotency-Key` on everything that changes something, one
//! shape of error, and `GET /{api}/operations/{key}` to ask what became of a key.

use crate::error::{Cause, ProviderError};
use crate::http::{Answer, NoAnswer, Session};
use crate::provider::Provider;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A user's access token. `Debug` never shows it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes a token.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How a provider is reached for one user in one invocation.
#[derive(Clone)]
pub struct Connection {
    provider: Provider,
    base_url: String,
    token: Token,
    session: Session,
}

impl Connection {
    /// A connection; `base_url` is without a slash at its end.
    #[must_use]
    pub fn new(provider: Provider, base_url: &str, token: Token, session: Session) -> Self {
        Self { provider, base_url: base_url.trim_end_matches('/').to_owned(), token, session }
    }

    pub(crate) fn provider(&self) -> Provider {
        self.provider
    }

    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// An error of this provider.
    pub(crate) fn error(&self, cause: Cause) -> ProviderError {
        ProviderError { provider: self.provider, cause }
    }

    /// Looks at something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ProviderError> {
        let request = self.request(Method::GET, path);
        self.json(request.body(Bytes::new())).await
    }

    /// Says something that changes nothing.
    pub(crate) async fn say<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ProviderError> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
        self.json(request.body(self.encode(body)?)).await
    }

    /// Changes something, once per key however often it is asked.
    pub(crate) async fn change<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<T, ProviderError> {
        let request = self
            .request(Method::POST, path)
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        self.json(request.body(self.encode(body)?)).await
    }

    /// What became of a key; `None` when nothing did.
    pub(crate) async fn operation<T: DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<Performed<T>>, ProviderError> {
        let path = format!("/{}/operations/{}", self.provider, segment(key));
        match self.get(&path).await {
            Ok(performed) => Ok(Some(performed)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends what is built and reads the answer whatever its status.
    pub(crate) async fn send(&self, request: http::Result<Request<Bytes>>) -> Result<Answer, ProviderError> {
        let request = request.map_err(|_| self.error(Cause::Invalid { field: None }))?;
        self.session.send(request).await.map_err(|error| {
            self.error(match error {
                NoAnswer::OutOfTime => Cause::OutOfTime,
                NoAnswer::NotReached(error) => Cause::NotReached(error),
                NoAnswer::TimedOut => Cause::NoAnswer,
                NoAnswer::BrokeOff(error) => Cause::BrokeOff(error),
                NoAnswer::TooLong => Cause::Garbled { what: "an answer without end".to_owned() },
            })
        })
    }

    pub(crate) fn encode(&self, body: &impl Serialize) -> Result<Bytes, ProviderError> {
        let bytes = serde_json::to_vec(body).map_err(|_| self.error(Cause::Invalid { field: None }))?;
        Ok(bytes.into())
    }

    pub(crate) fn decode<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, ProviderError> {
        events::json::from_slice(body).map_err(|error| {
            let what = format!("line {} column {}", error.line(), error.column());
            self.error(Cause::Garbled { what })
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.token.reveal()));
        let request = Request::builder().method(method).uri(self.url(path));
        match bearer {
            Ok(mut bearer) => {
                bearer.set_sensitive(true);
                request.header(AUTHORIZATION, bearer)
            }
            // No token can look so: the provider will say that it is unauthorised.
            Err(_) => request,
        }
    }

    async fn json<T: DeserializeOwned>(
        &self,
        request: http::Result<Request<Bytes>>,
    ) -> Result<T, ProviderError> {
        let answer = self.send(request).await?;
        if answer.status.is_success() {
            return self.decode(&answer.body);
        }
        Err(self.error(cause(&answer)))
    }
}

/// An effect that happened, by its key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Performed<T> {
    /// The provider's reference.
    pub reference: String,
    /// What was changed, by the provider's id.
    pub subject: String,
    /// The key of the operation that reversed it.
    pub undone_by: Option<String>,
    /// What was answered then.
    pub answer: PastAnswer<T>,
}

/// What an effect answered when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PastAnswer<T> {
    /// The body.
    pub body: T,
}

/// The reference beside what an effect changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    /// The provider's reference.
    pub reference: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalBody,
}

#[derive(Deserialize)]
struct RefusalBody {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    field: Option<String>,
}

/// The code of a provider that suspects misuse and does nothing more for the account.
const FROZEN: &str = "account_frozen";

/// The meaning of an answer that is no success.
fn cause(answer: &Answer) -> Cause {
    let status = answer.status;
    let said = events::json::from_slice::<Refusal>(&answer.body).ok().map(|refusal| refusal.error);
    let code = || said.as_ref().map_or_else(|| status.as_u16().to_string(), |said| said.code.clone());
    match status {
        StatusCode::TOO_MANY_REQUESTS => Cause::RateLimited { retry_after: retry_after(answer) },
        StatusCode::FORBIDDEN if said.as_ref().is_some_and(|said| said.code == FROZEN) => Cause::Frozen,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Cause::NotAllowed { code: code() },
        StatusCode::NOT_FOUND | StatusCode::GONE => Cause::NotFound { code: code() },
        StatusCode::CONFLICT => Cause::Conflict { code: code() },
        StatusCode::UNPROCESSABLE_ENTITY => Cause::Refused {
            reason: said.map_or_else(|| "The provider refused.".to_owned(), |said| said.message),
        },
        StatusCode::REQUEST_TIMEOUT => Cause::Down { status: status.as_u16() },
        _ if status.is_client_error() => Cause::Invalid { field: said.and_then(|said| said.field) },
        _ => Cause::Down { status: status.as_u16() },
    }
}

pub(crate) fn retry_after(answer: &Answer) -> Option<u32> {
    answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// A text as one segment of a path: ids and keys come from outside and may hold anything.
pub(crate) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn every_refusal_has_its_meaning() {
        let error = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"No.","field":"tier"}}}}"#);
        for (status, body, expect) in [
            (400, error("bad_request"), "does not accept the request at tier"),
            (400, "<html>".to_owned(), "does not accept the request"),
            (401, error("unauthorised"), "needs the user: unauthorised"),
            (403, error("needs_verification"), "needs the user: needs_verification"),
            (403, error("account_frozen"), "has frozen the account"),
            (404, error("unknown_operation"), "knows no such thing: unknown_operation"),
            (409, error("cannot_undo"), "conflict: cannot_undo"),
            (422, error("refused"), "refused"),
            (429, String::new(), "asks for patience"),
            (500, String::new(), "failed with status 500"),
            (503, error("unavailable"), "failed with status 503"),
            (302, String::new(), "failed with status 302"),
        ] {
            assert_eq!(cause(&answer(status, &body)).to_string(), expect, "{status}");
        }
        assert!(matches!(cause(&answer(429, "")), Cause::RateLimited { retry_after: Some(7) }));
    }

    #[test]
    fn ids_from_outside_stay_one_segment() {
        assert_eq!(segment("run_1/quick-wins/../x?y#z ä"), "run_1%2Fquick-wins%2F..%2Fx%3Fy%23z%20%C3%A4");
    }

    #[test]
    fn tokens_stay_hidden() {
        assert_eq!(format!("{:?}", Token::new("access-sandbox-1")), "Token(…)");
    }
}
