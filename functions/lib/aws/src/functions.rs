//! Invoking functions of this system: agents, step Lambdas to go on, and any other for its answer.

use crate::call::call;
use crate::connection::Aws;
use crate::invocation::Invocations;
use crate::reason::{code, unavailable};
use crate::signed::{Answer, Refusal};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use events::{AgentId, AgentRequest, AgentResponse, ErrorClass};
use jiff::Timestamp;
use ports::{
    AgentFailure, AskAgent, ContinueStep, HandOver, Invoke, InvokeError, PortError, StepFunction, StepWork,
};
use serde_json::Value;
use shell::env::{EnvError, required};
use std::sync::OnceLock;
use std::time::Duration;

/// How long [`Invoke`] waits for a function: longer than it may run, so that its own word is heard, and less than its caller may.
/// The `Timeout`s in the template must fit.
#[must_use]
pub fn patience(function: &str) -> Duration {
    Duration::from_secs(match function {
        // The API asks for it while a person waits.
        "start" => 25,
        _ => 125,
    })
}

/// The functions of this stack, by their names without its prefix.
pub struct Functions {
    aws: Aws,
    prefix: String,
    asking: OnceLock<Invocations>,
    handing_over: OnceLock<Invocations>,
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
        Self {
            aws: aws.clone(),
            prefix: prefix.into(),
            asking: OnceLock::new(),
            handing_over: OnceLock::new(),
        }
    }

    /// Invokes a function once and waits for its answer.
    ///
    /// Nothing tries again by itself: a function whose answer was lost may still be at work, and its next attempt is the state
    /// machine's to decide. And it is sent on a connection of its own: one that died while this process was frozen would leave
    /// open whether the function began.
    async fn call(
        &self,
        callee: Callee<'_>,
        payload: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, Failed> {
        let asking = self.asking.get_or_init(|| Invocations::asked(&self.aws));
        let name = format!("{}{}", self.prefix, callee.function);
        let request = asking.invoke(&name, payload);
        match tokio::time::timeout(patience, call(request)).await {
            Err(_) => Err(callee.failed(ErrorClass::Timeout, "did not answer in time.")),
            Ok(Err(error)) => Err(callee.refused(&error)),
            Ok(Ok(answer)) => callee.answered(answer),
        }
    }

    /// Invokes a function without waiting for it.
    async fn leave(
        &self,
        operation: &'static str,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<(), PortError> {
        let handing_over = self.handing_over.get_or_init(|| Invocations::handed_over(&self.aws));
        let name = format!("{}{function}", self.prefix);
        call(handing_over.invoke(&name, payload)).await.map_err(|error| unavailable(operation, &error))?;
        Ok(())
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
        events::json::from_slice(&answer)
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
        self.leave(operation, function.as_str(), payload).await
    }
}

impl HandOver for Functions {
    async fn hand_over(&self, function: &str, payload: &Value) -> Result<(), PortError> {
        self.leave("hand_over", function, payload.to_string().into_bytes()).await
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
        let answer = self.call(callee, payload, patience(function)).await.map_err(failed)?;
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
    fn refused(self, error: &SdkError<Refusal, HttpResponse>) -> Failed {
        let class = match error {
            SdkError::TimeoutError(_) => ErrorClass::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => ErrorClass::Timeout,
            SdkError::ServiceError(service) => match service.err().code() {
                Some("TooManyRequestsException") => ErrorClass::AgentBusy,
                Some("RequestTooLargeException" | "InvalidRequestContentException") => ErrorClass::Defect,
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

    fn answered(self, answer: Answer) -> Result<Vec<u8>, Failed> {
        if answer.failed { Err(self.error(&answer.payload)) } else { Ok(answer.payload) }
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
