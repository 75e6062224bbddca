//! The one HTTP client of an agent: on the hyper that the Lambda runtime links anyway.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lambda_runtime_api_client::body::Body;
use std::time::{Duration, Instant};

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// Nothing a provider answers is longer; a longer answer is cut off as garbled.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// How long one call may take when nothing else limits it.
const LONGEST_CALL: Duration = Duration::from_secs(10);

/// How long a call may take that only asks whether anybody is there.
const SHORT_CALL: Duration = Duration::from_secs(2);

/// What makes connections, made once per process: with TLS it holds the trust store.
#[derive(Clone)]
pub struct Http {
    connector: Connector,
}

impl Http {
    /// A connector for `http://` and, with the feature `tls`, `https://`.
    ///
    /// # Errors
    /// [`NoConnector`] when this build's TLS cannot be set up.
    pub fn new() -> Result<Self, NoConnector> {
        Ok(Self { connector: connector()? })
    }

    /// A pool of connections for one invocation. No connection outlives it, as the platform freezes the process in between
    /// and a connection that died meanwhile would make an effect's fate unknown.
    #[must_use]
    pub fn session(&self, deadline: Instant) -> Session {
        Session { client: Client::builder(TokioExecutor::new()).build(self.connector.clone()), deadline }
    }
}

/// This build's TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up")]
pub struct NoConnector(#[source] Box<dyn std::error::Error + Send + Sync>);

#[cfg(not(feature = "tls"))]
#[expect(clippy::unnecessary_wraps, reason = "with TLS there is something to go wrong")]
fn connector() -> Result<Connector, NoConnector> {
    Ok(HttpConnector::new())
}

#[cfg(feature = "tls")]
fn connector() -> Result<Connector, NoConnector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    let crypto = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(crypto)
        .map_err(|error| NoConnector(Box::new(error)))?;
    Ok(builder.https_or_http().enable_http1().wrap_connector(tcp))
}

/// The connections of one invocation, and the moment when nobody waits any more.
#[derive(Clone)]
pub struct Session {
    /// With the Lambda runtime's own type of body, so that without TLS the runtime's client and this one are the same code.
    client: Client<Connector, Body>,
    deadline: Instant,
}

/// An answer, whatever its status.
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The deadline has passed; nothing was sent.
    OutOfTime,
    /// No connection; nothing was sent.
    NotReached(TransportError),
    /// Sent; the time ran out.
    TimedOut,
    /// Sent; the connection broke.
    BrokeOff(TransportError),
    /// The answer is too long.
    TooLong,
}

/// The transport's own error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(#[source] hyper_util::client::legacy::Error);

impl Session {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// [`NoAnswer`] when there is none; an answer with an error status is no error here.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Answer, NoAnswer> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NoAnswer::OutOfTime);
        }
        tokio::time::timeout(left.min(LONGEST_CALL), self.exchange(request))
            .await
            .unwrap_or(Err(NoAnswer::TimedOut))
    }

    /// Whether anything answers there that does not say itself that it is out of order.
    pub async fn answers(&self, url: &str) -> bool {
        let Ok(request) = Request::get(url).body(Bytes::new()) else {
            return false;
        };
        let answer = tokio::time::timeout(SHORT_CALL, self.send(request)).await;
        matches!(answer, Ok(Ok(answer)) if !answer.status.is_server_error())
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Answer, NoAnswer> {
        let response = self.client.request(request.map(Body::from)).await.map_err(|error| {
            let unsent = error.is_connect();
            let error = TransportError(error);
            if unsent { NoAnswer::NotReached(error) } else { NoAnswer::BrokeOff(error) }
        })?;
        let (head, body) = response.into_parts();
        // A body that breaks in the middle and one that is too long alike: the head came, the answer did not.
        let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|_| NoAnswer::TooLong)?;
        Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
    }
}
