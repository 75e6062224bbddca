//! Open sockets of the WebSocket API, through the gateway's management API.

use crate::call::{Call as Calling, call};
use crate::connection::Aws;
use crate::reason::unavailable;
use crate::signed::{Answer, Call, Refusal, Service, Tries};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use ports::{Heard, PortError, PushLive};
use serde_json::Value;
use shell::env::{EnvError, required};
use std::sync::OnceLock;
use std::time::Duration;

/// Whoever tells a socket something has better to do than to wait for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The status of a connection that has ended.
const GONE: u16 = 410;

/// The sockets of a stage of the WebSocket API.
pub struct OpenSockets {
    aws: Aws,
    url: String,
    service: OnceLock<Service>,
}

type Answered = Result<Answer, SdkError<Refusal, HttpResponse>>;

impl OpenSockets {
    /// Those of the stage at `SOCKETS_URL`.
    ///
    /// # Errors
    /// When `SOCKETS_URL` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self::new(aws, required("SOCKETS_URL")?))
    }

    /// Those of the stage at this address, without a slash at its end.
    #[must_use]
    pub fn new(aws: &Aws, url: impl Into<String>) -> Self {
        Self { aws: aws.clone(), url: url.into(), service: OnceLock::new() }
    }

    fn request(&self, method: &'static str, connection: &str, payload: Vec<u8>) -> Calling<'_, Answered> {
        let at = origin(&self.url);
        let service = self.service.get_or_init(|| Service::new(&self.aws, "execute-api", at, Tries::Once));
        // The ids that the gateway gives are of letters, digits, `-`, `_` and `=`.
        let id = connection.replace('=', "%3D");
        let url = format!("{}/%40connections/{id}", self.url);
        call(service.call(Call { method, url, headers: Vec::new(), payload }))
    }

    async fn ask(
        &self,
        operation: &'static str,
        method: &'static str,
        connection: &str,
        payload: Vec<u8>,
    ) -> Result<Heard, PortError> {
        let late = || PortError::Unavailable { operation, reason: "no answer in time".to_owned() };
        let request = self.request(method, connection, payload);
        match tokio::time::timeout(PATIENCE, request).await.map_err(|_| late())? {
            Ok(_) => Ok(Heard::Taken),
            Err(SdkError::ServiceError(error)) if error.raw().status().as_u16() == GONE => Ok(Heard::Gone),
            Err(error) => Err(unavailable(operation, &error)),
        }
    }
}

impl PushLive for OpenSockets {
    async fn push_live(&self, connection: &str, message: &Value) -> Result<Heard, PortError> {
        self.ask("push_live", "POST", connection, message.to_string().into_bytes()).await
    }

    async fn close_live(&self, connection: &str) -> Result<(), PortError> {
        self.ask("close_live", "DELETE", connection, Vec::new()).await.map(drop)
    }
}

/// An address without its path.
fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + 3);
    url[authority..].find('/').map_or(url, |at| &url[..authority + at])
}
