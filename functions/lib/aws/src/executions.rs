//! Executions of the generated state machines.

use crate::call::call;
use crate::connection::Aws;
use crate::reason::unavailable;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;
use engine::Run;
use ports::{DescribeExecution, ExecutionState, PortError, StartExecution};
use serde_json::json;
use shell::env::{EnvError, required};
use std::sync::OnceLock;

/// The executions of runs. A run's machine is `<workflow>-v<version>`, its execution `<run>-<epoch>`.
pub struct Executions {
    aws: Aws,
    prefix: String,
    client: OnceLock<Client>,
}

impl Executions {
    /// The machines whose ARNs begin with `STATE_MACHINE_PREFIX`, such as
    /// `arn:aws:states:eu-west-1:123456789012:stateMachine:dev-`.
    ///
    /// # Errors
    /// When `STATE_MACHINE_PREFIX` is not set.
    pub fn from_env(aws: &Aws) -> Result<Self, EnvError> {
        Ok(Self::new(aws, required("STATE_MACHINE_PREFIX")?))
    }

    /// The machines whose ARNs begin with this prefix.
    #[must_use]
    pub fn new(aws: &Aws, prefix: impl Into<String>) -> Self {
        Self { aws: aws.clone(), prefix: prefix.into(), client: OnceLock::new() }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(self.aws.sdk()))
    }

    fn machine(&self, run: &Run) -> String {
        format!("{}{}-v{}", self.prefix, run.workflow_id, run.version)
    }

    /// An execution's ARN is its machine's with another kind of resource, and its name behind it.
    fn execution(&self, run: &Run) -> String {
        let machine = self.machine(run).replacen(":stateMachine:", ":execution:", 1);
        format!("{machine}:{}", name(run))
    }
}

fn name(run: &Run) -> String {
    format!("{}-{}", run.run_id, run.epoch)
}

impl StartExecution for Executions {
    async fn start_execution(&self, run: &Run) -> Result<(), PortError> {
        let input = json!({"run_id": run.run_id, "user_id": run.user_id, "epoch": run.epoch});
        let request = self
            .client()
            .start_execution()
            .state_machine_arn(self.machine(run))
            .name(name(run))
            .input(input.to_string());
        match call(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(()),
                _ => Err(unavailable("start_execution", &error)),
            },
        }
    }
}

impl DescribeExecution for Executions {
    /// Lags behind a start by moments, as the service says of itself.
    async fn describe_execution(&self, run: &Run) -> Result<Option<ExecutionState>, PortError> {
        let request = self.client().describe_execution().execution_arn(self.execution(run));
        match call(request.send()).await {
            Ok(execution) => Ok(Some(match execution.status {
                ExecutionStatus::Running | ExecutionStatus::PendingRedrive => ExecutionState::Running,
                _ => ExecutionState::Ended,
            })),
            Err(error) => match error.as_service_error() {
                Some(DescribeExecutionError::ExecutionDoesNotExist(_)) => Ok(None),
                _ => Err(unavailable("describe_execution", &error)),
            },
        }
    }
}
