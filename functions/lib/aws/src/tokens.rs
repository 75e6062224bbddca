//! Completing Task states that wait for a token.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::unavailable;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::send_task_failure::SendTaskFailureError;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use events::ErrorClass;
use ports::{CompleteTask, PortError};
use serde_json::json;
use std::sync::OnceLock;

/// The longest message in bytes. A cause has at most 32,768 characters, and JSON writes a character as up to 6.
const MESSAGE_LIMIT: usize = 5_000;

/// Waiting states by their tokens. The token alone says which.
pub struct Tokens {
    aws: Aws,
    client: OnceLock<Client>,
}

impl Tokens {
    /// Every waiting state.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        Self { aws: aws.clone(), client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk()))
    }
}

impl CompleteTask for Tokens {
    async fn succeed(&self, token: &str) -> Result<(), PortError> {
        use SendTaskSuccessError::{InvalidToken, TaskDoesNotExist, TaskTimedOut};
        let request = self.client().send_task_success().task_token(token).output("{}");
        match call(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(TaskTimedOut(_) | TaskDoesNotExist(_) | InvalidToken(_)) => Ok(()),
                _ => Err(unavailable("succeed", &error)),
            },
        }
    }

    async fn fail(&self, token: &str, class: ErrorClass, message: &str) -> Result<(), PortError> {
        use SendTaskFailureError::{InvalidToken, TaskDoesNotExist, TaskTimedOut};
        let request = self
            .client()
            .send_task_failure()
            .task_token(token)
            .error(class.as_str())
            .cause(cause(class, message));
        match call(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(TaskTimedOut(_) | TaskDoesNotExist(_) | InvalidToken(_)) => Ok(()),
                _ => Err(unavailable("fail", &error)),
            },
        }
    }
}

/// As Step Functions writes the cause of a failed Lambda function, so that both read the same in a history.
fn cause(class: ErrorClass, message: &str) -> String {
    let mut end = message.len().min(MESSAGE_LIMIT);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    json!({"errorType": class.as_str(), "errorMessage": &message[..end]}).to_string()
}
