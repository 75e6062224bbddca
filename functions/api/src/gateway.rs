//! API Gateway's HTTP APIs, payload format 2.0: from what the function is invoked with to a call, and back.
//! Source: "Work with AWS Lambda proxy integrations for HTTP APIs" in the API Gateway developer guide.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use tower::ServiceExt;

use crate::problem::Problem;

/// What the function is invoked with. Has no `Debug`: it carries tokens.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoked {
    /// The path without the stage; the gateway has decoded every escape but that of `%`.
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The gateway takes the cookies out of the headers.
    #[serde(default)]
    cookies: Vec<String>,
    request_context: RequestContext,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

/// What the function answers.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    status_code: u16,
    headers: BTreeMap<String, String>,
    /// Apart, as there may be several and a header has one value here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

/// Answers one invocation.
pub async fn answer(api: &Router, invoked: Invoked) -> Answered {
    let response = match call(invoked) {
        // A router cannot fail: it answers.
        Ok(call) => api.clone().oneshot(call).await.unwrap_or_else(|never| match never {}),
        Err(problem) => problem.into_response(),
    };
    answered(response).await
}

/// The call; one that is none is refused here, as the gateway lets anything through.
fn call(invoked: Invoked) -> Result<Request<Body>, Problem> {
    let garbled =
        |what: &str| Problem::new(StatusCode::BAD_REQUEST, format!("The call's {what} cannot be read."));
    let mut address = encoded(&invoked.raw_path);
    if !invoked.raw_query_string.is_empty() {
        let _ = write!(address, "?{}", invoked.raw_query_string);
    }
    let body = invoked.body.unwrap_or_default();
    let body = if invoked.is_base64_encoded {
        STANDARD.decode(body).map_err(|_| garbled("body"))?
    } else {
        body.into_bytes()
    };
    let mut call = Request::new(Body::from(body));
    *call.method_mut() =
        Method::try_from(invoked.request_context.http.method.as_str()).map_err(|_| garbled("method"))?;
    *call.uri_mut() = Uri::try_from(address).map_err(|_| garbled("address"))?;
    for (name, value) in invoked.headers {
        // What is no header is of no use to any route.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            call.headers_mut().insert(name, value);
        }
    }
    if let (false, Ok(cookies)) =
        (invoked.cookies.is_empty(), HeaderValue::try_from(invoked.cookies.join("; ")))
    {
        call.headers_mut().insert(header::COOKIE, cookies);
    }
    Ok(call)
}

/// A path as it stands in an address.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for (index, byte) in path.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte);
        if plain || (byte == b'%' && path[index..].starts_with("%25")) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

async fn answered(response: Response<Body>) -> Answered {
    let (mut parts, body) = response.into_parts();
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let cookies = parts.headers.get_all(header::SET_COOKIE).iter().filter_map(text).collect();
    parts.headers.remove(header::SET_COOKIE);
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)))
        .collect();
    // Bodies are made here, in memory.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let (body, is_base64_encoded) = match String::from_utf8(bytes.into()) {
        Ok(text) => (text, false),
        Err(binary) => (STANDARD.encode(binary.as_bytes()), true),
    };
    Answered { status_code: parts.status.as_u16(), headers, cookies, body, is_base64_encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_path_is_an_address_again() {
        for (path, expect) in [
            ("/tasks/run_1:quick-wins:ask:1/answers", "/tasks/run_1:quick-wins:ask:1/answers"),
            ("/runs/a b", "/runs/a%20b"),
            ("/runs/a#b?c", "/runs/a%23b%3Fc"),
            ("/runs/%25x", "/runs/%25x"),
            ("/runs/100%", "/runs/100%25"),
            ("/runs/\u{e4}", "/runs/%C3%A4"),
        ] {
            assert_eq!(encoded(path), expect);
            assert!(Uri::try_from(encoded(path)).is_ok(), "{path}");
        }
    }
}
