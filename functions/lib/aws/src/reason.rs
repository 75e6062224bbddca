//! The SDK's errors in the ports' words.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ports::PortError;

/// The platform's word on why a call failed: its error's code and message, or what became of the connection.
pub(crate) fn reason<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> String {
    match error {
        SdkError::ServiceError(error) => {
            let error = error.err();
            match (error.code(), error.message()) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (Some(code), None) => code.to_owned(),
                (None, _) => "an error without a code".to_owned(),
            }
        }
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_user() => "the request could not be sent".to_owned(),
        SdkError::DispatchFailure(_) => "no connection".to_owned(),
        SdkError::ResponseError(error) => {
            format!("an answer of HTTP status {} that cannot be read", error.raw().status().as_u16())
        }
        _ => "the request could not be made".to_owned(),
    }
}

/// A call that did not go through.
pub(crate) fn unavailable<E: ProvideErrorMetadata>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    PortError::Unavailable { operation, reason: reason(error) }
}
