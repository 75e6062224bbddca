//! What became of a message that was sent once.

use crate::call::call;
use crate::reason::code;
use crate::signed::{Answer, Refusal};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use hyper_util::client::legacy;
use ports::SendError;
use std::error::Error;
use std::time::Duration;

/// How long a service may take to take a message: it answers in a part of a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a message, once.
pub(crate) async fn send(
    sending: impl Future<Output = Result<Answer, SdkError<Refusal, HttpResponse>>> + Send,
) -> Result<(), SendError> {
    match tokio::time::timeout(PATIENCE, call(sending)).await {
        Ok(sent) => sent.map(drop).map_err(|error| failed(&error)),
        Err(_) => Err(SendError::Unknown { reason: "no answer in time".to_owned() }),
    }
}

/// Whether a message that failed was sent: never after a refusal or without a connection, else nobody knows.
fn failed(error: &SdkError<Refusal, HttpResponse>) -> SendError {
    // Without the message, which may name an address.
    let reason = code(error);
    match error {
        SdkError::ConstructionFailure(_) => SendError::NotNow { reason },
        SdkError::DispatchFailure(failure) if never_connected(failure.as_connector_error()) => {
            SendError::NotNow { reason }
        }
        SdkError::ServiceError(refused) => match refused.raw().status().as_u16() {
            // 403: the function may not, or the service is paused for this account; both can be mended.
            403 | 429 => SendError::NotNow { reason },
            400..=499 if reason.contains("Throttl") || reason.contains("LimitExceeded") => {
                SendError::NotNow { reason }
            }
            400..=499 => SendError::Refused { reason },
            _ => SendError::Unknown { reason },
        },
        _ => SendError::Unknown { reason },
    }
}

fn never_connected(error: Option<&(impl Error + 'static)>) -> bool {
    let mut source = error.map(|it| it as &dyn Error);
    while let Some(error) = source {
        if error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect) {
            return true;
        }
        source = error.source();
    }
    false
}
