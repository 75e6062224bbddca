//! Lambda's one operation that the functions call, on the SDK's own machinery: connections, time limits, retries, signatures.
//!
//! The generated client carries a reader for each of the 36 errors of the operation, of which two make a difference here. Without it
//! a function is a third of a megabyte smaller.

use crate::connection::Aws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime::client::orchestrator::operation::{Operation, OperationBuilder};
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use http::{Request, header};
use serde_json::Value;
use std::time::SystemTime;

/// Says whether the caller waits: `RequestResponse` or `Event`.
const INVOCATION_TYPE: &str = "x-amz-invocation-type";
/// What an error is called.
const ERROR_TYPE: &str = "x-amzn-errortype";
/// There when the function was reached and failed.
const FUNCTION_ERROR: &str = "x-amz-function-error";
/// Answers after which a hand-over is tried again.
const PASSING: &[u16] = &[429, 500, 502, 503, 504];

/// How a function is invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Once, and waited for. On a connection of its own, and no time limit but the caller's.
    Asked,
    /// Handed over, again until it is taken.
    HandedOver,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The function was reached and failed; the payload says how.
    pub(crate) failed: bool,
    pub(crate) payload: Vec<u8>,
}

/// Lambda did not take the invocation.
#[derive(Debug, thiserror::Error)]
#[error("{metadata}")]
pub(crate) struct Refusal {
    metadata: ErrorMetadata,
}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

/// Invokes functions in one way.
pub(crate) struct Invocations {
    aws: Aws,
    how: How,
    operation: Operation<Signed, Answer, Refusal>,
}

/// An invocation before it is signed.
struct Signed {
    how: How,
    url: String,
    region: String,
    credentials: Credentials,
    payload: Vec<u8>,
}

/// A payload is about a household.
impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Invocations {
    pub(crate) fn new(aws: &Aws, how: How) -> Self {
        let sdk = aws.sdk();
        let mut builder = Operation::builder()
            .service_name("lambda")
            .operation_name("Invoke")
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&endpoint(aws))
            .no_auth()
            // A function that works in silence is not a stalled transfer.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(http) = sdk.http_client() {
            builder = builder.http_client(http);
        }
        if let Some(sleep) = sdk.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        let builder = match how {
            How::Asked => builder.no_retry().timeout_config(TimeoutConfig::disabled()),
            How::HandedOver => patient(builder, sdk.timeout_config()),
        };
        let operation = builder.serializer(request).deserializer(answer).build();
        Self { aws: aws.clone(), how, operation }
    }

    /// Invokes a function by its whole name.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<Answer, SdkError<Refusal, HttpResponse>> {
        let sdk = self.aws.sdk();
        let provider =
            sdk.credentials_provider().ok_or_else(|| SdkError::construction_failure("no credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(SdkError::construction_failure)?;
        let signed = Signed {
            how: self.how,
            url: format!("{}/2015-03-31/functions/{function}/invocations", endpoint(&self.aws)),
            region: sdk.region().map(ToString::to_string).unwrap_or_default(),
            credentials,
            payload,
        };
        self.operation.invoke(signed).await
    }
}

fn patient(builder: OperationBuilder, limits: Option<&TimeoutConfig>) -> OperationBuilder {
    let builder = builder
        .standard_retry(&RetryConfig::standard())
        .retry_classifier(HttpStatusCodeClassifier::new_from_codes(PASSING))
        .retry_classifier(TransientErrorClassifier::<Refusal>::new());
    match limits {
        Some(limits) => builder.timeout_config(limits.clone()),
        None => builder,
    }
}

/// Where Lambda is: as the settings say, else in the region.
fn endpoint(aws: &Aws) -> String {
    let sdk = aws.sdk();
    let region = sdk.region().map(AsRef::as_ref).unwrap_or_default();
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    match sdk.endpoint_url() {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("https://lambda.{region}.amazonaws.com{china}"),
    }
}

/// The request with its signature, good for some minutes and so for every try.
fn request(invocation: Signed) -> Result<HttpRequest, BoxError> {
    let Signed { how, url, region, credentials, payload } = invocation;
    let kind = match how {
        How::Asked => "RequestResponse",
        How::HandedOver => "Event",
    };
    let headers = [("content-type", "application/json"), (INVOCATION_TYPE, kind)];
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name("lambda")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let signable = SignableRequest::new("POST", &url, headers.into_iter(), SignableBody::Bytes(&payload))?;
    let (signature, _) = sign(signable, &params)?.into_parts();
    let mut request = Request::post(&url).body(())?;
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse()?);
    }
    signature.apply_to_request_http1x(&mut request);
    if how == How::Asked {
        request.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    Ok(HttpRequest::try_from(request.map(|()| SdkBody::from(payload)))?)
}

fn answer(response: &HttpResponse) -> Result<Answer, OrchestratorError<Refusal>> {
    let payload = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        let failed = response.headers().get(FUNCTION_ERROR).is_some();
        return Ok(Answer { failed, payload: payload.to_owned() });
    }
    let mut metadata = ErrorMetadata::builder();
    // Some services put an address behind the name.
    if let Some(kind) = response.headers().get(ERROR_TYPE).and_then(|kind| kind.split(':').next()) {
        metadata = metadata.code(kind);
    }
    let body: Value = serde_json::from_slice(payload).unwrap_or_default();
    let message = ["message", "Message"].into_iter().find_map(|name| body.get(name)?.as_str());
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    Err(OrchestratorError::operation(Refusal { metadata: metadata.build() }))
}
