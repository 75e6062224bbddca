//! Invocations of functions that are under way.

use crate::user::Deed;
use serde_json::Value;
use statemachines::simulate::CallId;
use std::pin::Pin;

/// An invocation under way.
pub type FlightId = u64;

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Automated steps.
    Automated,
    /// Semi-automated steps and recovery alerts.
    SemiAutomated,
    /// Manual steps.
    Manual,
    /// The undo loop.
    Compensate,
    /// The sweep.
    Watchdog,
    /// Starts queued runs.
    Dispatch,
    /// Queues runs.
    Start,
    /// Reads the table's stream.
    Publish,
    /// The HTTP API.
    Api,
}

impl Function {
    /// The function of this name, or of its substitution in a machine.
    pub fn named(name: &str) -> Option<Self> {
        use statemachines::compile::function;
        Some(match name {
            "automated" | function::AUTOMATED => Self::Automated,
            "semi-automated" | function::SEMI_AUTOMATED => Self::SemiAutomated,
            "manual" | function::MANUAL => Self::Manual,
            "compensate" | function::COMPENSATE => Self::Compensate,
            "dispatch" => Self::Dispatch,
            "start" => Self::Start,
            _ => return None,
        })
    }

    /// How long it may run, in milliseconds (`Timeout` in the template).
    pub fn may_run(self) -> u64 {
        match self {
            Self::Api => 29_000,
            Self::Start | Self::Publish => 60_000,
            _ => 120_000,
        }
    }
}

/// Who invoked a function, and thus what becomes of its answer.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A machine's Task.
    Machine {
        /// The execution.
        execution: String,
        /// The call.
        call: CallId,
        /// The number of the call in this run.
        number: u64,
    },
    /// Somebody who does not wait; the platform tries so often again.
    Queue {
        /// Tries left.
        left: u32,
    },
    /// Another function that waits.
    Caller(FlightId),
    /// The schedule.
    Schedule,
    /// The table's stream, up to this change.
    Stream(usize),
    /// The user, who tries so often again.
    User {
        /// What they do.
        deed: Deed,
        /// Tries left.
        left: u32,
    },
}

/// An invocation to come.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The function.
    pub function: Function,
    /// What it is invoked with.
    pub payload: Value,
    /// Who invokes it.
    pub origin: Origin,
}

/// How an invocation failed: `errorType` and `errorMessage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The class, or the platform's word.
    pub error: String,
    /// One sentence.
    pub message: String,
}

/// What an invocation comes to.
pub type Answer = Result<Value, Failure>;

/// The work of an invocation.
pub type Work = Pin<Box<dyn Future<Output = Answer>>>;

/// An invocation under way.
pub struct Flight {
    /// Its number.
    pub id: FlightId,
    /// What it was invoked as.
    pub launch: Launch,
    /// Its work.
    pub work: Work,
}
