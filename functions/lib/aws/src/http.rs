//! The SDK's HTTP client, on the hyper that the Lambda runtime links anyway.
//!
//! The SDK's own speaks HTTP/2 and through proxies and reads the system's certificates, of which a function needs none.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// A connection takes milliseconds; after this long there will be none.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// HTTP/1.1 over TCP and TLS, with the root certificates of Mozilla compiled in. Clones share their connections.
#[derive(Clone)]
pub(crate) struct Http {
    client: Result<Client<HttpsConnector<Tcp>, SdkBody>, rustls::Error>,
}

impl Http {
    /// Connects to nothing yet.
    pub(crate) fn new() -> Self {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let crypto = Arc::new(rustls::crypto::ring::default_provider());
        let client = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(crypto).map(|tls| {
            let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
            Client::builder(TokioExecutor::new()).build(connector)
        });
        Self { client }
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = match &self.client {
            Ok(client) => client,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.clone().into()))),
        };
        let request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let sending = client.request(request);
        HttpConnectorFuture::new(async move {
            let response = sending.await.map_err(failed)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

impl HttpClient for Http {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// No connection, or one that broke: both may be gone the next time.
fn failed(error: Error) -> ConnectorError {
    let mut source: Option<&dyn std::error::Error> = Some(&error);
    while let Some(inner) = source {
        if inner.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::TimedOut) {
            return ConnectorError::timeout(error.into());
        }
        source = inner.source();
    }
    ConnectorError::io(error.into())
}
