//! The ports of every function, over the world in memory. A function that dies never comes back from a call.

use crate::agenda::Event;
use crate::flight::{Function, Launch, Origin};
use crate::world::{Arrival, Pause, Verb, World};
use api::{FetchKeys, KeepProofs, KeysUnavailable, Newcomer, Session, SignIn, SignInError};
use engine::{Apart, Out, Run, StepRecord};
use events::{AgentId, AgentRequest, AgentResponse, ErrorClass, RunId};
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use ports::{
    AgentFailure, AskAgent, BusEntry, CatalogOrder, Clock, Commit, CommitError, CompleteTask, ContinueStep,
    DeadLetter, DescribeExecution, ExecutionState, FetchApart, FindDue, HandOver, Invoke, InvokeError,
    KeepApart, Key, List, Listing, LookThroughFailures, OrderProviders, PortError, Publish, Read, Report,
    StartExecution, StepFunction, StepWork, Stored, Write,
};
use serde_json::{Value, json};
use statemachines::simulate::Execution;
use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// The outside of all functions. Clones share the world.
#[derive(Clone)]
pub struct Outside {
    world: Arc<Mutex<World>>,
    keys: JwkSet,
}

impl Outside {
    /// The outside in a world, whose issuer of tokens has these keys.
    pub fn of(world: World, keys: JwkSet) -> Self {
        Self { world: Arc::new(Mutex::new(world)), keys }
    }

    /// The world.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn enter(&self, verb: Verb) -> Result<u64, PortError> {
        let (at, arrival) = self.world().arrive(verb);
        match arrival {
            Arrival::Go => Ok(at),
            Arrival::Refused => Err(refused()),
            Arrival::Die => pending().await,
            Arrival::Lingers(until) => {
                self.until(|world| (world.now >= until).then_some(())).await;
                Ok(at)
            }
            Arrival::First(act) => {
                let mut first = true;
                poll_fn(|_| {
                    if std::mem::take(&mut first) {
                        self.world().pause = Some(Pause::Act(act));
                        return Poll::Pending;
                    }
                    Poll::Ready(())
                })
                .await;
                Ok(at)
            }
        }
    }

    async fn leave(&self, at: u64) -> Result<(), PortError> {
        let departure = self.world().depart(at);
        match departure {
            Arrival::Refused => Err(refused()),
            Arrival::Die => pending().await,
            _ => Ok(()),
        }
    }

    /// Waits until there is something.
    async fn until<T>(&self, mut there: impl FnMut(&mut World) -> Option<T>) -> T {
        poll_fn(|_| {
            let mut world = self.world();
            match there(&mut world) {
                Some(it) => Poll::Ready(it),
                None => {
                    world.pause.get_or_insert(Pause::Waits);
                    Poll::Pending
                }
            }
        })
        .await
    }
}

fn refused() -> PortError {
    PortError::Unavailable { operation: "call", reason: "told to fail".to_owned() }
}

/// One call of a port: arrival, effect, departure.
macro_rules! call {
    ($outside:ident, $verb:ident, $effect:expr) => {{
        let at = $outside.enter(Verb::$verb).await?;
        let answer = $effect;
        $outside.leave(at).await?;
        answer
    }};
}

impl OrderProviders for Outside {
    async fn order_providers(&self, providers: &[String]) -> Vec<String> {
        CatalogOrder.order_providers(providers).await
    }
}

impl Clock for Outside {
    fn now(&self) -> Timestamp {
        self.world().now
    }
}

impl Read for Outside {
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        let memory = self.world().memory.clone();
        call!(self, Read, memory.read(keys).await)
    }
}

impl List for Outside {
    async fn list(
        &self,
        list: Listing,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Stored>, PortError> {
        let memory = self.world().memory.clone();
        call!(self, Read, memory.list(list, after, limit).await)
    }
}

impl FindDue for Outside {
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError> {
        let memory = self.world().memory.clone();
        call!(self, Read, memory.find_due(now, limit).await)
    }
}

impl Commit for Outside {
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let memory = self.world().memory.clone();
        call!(self, Commit, memory.commit(writes).await)
    }
}

impl KeepApart for Outside {
    async fn keep_apart(&self, record: &StepRecord, apart: &Apart, text: String) -> Result<bool, PortError> {
        let memory = self.world().memory.clone();
        call!(self, Keep, memory.keep_apart(record, apart, text).await)
    }
}

impl FetchApart for Outside {
    async fn fetch_apart(&self, apart: &Apart) -> Result<String, PortError> {
        let memory = self.world().memory.clone();
        call!(self, Read, memory.fetch_apart(apart).await)
    }
}

impl Report for Outside {
    async fn report(&self, run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError> {
        let memory = self.world().memory.clone();
        call!(self, Report, memory.report(run, epoch, out).await)
    }
}

impl AskAgent for Outside {
    async fn ask_agent(
        &self,
        agent: &AgentId,
        request: &AgentRequest,
    ) -> Result<AgentResponse, AgentFailure> {
        let cut_off = |_| AgentFailure {
            agent: agent.clone(),
            class: ErrorClass::Interrupted,
            message: "The agent could not be reached.".to_owned(),
            at_rest: false,
        };
        self.enter(Verb::AskAgent).await.map_err(cut_off)?;
        let number = self.world().ask(agent, request);
        self.until(|world| world.answered(number)).await
    }
}

impl ContinueStep for Outside {
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError> {
        call!(self, Continue, {
            let function = Function::named(function.as_str()).unwrap_or(Function::Automated);
            self.world().hand_over(function, json!(work));
            Ok(())
        })
    }
}

impl Invoke for Outside {
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError> {
        let failed = |class| InvokeError {
            function: function.to_owned(),
            class,
            message: "The function could not be reached.".to_owned(),
        };
        self.enter(Verb::Invoke).await.map_err(|_| failed(ErrorClass::Interrupted))?;
        let callee = Function::named(function).ok_or_else(|| failed(ErrorClass::Defect))?;
        let caller = {
            let mut world = self.world();
            let caller = world.current.flight;
            let origin = Origin::Caller(caller);
            let launch = Launch { function: callee, payload: payload.clone(), origin };
            let now = world.now;
            world.agenda.put(now, Event::Launch(Box::new(launch)));
            caller
        };
        self.until(|world| world.replies.remove(&caller)).await
    }
}

impl CompleteTask for Outside {
    async fn succeed(&self, token: &str) -> Result<(), PortError> {
        call!(self, CompleteTask, {
            self.complete(token, |execution| execution.succeed_token(token, &json!({})));
            Ok(())
        })
    }

    async fn fail(&self, token: &str, class: ErrorClass, message: &str) -> Result<(), PortError> {
        call!(self, CompleteTask, {
            self.world().tell(|| format!("    token fails: {class} {message}"));
            if class == ErrorClass::Defect {
                self.world().defect(message);
            }
            self.complete(token, |execution| execution.fail_token(token, class.as_str()));
            Ok(())
        })
    }
}

type Completion =
    Result<Result<(), statemachines::simulate::TokenGone>, statemachines::simulate::SimulateError>;

impl Outside {
    /// A token that is gone is no error: it was completed already.
    fn complete(&self, token: &str, how: impl FnOnce(&mut Execution) -> Completion) {
        let mut world = self.world();
        let completed = world.execution_of(token).map(how);
        if let Some(Err(error)) = completed {
            world.wrong.push(format!("the machine cannot be run: {error}"));
        }
    }
}

impl StartExecution for Outside {
    async fn start_execution(&self, run: &Run) -> Result<(), PortError> {
        call!(self, StartExecution, {
            let mut world = self.world();
            let name = name_of(run);
            if !world.executions.contains_key(&name) {
                let input = json!({ "run_id": run.run_id, "user_id": run.user_id, "epoch": run.epoch });
                match Execution::start(Arc::clone(&world.machine), &name, input) {
                    Ok(execution) => {
                        world.executions.insert(name, execution);
                    }
                    Err(error) => world.wrong.push(format!("the machine cannot be run: {error}")),
                }
            }
            Ok(())
        })
    }
}

impl DescribeExecution for Outside {
    async fn describe_execution(&self, run: &Run) -> Result<Option<ExecutionState>, PortError> {
        call!(self, Read, {
            let world = self.world();
            let execution = world.executions.get(&name_of(run));
            let ended = |it: &Execution| it.run().end.is_some();
            Ok(execution.map(|it| if ended(it) { ExecutionState::Ended } else { ExecutionState::Running }))
        })
    }
}

/// The name of a run's execution.
fn name_of(run: &Run) -> String {
    format!("{}-{}", run.run_id, run.epoch)
}

impl Publish for Outside {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<usize>, PortError> {
        call!(self, Publish, {
            let mut world = self.world();
            // The rule of the dispatcher; what it does not look at is not worth an invocation here.
            for entry in entries.iter().filter(|entry| entry.detail_type == "run.state_changed") {
                let event = json!({ "detail-type": entry.detail_type, "detail": entry.detail });
                if frees_or_fills_a_place(&entry.detail) {
                    world.hand_over(Function::Dispatch, event);
                }
            }
            Ok(Vec::new())
        })
    }
}

/// Whether the dispatcher does anything about a change of state.
fn frees_or_fills_a_place(detail: &Value) -> bool {
    let to = detail.pointer("/data/data/details/to").and_then(Value::as_str).unwrap_or_default();
    !matches!(to, "Validating" | "Ready" | "Executing" | "Paused" | "RollingBack")
}

impl FetchKeys for Outside {
    async fn fetch_keys(&self) -> Result<JwkSet, KeysUnavailable> {
        Ok(self.keys.clone())
    }
}

/// Nobody uploads anything here.
impl KeepProofs for Outside {
    fn address(&self) -> String {
        String::new()
    }

    fn largest(&self) -> u64 {
        0
    }

    async fn form(&self, _: &str, _: &str, _: Timestamp) -> Result<BTreeMap<String, String>, PortError> {
        Ok(BTreeMap::new())
    }

    async fn link(&self, _: &str, _: &str, _: Timestamp) -> Result<String, PortError> {
        Ok(String::new())
    }

    async fn holds(&self, _: &str, _: Timestamp) -> Result<bool, PortError> {
        Ok(false)
    }
}

/// Nobody operates anything here.
impl LookThroughFailures for Outside {
    async fn failures(&self, _most: usize) -> Result<Vec<DeadLetter>, PortError> {
        Ok(Vec::new())
    }

    async fn hold_failure(&self, _id: &str, _most: usize) -> Result<Option<DeadLetter>, PortError> {
        Ok(None)
    }

    async fn remove_failure(&self, _receipt: &str) -> Result<(), PortError> {
        Ok(())
    }
}

/// Nobody operates anything here.
impl HandOver for Outside {
    async fn hand_over(&self, _function: &str, _payload: &Value) -> Result<(), PortError> {
        Ok(())
    }
}

/// Nobody signs in here: calls carry tokens.
impl SignIn for Outside {
    async fn sign_in(&self, _name: &str, _password: &str) -> Result<Session, SignInError> {
        Err(SignInError::Refused)
    }

    async fn choose_password(&self, _who: &Newcomer, _password: &str) -> Result<Session, SignInError> {
        Err(SignInError::Refused)
    }

    async fn refresh(&self, _refresh_token: &str) -> Result<Session, SignInError> {
        Err(SignInError::Refused)
    }

    async fn sign_out(&self, _refresh_token: &str) -> Result<(), SignInError> {
        Ok(())
    }
}
