//! JSON over HTTP.

use anyhow::Context;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client for all calls.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder().timeout(PATIENCE).build().context("no HTTP client can be set up")
}

/// An answer.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

/// Sends a call and reads its answer as JSON; an empty or other answer as null.
pub(crate) async fn send(request: RequestBuilder, what: &str) -> anyhow::Result<Answer> {
    let response = request.send().await.with_context(|| format!("{what}: no answer"))?;
    let status = response.status();
    let bytes = response.bytes().await.with_context(|| format!("{what}: the answer broke off"))?;
    Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}

/// A call with a JSON body.
pub(crate) fn call(
    client: &reqwest::Client,
    method: Method,
    url: String,
    body: Option<&Value>,
) -> RequestBuilder {
    let request = client.request(method, url);
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}
