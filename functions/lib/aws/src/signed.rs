//! Calls of a service without its generated client, on the SDK's own machinery: connections, time limits, retries, signatures.
//!
//! A generated client carries a reader for each error of its operations, of which two make a difference here. Without Lambda's a
//! function is a third of a megabyte smaller.

use crate::connection::Aws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, sign,
};
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

/// What an error is called.
const ERROR_TYPE: &str = "x-amzn-errortype";
/// There when a function was reached and failed.
const FUNCTION_ERROR: &str = "x-amz-function-error";
/// Answers after which a call is tried again.
const PASSING: &[u16] = &[429, 500, 502, 503, 504];

/// How often a call is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tries {
    /// Once, on a connection of its own, and with no time limit but the caller's.
    Once,
    /// Again until it is taken, within the limits of every client.
    Several,
}

/// A request before it is signed.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) payload: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// A function was reached and failed; the payload says how.
    #[cfg_attr(not(feature = "lambda"), expect(dead_code, reason = "only functions are invoked"))]
    pub(crate) failed: bool,
    pub(crate) payload: Vec<u8>,
}

/// The service did not take the call.
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

/// Calls one service in one way.
pub(crate) struct Service {
    aws: Aws,
    name: &'static str,
    tries: Tries,
    operation: Operation<Signed, Answer, Refusal>,
}

/// A call with what it is signed by.
struct Signed {
    call: Call,
    service: &'static str,
    tries: Tries,
    region: String,
    credentials: Credentials,
}

/// A payload is about a household.
impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").field("url", &self.call.url).finish_non_exhaustive()
    }
}

impl Service {
    /// The service of this name, as in signatures, at this address, without a path.
    pub(crate) fn new(aws: &Aws, name: &'static str, address: &str, tries: Tries) -> Self {
        let sdk = aws.sdk();
        let mut builder = Operation::builder()
            .service_name(name)
            .operation_name("Call")
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(address)
            .no_auth()
            // A function that works in silence is not a stalled transfer.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(http) = sdk.http_client() {
            builder = builder.http_client(http);
        }
        if let Some(sleep) = sdk.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        let builder = match tries {
            Tries::Once => builder.no_retry().timeout_config(TimeoutConfig::disabled()),
            Tries::Several => patient(builder, sdk.timeout_config()),
        };
        let operation = builder.serializer(request).deserializer(answer).build();
        Self { aws: aws.clone(), name, tries, operation }
    }

    pub(crate) async fn call(&self, call: Call) -> Result<Answer, SdkError<Refusal, HttpResponse>> {
        let sdk = self.aws.sdk();
        let provider =
            sdk.credentials_provider().ok_or_else(|| SdkError::construction_failure("no credentials"))?;
        let credentials = provider.provide_credentials().await.map_err(SdkError::construction_failure)?;
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let Self { name: service, tries, .. } = *self;
        self.operation.invoke(Signed { call, service, tries, region, credentials }).await
    }
}

fn patient(builder: OperationBuilder, limits: Option<&TimeoutConfig>) -> OperationBuilder {
    let builder = builder
        .standard_retry(&RetryConfig::standard())
        .retry_classifier(HttpStatusCodeClassifier::new_from_codes(PASSING))
        .retry_classifier(TransientErrorClassifier::<Refusal>::new())
        .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new());
    match limits {
        Some(limits) => builder.timeout_config(limits.clone()),
        None => builder,
    }
}

/// Where a service is, without a slash at its end: as the settings say, else in the region.
pub(crate) fn address(aws: &Aws, service: &str) -> String {
    let sdk = aws.sdk();
    let region = sdk.region().map(AsRef::as_ref).unwrap_or_default();
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    match sdk.endpoint_url() {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("https://{service}.{region}.amazonaws.com{china}"),
    }
}

/// The request with its signature, good for some minutes and so for every try.
fn request(signed: Signed) -> Result<HttpRequest, BoxError> {
    let Signed { call, service, tries, region, credentials } = signed;
    let Call { method, url, headers, payload } = call;
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name(service)
        .time(SystemTime::now())
        .settings(settings(service))
        .build()?
        .into();
    let signable =
        SignableRequest::new(method, &url, headers.iter().copied(), SignableBody::Bytes(&payload))?;
    let (signature, _) = sign(signable, &params)?.into_parts();
    let mut request = Request::builder().method(method).uri(&url).body(())?;
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse()?);
    }
    signature.apply_to_request_http1x(&mut request);
    if tries == Tries::Once {
        request.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    Ok(HttpRequest::try_from(request.map(|()| SdkBody::from(payload)))?)
}

/// S3 takes paths as they are and wants the hash of what it stores.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

fn answer(response: &HttpResponse) -> Result<Answer, OrchestratorError<Refusal>> {
    let payload = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        let failed = response.headers().get(FUNCTION_ERROR).is_some();
        return Ok(Answer { failed, payload: payload.to_owned() });
    }
    let mut metadata = ErrorMetadata::builder();
    let body: Value = serde_json::from_slice(payload).unwrap_or_default();
    let header = response.headers().get(ERROR_TYPE);
    // Some services put an address behind the name or a namespace before it, and some say it in XML alone, if at all.
    let name = header.or_else(|| body.get("__type")?.as_str()).or_else(|| code_of_xml(payload));
    let name = name.and_then(|name| name.rsplit('#').next()?.split(':').next());
    metadata = match name {
        Some(name) => metadata.code(name),
        None => metadata.code(response.status().as_u16().to_string()),
    };
    let message = ["message", "Message"].into_iter().find_map(|name| body.get(name)?.as_str());
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    Err(OrchestratorError::operation(Refusal { metadata: metadata.build() }))
}

/// What an error is called by a service that answers in XML.
fn code_of_xml(body: &[u8]) -> Option<&str> {
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("<Code>")?;
    rest.split_once("</Code>").map(|(code, _)| code)
}
