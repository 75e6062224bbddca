//! Runs a generated machine in memory, without a clock: how the failure paths are proven, thousands of runs a second.
//!
//! An [`Execution`] says which calls are to be made and which timers to be set, and is told what came of them, in any order: whoever
//! drives it decides when and in which order things happen. It knows the emitted subset of the states language and the compiler's own
//! expressions, nothing else, and is a test tool, never a runtime. [`simulate`] drives one without waiting for anything.

mod execution;
mod expression;
mod order;
mod scope;

pub use execution::{Execution, TokenGone};
pub use order::{Call, CallId, Order, Timer};

use crate::asl::Machine;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// What the machine's functions do.
pub trait Tasks {
    /// Answers one call with the function's result (of a wait: what the token was sent back with).
    ///
    /// # Errors
    /// The name of the error, as `errorType` or SendTaskFailure would say it.
    fn call(&mut self, call: &Call) -> Result<Value, String>;
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A state without a next one, or a Succeed.
    Succeeded,
    /// A Fail, or an error that nothing caught.
    Failed(String),
    /// Somebody ended it from outside.
    Aborted,
}

/// What a run did so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// How it ended; none while it runs.
    pub end: Option<End>,
    /// The states entered, in order.
    pub entered: Vec<String>,
    /// State transitions as they are billed: every state entered and every retry.
    pub transitions: u64,
    /// Events of its history.
    pub history_events: u64,
}

/// A machine that the simulator cannot run, which the compiler never makes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulateError {
    /// A state names one that does not exist.
    #[error("there is no state `{0}` in its scope")]
    NoState(String),
    /// An expression that the compiler does not make, or that has no value here.
    #[error("`{0}` has no value")]
    Expression(String),
    /// It does not end.
    #[error("the run takes more than {0} transitions")]
    Endless(u64),
}

/// Runs a machine with the execution input `input`: calls are made one after the other, branch by branch, retries at once, and
/// nothing ever takes too long.
///
/// # Errors
/// [`SimulateError`] for a machine that the compiler did not make, or that does not end.
pub fn simulate(machine: &Machine, input: &Value, tasks: &mut dyn Tasks) -> Result<Run, SimulateError> {
    let mut execution = Execution::start(Arc::new(machine.clone()), "simulation", input.clone())?;
    let mut orders = VecDeque::new();
    loop {
        // What a call leads to comes before what waited already: one branch after the other.
        execution.take_orders().into_iter().rev().for_each(|order| orders.push_front(order));
        match orders.pop_front() {
            Some(Order::Call(call)) if execution.is_open(call.id) => {
                let answer = tasks.call(&call);
                match (answer, &call.token) {
                    // The state may be gone already: that is no matter here.
                    (Ok(result), Some(token)) => drop(execution.succeed_token(token, &result)?),
                    (Ok(result), None) => execution.succeed(call.id, &result)?,
                    (Err(error), _) => execution.fail(call.id, &error)?,
                }
            }
            Some(Order::Timer(timer @ Timer::Retry { .. })) => execution.fire(timer)?,
            Some(_) => {}
            None => return Ok(execution.run().clone()),
        }
    }
}
