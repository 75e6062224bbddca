//! The API's own calls over HTTP: small, of text, and given up soon.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::Arc;
use std::time::Duration;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// No answer is larger.
const LARGEST: usize = 256 * 1024;

/// A client for `http://` (a local AWS) and `https://`.
#[derive(Clone)]
pub(crate) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    /// Sets TLS up, or says why it cannot.
    pub(crate) fn new() -> Result<Self, String> {
        let crypto = Arc::new(rustls::crypto::ring::default_provider());
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(crypto)
            .map_err(|error| error.to_string())?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// The answer with its whole body, or why there is none.
    pub(crate) async fn send(&self, call: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let answer = async {
            let (parts, body) = self.0.request(call).await.map_err(|error| error.to_string())?.into_parts();
            let body = Limited::new(body, LARGEST).collect().await.map_err(|error| error.to_string())?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
    }
}
