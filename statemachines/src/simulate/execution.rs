//! One execution of a machine: told of results and timers, it says what is to be done next.

use super::expression::{States, choose, object};
use super::order::{Call, CallId, Order, Timer, delay};
use super::scope::{Attempt, Doing, Place};
use super::{End, Run, SimulateError};
use crate::asl::{Catch, INVOKE_AND_WAIT, Machine, Parallel, State, Task};
use serde_json::Value;
use std::sync::Arc;

/// More transitions than this and the run counts as endless.
const LIMIT: u64 = 100_000;

/// The error of a state that took longer than its `TimeoutSeconds`.
const TIMED_OUT: &str = "States.Timeout";

/// The token's state is over, or never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenGone;

/// An execution of a machine.
#[derive(Clone, Debug)]
pub struct Execution {
    machine: Arc<Machine>,
    name: String,
    input: Value,
    places: Vec<Place>,
    orders: Vec<Order>,
    calls: u64,
    run: Run,
}

impl Execution {
    /// Starts a machine. `name` makes its tokens differ from other executions'.
    ///
    /// # Errors
    /// [`SimulateError`] for a machine that the compiler did not make.
    pub fn start(machine: Arc<Machine>, name: &str, input: Value) -> Result<Self, SimulateError> {
        let mut execution = Self {
            name: name.to_owned(),
            input: input.clone(),
            places: vec![Place::outermost()],
            orders: Vec::new(),
            calls: 0,
            run: Run { history_events: 1, ..Run::default() },
            machine: Arc::clone(&machine),
        };
        execution.enter(0, machine.start_at.clone(), input)?;
        Ok(execution)
    }

    /// What is to be done since this was last asked.
    pub fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.orders)
    }

    /// What it did so far.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Whether a call's result still matters.
    pub fn is_open(&self, call: CallId) -> bool {
        self.at(call).is_some()
    }

    /// A call's function answered. Of a wait this ends nothing.
    ///
    /// # Errors
    /// [`SimulateError`] for a machine that the compiler did not make, or that does not end.
    pub fn succeed(&mut self, call: CallId, result: &Value) -> Result<(), SimulateError> {
        match self.at(call) {
            Some(place) if self.places[place].attempt().is_some_and(|it| it.token.is_none()) => {
                self.settle(place, result)
            }
            _ => Ok(()),
        }
    }

    /// A call's function failed with an error of this name, or the platform could not call it.
    ///
    /// # Errors
    /// As [`Execution::succeed`].
    pub fn fail(&mut self, call: CallId, error: &str) -> Result<(), SimulateError> {
        match self.at(call) {
            Some(place) => self.failed(place, error),
            None => Ok(()),
        }
    }

    /// A token was sent back with a result.
    ///
    /// # Errors
    /// As [`Execution::succeed`].
    pub fn succeed_token(
        &mut self,
        token: &str,
        result: &Value,
    ) -> Result<Result<(), TokenGone>, SimulateError> {
        match self.waiting(token) {
            Some(place) => self.settle(place, result).map(Ok),
            None => Ok(Err(TokenGone)),
        }
    }

    /// A token was sent back with an error.
    ///
    /// # Errors
    /// As [`Execution::succeed`].
    pub fn fail_token(&mut self, token: &str, error: &str) -> Result<Result<(), TokenGone>, SimulateError> {
        match self.waiting(token) {
            Some(place) => self.failed(place, error).map(Ok),
            None => Ok(Err(TokenGone)),
        }
    }

    /// A timer fired.
    ///
    /// # Errors
    /// As [`Execution::succeed`].
    pub fn fire(&mut self, timer: Timer) -> Result<(), SimulateError> {
        match timer {
            Timer::Timeout { call, .. } => self.fail(call, TIMED_OUT),
            Timer::Retry { call, .. } => {
                let failed = |place: &Place| place.attempt().is_some_and(|it| it.call == call.0 && !it.open);
                match self.places.iter().position(failed) {
                    Some(place) => self.again(place),
                    None => Ok(()),
                }
            }
        }
    }

    /// Somebody ends it from outside; it does nothing more.
    pub fn abort(&mut self) {
        self.end(End::Aborted);
    }

    /// Where an open call is made.
    fn at(&self, call: CallId) -> Option<usize> {
        self.places.iter().position(|place| place.attempt().is_some_and(|it| it.call == call.0 && it.open))
    }

    /// Where a token is waited for.
    fn waiting(&self, token: &str) -> Option<usize> {
        let waits = |it: &Attempt| it.open && it.token.as_deref() == Some(token);
        self.places.iter().position(|place| place.attempt().is_some_and(waits))
    }

    /// Enters a state, and those after it until something is to be waited for.
    fn enter(&mut self, place: usize, state: String, input: Value) -> Result<(), SimulateError> {
        let machine = Arc::clone(&self.machine);
        let mut name = state;
        loop {
            let state = self.places[place].states(&machine).and_then(|states| states.get(&name));
            let state = state.ok_or_else(|| SimulateError::NoState(name.clone()))?;
            self.transition()?;
            self.run.entered.push(name.clone());
            self.run.history_events += 2;
            let at = &mut self.places[place];
            at.state.clone_from(&name);
            at.input.clone_from(&input);
            match state {
                State::Task(task) => return self.attempt(place, task, 1, vec![0; task.retry.len()]),
                State::Parallel(parallel) => return self.branches(place, parallel),
                State::Choice(choice) => name = choose(choice, &self.states(place, &Value::Null, "", ""))?,
                State::Succeed(_) => return self.finish(place, Ok(())),
                State::Fail(fail) => return self.finish(place, Err(&fail.error)),
            }
        }
    }

    fn attempt(
        &mut self,
        place: usize,
        task: &Task,
        number: u32,
        used: Vec<u32>,
    ) -> Result<(), SimulateError> {
        self.calls += 1;
        let waits = task.resource == INVOKE_AND_WAIT;
        let token = waits.then(|| format!("{}:{}", self.name, self.calls));
        let states = self.states(place, &Value::Null, "", token.as_deref().unwrap_or_default());
        let payload = object(&task.arguments.payload, &states)?;
        let id = CallId(self.calls);
        self.run.history_events += 3 + u64::from(waits);
        let at = &mut self.places[place];
        at.doing = Doing::Attempt(Attempt { call: id.0, open: true, token: token.clone(), number, used });
        let state = at.state.clone();
        let function = task.arguments.function_name.clone();
        self.orders.push(Order::Call(Call { id, state, function, payload, attempt: number, token }));
        self.orders.push(Order::Timer(Timer::Timeout { call: id, seconds: task.timeout_seconds }));
        Ok(())
    }

    fn again(&mut self, place: usize) -> Result<(), SimulateError> {
        let machine = Arc::clone(&self.machine);
        let Some(task) = self.task(&machine, place) else { return Ok(()) };
        let Some(Attempt { number, used, .. }) = self.places[place].attempt().cloned() else { return Ok(()) };
        self.transition()?;
        self.attempt(place, task, number + 1, used)
    }

    fn settle(&mut self, place: usize, result: &Value) -> Result<(), SimulateError> {
        let machine = Arc::clone(&self.machine);
        let Some(task) = self.task(&machine, place) else { return Ok(()) };
        let output = object(&task.output, &self.states(place, result, "", ""))?;
        self.follow(place, task.next.as_ref(), output)
    }

    fn failed(&mut self, place: usize, error: &str) -> Result<(), SimulateError> {
        let machine = Arc::clone(&self.machine);
        let Some(task) = self.task(&machine, place) else { return Ok(()) };
        if let Doing::Attempt(attempt) = &mut self.places[place].doing {
            let retrier = task.retry.iter().position(|retry| matches(&retry.error_equals, error));
            if let Some(at) = retrier.filter(|&at| attempt.used[at] < task.retry[at].max_attempts) {
                let (least, most) = delay(&task.retry[at], attempt.used[at]);
                attempt.used[at] += 1;
                attempt.open = false;
                let call = CallId(attempt.call);
                self.orders.push(Order::Timer(Timer::Retry { call, least, most }));
                return Ok(());
            }
        }
        self.caught(place, &task.catch, error)
    }

    fn branches(&mut self, place: usize, parallel: &Parallel) -> Result<(), SimulateError> {
        self.run.history_events += 2;
        self.places[place].doing = Doing::Branches(parallel.branches.len());
        let input = self.places[place].input.clone();
        for (index, branch) in parallel.branches.iter().enumerate() {
            // One that failed already has ended them all.
            if !matches!(self.places[place].doing, Doing::Branches(_)) {
                return Ok(());
            }
            let inner = self.places[place].branch(place, index);
            self.places.push(inner);
            self.enter(self.places.len() - 1, branch.start_at.clone(), input.clone())?;
        }
        Ok(())
    }

    fn follow(&mut self, place: usize, next: Option<&String>, output: Value) -> Result<(), SimulateError> {
        match next {
            Some(next) => self.enter(place, next.clone(), output),
            None => self.finish(place, Ok(())),
        }
    }

    fn caught(&mut self, place: usize, catches: &[Catch], error: &str) -> Result<(), SimulateError> {
        match catches.iter().find(|catch| matches(&catch.error_equals, error)) {
            Some(catch) => {
                let output = object(&catch.output, &self.states(place, &Value::Null, error, ""))?;
                self.enter(place, catch.next.clone(), output)
            }
            None => self.finish(place, Err(error)),
        }
    }

    /// The scope of a place is at its end: the execution's, or a branch's.
    fn finish(&mut self, place: usize, outcome: Result<(), &str>) -> Result<(), SimulateError> {
        self.places[place].doing = Doing::Nothing;
        let Some(parent) = self.places[place].parent else {
            self.end(outcome.map_or_else(|error| End::Failed(error.to_owned()), |()| End::Succeeded));
            return Ok(());
        };
        let machine = Arc::clone(&self.machine);
        let Some(State::Parallel(parallel)) = self.state(&machine, parent) else { return Ok(()) };
        let Doing::Branches(left) = &mut self.places[parent].doing else { return Ok(()) };
        match outcome {
            Ok(()) => {
                *left -= 1;
                if *left > 0 {
                    return Ok(());
                }
                let output = object(&parallel.output, &self.states(parent, &Value::Null, "", ""))?;
                self.follow(parent, parallel.next.as_ref(), output)
            }
            Err(error) => {
                self.cut_off(parent);
                self.caught(parent, &parallel.catch, error)
            }
        }
    }

    /// Ends every branch of a place: their calls and tokens no longer matter.
    fn cut_off(&mut self, parent: usize) {
        for place in 0..self.places.len() {
            if self.places[place].parent == Some(parent) {
                self.places[place].doing = Doing::Nothing;
                self.cut_off(place);
            }
        }
    }

    fn end(&mut self, end: End) {
        for place in &mut self.places {
            place.doing = Doing::Nothing;
        }
        if self.run.end.is_none() {
            self.run.history_events += 1;
            self.run.end = Some(end);
        }
    }

    fn transition(&mut self) -> Result<(), SimulateError> {
        self.run.transitions += 1;
        if self.run.transitions > LIMIT { Err(SimulateError::Endless(LIMIT)) } else { Ok(()) }
    }

    fn state<'a>(&self, machine: &'a Machine, place: usize) -> Option<&'a State> {
        let place = &self.places[place];
        place.states(machine)?.get(&place.state)
    }

    fn task<'a>(&self, machine: &'a Machine, place: usize) -> Option<&'a Task> {
        match self.state(machine, place) {
            Some(State::Task(task)) => Some(task),
            _ => None,
        }
    }

    fn states<'a>(&'a self, place: usize, result: &'a Value, error: &'a str, token: &'a str) -> States<'a> {
        States { execution: &self.input, input: &self.places[place].input, result, error, token }
    }
}

/// `States.ALL` matches everything, a name itself.
fn matches(names: &[String], error: &str) -> bool {
    names.iter().any(|name| name == "States.ALL" || name == error)
}
