//! Completing Task states that wait for a token.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::unavailable;
use crate::signed::{Call, Refusal, Service, Tries, address};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use events::ErrorClass;
use ports::{CompleteTask, PortError};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The longest message in bytes. A cause has at most 32,768 characters, and JSON writes a character as up to 6.
const MESSAGE_LIMIT: usize = 5_000;

/// What is said of a token whose state waits no more: it was completed already, or is over.
const GONE: [&str; 3] = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];

/// Waiting states by their tokens. The token alone says which.
pub struct Tokens {
    aws: Aws,
    states: OnceLock<Service>,
}

impl Tokens {
    /// Every waiting state.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        Self { aws: aws.clone(), states: OnceLock::new() }
    }

    async fn complete(
        &self,
        operation: &'static str,
        target: &'static str,
        payload: &Value,
    ) -> Result<(), PortError> {
        let address = address(&self.aws, "states");
        let states = self.states.get_or_init(|| Service::new(&self.aws, "states", &address, Tries::Several));
        let headers = vec![("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        let payload = payload.to_string().into_bytes();
        let request = Call { method: "POST", url: format!("{address}/"), headers, payload };
        match call(states.call(request)).await {
            Err(error) if !is_gone(&error) => Err(unavailable(operation, &error)),
            _ => Ok(()),
        }
    }
}

impl CompleteTask for Tokens {
    async fn succeed(&self, token: &str) -> Result<(), PortError> {
        let payload = json!({ "taskToken": token, "output": "{}" });
        self.complete("succeed", "AWSStepFunctions.SendTaskSuccess", &payload).await
    }

    async fn fail(&self, token: &str, class: ErrorClass, message: &str) -> Result<(), PortError> {
        let (error, cause) = (class.as_str(), cause(class, message));
        let payload = json!({ "taskToken": token, "error": error, "cause": cause });
        self.complete("fail", "AWSStepFunctions.SendTaskFailure", &payload).await
    }
}

fn is_gone(error: &SdkError<Refusal, HttpResponse>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code.is_some_and(|code| GONE.contains(&code))
}

/// As Step Functions writes the cause of a failed Lambda function, so that both read the same in a history.
fn cause(class: ErrorClass, message: &str) -> String {
    let mut end = message.len().min(MESSAGE_LIMIT);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    json!({"errorType": class.as_str(), "errorMessage": &message[..end]}).to_string()
}
