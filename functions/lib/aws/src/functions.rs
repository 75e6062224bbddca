//! Invoking functions of this system: agents, step Lambdas to go on, and any other for its answer.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::{code, unavailable};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::{InvokeError as Refusal, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use events::{AgentId, AgentRequest, AgentResponse, ErrorClass};
use jiff::Timestamp;
use ports::{AgentFailure, AskAgent, ContinueStep, Invoke, InvokeError, PortError, StepFunction, StepWork};
use serde_json::Value;
use shell::env::{EnvError, required};
use std::sync::OnceLock;
use std::time::Duration;

/// How long [`Invoke`] waits: as long as such a function may run (`Timeout` in the template).
const INVOKE_TIMEOUT: Duration = Duration::from_secs(60);

/// The functions of this stack, by their names without its prefix.
pub struct Functions {
    aws: Aws,
    prefix: String,
    client: OnceLock<Client>,
}

impl Functions {
    /// The functions whose names begin with `FUNCTION_PREFIX`, such as `dev-`.
    ///
    /// # Errors
    /// When `FUNCTION_PREFIX` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self::new(aws, required("FUNCTION_PREFIX")?))
    }

    /// The functions whose names begin with this prefix.
    #[must_use]
    pub fn new(aws: &Aws, prefix: impl Into<String>) -> Self {
        Self { aws: aws.clone(), prefix: prefix.into(), client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk()))
    }

    /// Invokes a function once and waits for its answer.
    ///
    /// The SDK must not try again: a function whose answer was lost may still be at work, and its next attempt is the state
    /// machine's to decide. And it is sent on a connection of its own: one that died while this process was frozen would leave
    /// open whether the function began.
    async fn call(
        &self,
        callee: Callee<'_>,
        payload: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, Failed> {
        let request = self
            .client()
            .invoke()
            .function_name(format!("{}{}", self.prefix, callee.function))
            .payload(Blob::new(payload))
            .customize()
            .mutate_request(|request| {
                request.headers_mut().insert("connection", "close");
            })
            .config_override(
                Builder::new()
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(TimeoutConfig::builder().disable_operation_attempt_timeout().build())
                    // A function that works in silence is not a stalled transfer.
                    .stalled_stream_protection(StalledStreamProtectionConfig::disabled()),
            );
        match tokio::time::timeout(patience, call(request.send())).await {
            Err(_) => Err(callee.failed(ErrorClass::Timeout, "did not answer in time.")),
            Ok(Err(error)) => Err(callee.refused(&error)),
            Ok(Ok(answer)) => callee.answered(answer),
        }
    }
}

impl AskAgent for Functions {
    async fn ask_agent(
        &self,
        agent: &AgentId,
        request: &AgentRequest,
    ) -> Result<AgentResponse, AgentFailure> {
        let callee = Callee { kind: "The agent", function: agent.as_str() };
        let failed = |failed: Failed| AgentFailure {
            agent: agent.clone(),
            class: failed.class,
            message: failed.message,
            at_rest: failed.at_rest,
        };
        let payload = serde_json::to_vec(request)
            .map_err(|_| failed(callee.failed(ErrorClass::Defect, "could not be told what to do.")))?;
        let answer = self.call(callee, payload, time_until(request.deadline)).await.map_err(failed)?;
        serde_json::from_slice(&answer)
            // What it did is not known: not its own word that it began nothing.
            .map_err(|_| {
                failed(callee.failed(ErrorClass::Interrupted, "gave an answer that cannot be read."))
            })
    }
}

impl ContinueStep for Functions {
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError> {
        let operation = "continue_step";
        let payload = serde_json::to_vec(work)
            .map_err(|error| PortError::Unavailable { operation, reason: error.to_string() })?;
        let request = self
            .client()
            .invoke()
            .function_name(format!("{}{}", self.prefix, function.as_str()))
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload));
        call(request.send()).await.map_err(|error| unavailable(operation, &error))?;
        Ok(())
    }
}

impl Invoke for Functions {
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError> {
        let callee = Callee { kind: "The function", function };
        let failed = |failed: Failed| InvokeError {
            function: function.to_owned(),
            class: failed.class,
            message: failed.message,
        };
        let payload = payload.to_string().into_bytes();
        let answer = self.call(callee, payload, INVOKE_TIMEOUT).await.map_err(failed)?;
        serde_json::from_slice(&answer)
            .map_err(|_| failed(callee.failed(ErrorClass::Defect, "gave an answer that is not JSON.")))
    }
}

/// How an invocation failed: what kind of failure, and one sentence for the user.
struct Failed {
    class: ErrorClass,
    message: String,
    /// It said so itself, or was never reached.
    at_rest: bool,
}

/// Who is invoked.
#[derive(Clone, Copy)]
struct Callee<'a> {
    /// What a user calls it.
    kind: &'static str,
    function: &'a str,
}

impl Callee<'_> {
    fn failed(self, class: ErrorClass, what: &str) -> Failed {
        Failed { class, message: format!("{} {what}", self.kind), at_rest: false }
    }

    /// It was not reached, or nothing is known of it.
    fn refused(self, error: &SdkError<Refusal>) -> Failed {
        let class = match error {
            SdkError::TimeoutError(_) => ErrorClass::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => ErrorClass::Timeout,
            SdkError::ServiceError(service) => match service.err() {
                Refusal::TooManyRequestsException(_) => ErrorClass::AgentBusy,
                Refusal::RequestTooLargeException(_) | Refusal::InvalidRequestContentException(_) => {
                    ErrorClass::Defect
                }
                _ => ErrorClass::Interrupted,
            },
            SdkError::ConstructionFailure(_) => ErrorClass::Defect,
            _ => ErrorClass::Interrupted,
        };
        match class {
            ErrorClass::AgentBusy => Failed { at_rest: true, ..self.failed(class, "is busy with others.") },
            _ => self.failed(class, &format!("could not be reached ({}).", code(error))),
        }
    }

    fn answered(self, answer: InvokeOutput) -> Result<Vec<u8>, Failed> {
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        match answer.function_error {
            Some(_) => Err(self.error(&payload)),
            None => Ok(payload),
        }
    }

    /// It failed: `{"errorType", "errorMessage"}`, where the type is an [`ErrorClass`] and the message for the user when the
    /// function speaks, and anything else when the platform does.
    fn error(self, payload: &[u8]) -> Failed {
        let error: Value = serde_json::from_slice(payload).unwrap_or_default();
        let text = |name| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = text("errorType");
        match ErrorClass::ALL.into_iter().find(|class| class.as_str() == kind) {
            // After its own time limit a request of the function may still be on its way.
            Some(class) => Failed {
                class,
                message: text("errorMessage").to_owned(),
                at_rest: class != ErrorClass::Timeout,
            },
            // Some words of the platform, such as that of a time limit, come without a type.
            None if kind.is_empty() => self.failed(ErrorClass::Interrupted, "was interrupted."),
            None => self.failed(ErrorClass::of_error_type(kind), &format!("was interrupted ({kind}).")),
        }
    }
}

/// How long it is until then; nothing when it has passed.
fn time_until(deadline: Timestamp) -> Duration {
    Duration::try_from(deadline.duration_since(Timestamp::now())).unwrap_or_default()
}
