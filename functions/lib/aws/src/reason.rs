//! The SDK's errors in the ports' words.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
#[cfg(any(feature = "dynamodb", feature = "signed", feature = "sfn"))]
use ports::PortError;

/// The platform's word on why a call failed: its error's code and message, or what became of the connection.
pub(crate) fn reason<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> String {
    let message = error.as_service_error().and_then(ProvideErrorMetadata::message);
    match message {
        Some(message) => format!("{}: {message}", code(error)),
        None => code(error),
    }
}

/// The same without its message, which may name accounts and resources.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> String {
    let code = match error {
        SdkError::ServiceError(error) => error.err().code().unwrap_or("an error without a code"),
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time",
        SdkError::DispatchFailure(failure) if failure.is_user() => "the request could not be sent",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ResponseError(error) => {
            return format!("HTTP status {} and nothing that can be read", error.raw().status().as_u16());
        }
        _ => "the request could not be made",
    };
    code.to_owned()
}

/// A call that did not go through.
#[cfg(any(feature = "dynamodb", feature = "signed", feature = "sfn"))]
pub(crate) fn unavailable<E: ProvideErrorMetadata>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    PortError::Unavailable { operation, reason: reason(error) }
}
