//! JSON over HTTP.

use anyhow::Context;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode, Url, retry};
use serde_json::Value;
use std::time::Duration;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client for all calls.
pub(crate) fn client() -> anyhow::Result<Client> {
    built(ClientBuilder::new())
}

/// A client for calls that can be made twice, such as those of AWS: what fails within the server is tried again.
pub(crate) fn client_that_tries_again(url: &str) -> anyhow::Result<Client> {
    let host = Url::parse(url)?.host_str().unwrap_or_default().to_owned();
    let policy = retry::for_host(host).no_budget().classify_fn(|it| {
        if it.status().is_some_and(|status| status.is_server_error()) { it.retryable() } else { it.success() }
    });
    built(ClientBuilder::new().retry(policy))
}

fn built(builder: ClientBuilder) -> anyhow::Result<Client> {
    builder.timeout(PATIENCE).build().context("no HTTP client can be set up")
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
pub(crate) fn call(client: &Client, method: Method, url: String, body: Option<&Value>) -> RequestBuilder {
    let request = client.request(method, url);
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}
