//! The loop of a function: take an invocation, let the handler answer, keep the class of its error.

use crate::classified::Classified;
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::logging;
use crate::payload::parse;
use events::ErrorClass;
use futures_util::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::panic::AssertUnwindSafe;

/// Serves invocations until the platform ends the process.
///
/// # Errors
/// When the platform's runtime API cannot be reached or answers nonsense.
pub async fn run<In, Out, Fail, Handler>(handler: Handler) -> Result<(), crate::Error>
where
    In: DeserializeOwned,
    Out: Serialize,
    Fail: Classified,
    Handler: AsyncFn(In, Invocation) -> Result<Out, Fail>,
{
    hide_panics();
    let handler = &handler;
    // Served as `Value` because the runtime logs a payload that it cannot parse itself.
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let invocation = Invocation::of(&event.context);
        logging::begin_request(&invocation.request_id);
        answer(handler, event.payload, invocation).await
    }))
    .await
}

/// What a function answers to one payload: [`run`] without the platform, for tests that drive a handler through its shell.
///
/// # Errors
/// The [`Failure`] that the platform would report.
pub async fn answer<In, Out, Fail, Handler>(
    handler: &Handler,
    payload: Value,
    invocation: Invocation,
) -> Result<Out, Failure>
where
    In: DeserializeOwned,
    Fail: Classified,
    Handler: AsyncFn(In, Invocation) -> Result<Out, Fail>,
{
    let input = parse::<In>(payload).map_err(|error| Failure::logged(&error))?;
    // Boxed, so that the depth of a handler's futures and of the runtime's do not add up to more than the compiler follows.
    // Nothing of a handler outlives its invocation but its adapters, which are stateless or rebuild themselves.
    match AssertUnwindSafe(Box::pin(handler(input, invocation))).catch_unwind().await {
        Ok(result) => result.map_err(|error| Failure::logged(&error)),
        Err(_) => Err(Failure::logged(&Panicked)),
    }
}

/// Logs where a panic happened and not what it said, which may quote a payload.
fn hide_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(panic.location = place, "panicked");
    }));
}

/// A handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("the function panicked")]
struct Panicked;

impl Classified for Panicked {
    fn class(&self) -> ErrorClass {
        ErrorClass::Defect
    }

    fn message(&self) -> String {
        "Something went wrong on our side.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use lambda_runtime::Diagnostic;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Deserialize)]
    struct Request {
        how: How,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum How {
        Well,
        Badly,
        Panicking,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the provider of account 1234 is down")]
    struct Down;

    impl Classified for Down {
        fn class(&self) -> ErrorClass {
            ErrorClass::ProviderUnavailable
        }

        fn message(&self) -> String {
            "Your bank does not answer.".to_owned()
        }
    }

    async fn handle(request: Request, invocation: Invocation) -> Result<String, Down> {
        match request.how {
            How::Well => Ok(invocation.request_id),
            How::Badly => Err(Down),
            How::Panicking => panic!("balance 1234"),
        }
    }

    async fn ask(payload: Value) -> Result<String, Failure> {
        let invocation = Invocation { request_id: "r1".to_owned(), deadline: Timestamp::MAX };
        answer(&handle, payload, invocation).await
    }

    #[tokio::test]
    async fn every_end_of_a_handler_has_its_class() {
        assert_eq!(ask(json!({"how": "well"})).await.unwrap(), "r1");
        for (payload, class, message) in [
            (json!({"how": "badly"}), ErrorClass::ProviderUnavailable, "Your bank does not answer."),
            (json!({"how": "panicking"}), ErrorClass::Defect, "Something went wrong on our side."),
            (json!({}), ErrorClass::Validation, ".: missing field `how`"),
        ] {
            let failure = ask(payload).await.unwrap_err();
            assert_eq!(failure, Failure { class, message: message.to_owned() });
            assert_eq!(format!("{failure:?}"), format!("Failure {{ class: {class:?}, .. }}"));
            let diagnostic = Diagnostic::from(failure);
            assert_eq!(
                (diagnostic.error_type.as_str(), diagnostic.error_message.as_str()),
                (class.as_str(), message)
            );
        }
    }
}
