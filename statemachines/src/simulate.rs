//! Runs a generated machine in memory, with tasks of the caller's making: how the failure paths are proven, thousands of runs a
//! second. It knows the emitted subset of the states language and the compiler's own expressions, nothing else, and is a test
//! tool, never a runtime. Retries happen at once; branches run one after the other, and the first that fails ends its Parallel.

use crate::asl::{Catch, Choice, Machine, Parallel, State, Task};
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// What the machine's functions do.
pub trait Tasks {
    /// Answers one call with the function's result (of a wait: what the token was sent back with).
    ///
    /// # Errors
    /// The name of the error, as `errorType` or SendTaskFailure would say it.
    fn call(&mut self, state: &str, task: &Task, payload: &Value) -> Result<Value, String>;
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A state without a next one, or a Succeed.
    Succeeded,
    /// A Fail, or an error that nothing caught.
    Failed(String),
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// The states entered, in order.
    pub entered: Vec<String>,
    /// State transitions as they are billed: every state entered and every retry.
    pub transitions: u64,
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

/// More transitions than this and the run counts as endless.
const LIMIT: u64 = 100_000;

/// Runs a machine with the execution input `input`.
///
/// # Errors
/// [`SimulateError`] for a machine that the compiler did not make, or that does not end.
pub fn simulate(machine: &Machine, input: &Value, tasks: &mut dyn Tasks) -> Result<Run, SimulateError> {
    let mut simulation = Simulation { execution: input, tasks, entered: Vec::new(), transitions: 0 };
    let end = match simulation.scope(&machine.states, &machine.start_at, input.clone())? {
        Ok(_) => End::Succeeded,
        Err(error) => End::Failed(error),
    };
    Ok(Run { end, entered: simulation.entered, transitions: simulation.transitions })
}

/// A state's output, or the name of its error.
type Outcome = Result<Value, String>;

/// What a state leads to.
enum Step {
    Next(String, Value),
    End(Outcome),
}

/// What `$states` holds at a place.
struct Scope<'a> {
    execution: &'a Value,
    input: &'a Value,
    result: &'a Value,
    error: &'a str,
}

struct Simulation<'a> {
    execution: &'a Value,
    tasks: &'a mut dyn Tasks,
    entered: Vec<String>,
    transitions: u64,
}

impl Simulation<'_> {
    fn scope(
        &mut self,
        states: &IndexMap<String, State>,
        start: &str,
        input: Value,
    ) -> Result<Outcome, SimulateError> {
        let mut at = (start.to_owned(), input);
        loop {
            let (name, input) = at;
            let state = states.get(&name).ok_or_else(|| SimulateError::NoState(name.clone()))?;
            self.transition()?;
            self.entered.push(name.clone());
            let step = match state {
                State::Task(task) => self.task(&name, task, &input)?,
                State::Parallel(parallel) => self.parallel(parallel, &input)?,
                State::Choice(choice) => Step::Next(self.choose(choice, &input)?, input),
                State::Succeed(_) => Step::End(Ok(input)),
                State::Fail(fail) => Step::End(Err(fail.error.clone())),
            };
            at = match step {
                Step::Next(next, input) => (next, input),
                Step::End(outcome) => return Ok(outcome),
            };
        }
    }

    fn transition(&mut self) -> Result<(), SimulateError> {
        self.transitions += 1;
        if self.transitions > LIMIT { Err(SimulateError::Endless(LIMIT)) } else { Ok(()) }
    }

    fn task(&mut self, name: &str, task: &Task, input: &Value) -> Result<Step, SimulateError> {
        let scope = self.place(input, &Value::Null, "");
        let payload = object(&task.arguments.payload, &scope)?;
        let mut used = vec![0; task.retry.len()];
        let error = loop {
            let error = match self.tasks.call(name, task, &payload) {
                Ok(result) => {
                    let output = object(&task.output, &self.place(input, &result, ""))?;
                    return Ok(follow(task.next.as_ref(), output));
                }
                Err(error) => error,
            };
            let retrier = task.retry.iter().position(|retry| matches(&retry.error_equals, &error));
            match retrier.filter(|&at| used[at] < task.retry[at].max_attempts) {
                Some(at) => used[at] += 1,
                None => break error,
            }
            self.transition()?;
        };
        self.catch(&task.catch, input, error)
    }

    fn parallel(&mut self, parallel: &Parallel, input: &Value) -> Result<Step, SimulateError> {
        for branch in &parallel.branches {
            if let Err(error) = self.scope(&branch.states, &branch.start_at, input.clone())? {
                return self.catch(&parallel.catch, input, error);
            }
        }
        let output = object(&parallel.output, &self.place(input, &Value::Null, ""))?;
        Ok(follow(parallel.next.as_ref(), output))
    }

    fn catch(&mut self, catches: &[Catch], input: &Value, error: String) -> Result<Step, SimulateError> {
        match catches.iter().find(|catch| matches(&catch.error_equals, &error)) {
            Some(catch) => {
                let output = object(&catch.output, &self.place(input, &Value::Null, &error))?;
                Ok(Step::Next(catch.next.clone(), output))
            }
            None => Ok(Step::End(Err(error))),
        }
    }

    fn choose(&self, choice: &Choice, input: &Value) -> Result<String, SimulateError> {
        for rule in &choice.choices {
            let unknown = || SimulateError::Expression(rule.condition.clone());
            let inner = inside(&rule.condition).ok_or_else(unknown)?;
            let (left, right) = inner.split_once(" = ").ok_or_else(unknown)?;
            let left = value(left, &self.place(input, &Value::Null, "")).ok_or_else(unknown)?;
            if left.as_str() == Some(right.trim_matches('\'')) {
                return Ok(rule.next.clone());
            }
        }
        Ok(choice.default.clone())
    }

    fn place<'b>(&self, input: &'b Value, result: &'b Value, error: &'b str) -> Scope<'b>
    where
        Self: 'b,
    {
        Scope { execution: self.execution, input, result, error }
    }
}

fn follow(next: Option<&String>, output: Value) -> Step {
    match next {
        Some(next) => Step::Next(next.clone(), output),
        None => Step::End(Ok(output)),
    }
}

/// `States.ALL` matches everything, a name itself.
fn matches(names: &[String], error: &str) -> bool {
    names.iter().any(|name| name == "States.ALL" || name == error)
}

/// Literals as they are, expressions by their value.
fn object(template: &IndexMap<String, Value>, scope: &Scope) -> Result<Value, SimulateError> {
    let mut filled = Map::new();
    for (name, literal) in template {
        let value = match literal.as_str().and_then(inside) {
            Some(path) => value(path, scope).ok_or_else(|| SimulateError::Expression(path.to_owned()))?,
            None => literal.clone(),
        };
        filled.insert(name.clone(), value);
    }
    Ok(Value::Object(filled))
}

/// What stands between `{%` and `%}`.
fn inside(text: &str) -> Option<&str> {
    text.strip_prefix("{% ")?.strip_suffix(" %}")
}

/// A path below `$states`; a missing field has no value, as on AWS, where it fails the state.
fn value(path: &str, scope: &Scope) -> Option<Value> {
    let field =
        |of: &Value, rest: &str| rest.split('.').try_fold(of.clone(), |at, name| at.get(name).cloned());
    if let Some(rest) = path.strip_prefix("$states.context.Execution.Input.") {
        return field(scope.execution, rest);
    }
    if let Some(rest) = path.strip_prefix("$states.input.") {
        return field(scope.input, rest);
    }
    if let Some(rest) = path.strip_prefix("$states.result.Payload.") {
        return field(scope.result, rest);
    }
    match path {
        "$states.context.Task.Token" => Some(Value::from("token")),
        "$states.errorOutput.Error" => Some(Value::from(scope.error)),
        _ => None,
    }
}
