//! What a workflow can cost at most: transitions, history events, bytes, dollars. Computed from the machine itself.

use crate::asl::{INVOKE_AND_WAIT, Machine, Retry, State, Task};
use crate::compile::{MAX_EFFECTS_PER_STEP, MAX_HELP_ROUNDS, compile, expression};
use crate::cost::Cost;
use crate::definition::Workflow;
use crate::graph::GraphError;
use indexmap::IndexMap;

/// Step Functions ends an execution with more events (Developer Guide, "Quotas related to state machine executions").
pub const MAX_HISTORY_EVENTS: u64 = 25_000;

/// Largest input or output of a state in bytes (Developer Guide, "Quotas related to task executions").
pub const MAX_PAYLOAD_BYTES: u64 = 256 * 1024;

/// Largest definition in bytes (Developer Guide, "Quotas related to accounts": request size).
pub const MAX_DEFINITION_BYTES: u64 = 1024 * 1024;

/// Most that a million runs may cost in dollars when nothing fails; ours, not the platform's.
pub const MAX_DOLLARS_PER_MILLION: u64 = 1_000;

/// What a workflow can cost at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// State transitions when nothing fails.
    pub happy_transitions: u64,
    /// State transitions when every step is retried and helped as often as it may be and then every effect is undone, each
    /// undo failing as often as it may.
    pub worst_transitions: u64,
    /// History events in that case.
    pub worst_history_events: u64,
    /// Bytes of the largest input of a Task.
    pub largest_payload: u64,
    /// Bytes of the definition.
    pub definition_bytes: u64,
    /// What a million runs cost when nothing fails.
    pub cost: Cost,
}

impl Budget {
    /// The budget of a workflow.
    ///
    /// # Errors
    /// As [`compile`].
    pub fn of(workflow: &Workflow) -> Result<Self, Vec<GraphError>> {
        let machine = compile(workflow)?;
        let mut count = Count::default();
        count.scope(workflow, &machine.states);
        let happy_transitions = happy(&machine.states, &machine.start_at);
        Ok(Self {
            happy_transitions,
            worst_transitions: count.transitions,
            worst_history_events: count.events + EXECUTION_EVENTS,
            largest_payload: count.payload,
            definition_bytes: size(&machine),
            cost: Cost::of(workflow, happy_transitions),
        })
    }
}

/// `ExecutionStarted` and how it ended.
const EXECUTION_EVENTS: u64 = 2;

/// `…StateEntered` and `…StateExited`.
const STATE_EVENTS: u64 = 2;

/// `ParallelStateStarted` and how it ended.
const PARALLEL_EVENTS: u64 = 2;

/// `TaskScheduled`, `TaskStarted` and how it ended; a wait also has `TaskSubmitted`.
const ATTEMPT_EVENTS: u64 = 3;

/// Bytes that an expression's value has at most: ids have 128 (`events`), an epoch ten digits, a token 2,048 and an error's name 256
/// (Step Functions API Reference, `SendTaskSuccess`, `SendTaskFailure`).
const VALUES: [(&str, u64); 6] = [
    (expression::RUN_ID, 128),
    (expression::USER_ID, 128),
    (expression::EPOCH, 10),
    (expression::TOKEN, 2_048),
    (expression::ERROR, 256),
    (expression::UNDO_ERROR, 256),
];

/// A sum over every state.
#[derive(Default)]
struct Count {
    transitions: u64,
    events: u64,
    payload: u64,
}

impl Count {
    fn scope(&mut self, workflow: &Workflow, states: &IndexMap<String, State>) {
        for state in states.values() {
            match state {
                State::Task(task) => self.task(workflow, task),
                State::Parallel(parallel) => {
                    self.add(1, 1, STATE_EVENTS + PARALLEL_EVENTS);
                    parallel.branches.iter().for_each(|branch| self.scope(workflow, &branch.states));
                }
                // Only the undo loops choose.
                State::Choice(_) => self.add(undos(workflow), 1, STATE_EVENTS),
                State::Succeed(_) | State::Fail(_) => self.add(1, 1, STATE_EVENTS),
            }
        }
    }

    fn task(&mut self, workflow: &Workflow, task: &Task) {
        let mode = task.arguments.payload.get("mode").and_then(|mode| mode.as_str());
        let times = match mode {
            Some("step") => 1 + u64::from(MAX_HELP_ROUNDS),
            // The last time, no help helps.
            Some("help") => 1 + u64::from(MAX_HELP_ROUNDS),
            _ => undos(workflow),
        };
        let attempts = 1 + task.retry.iter().map(retries).sum::<u64>();
        let submitted = u64::from(task.resource == INVOKE_AND_WAIT);
        self.add(times, attempts, STATE_EVENTS + attempts * (ATTEMPT_EVENTS + submitted));
        self.payload = self.payload.max(payload(task));
    }

    fn add(&mut self, times: u64, transitions: u64, events: u64) {
        self.transitions += times * transitions;
        self.events += times * events;
    }
}

fn retries(retry: &Retry) -> u64 {
    u64::from(retry.max_attempts)
}

/// How often an undo loop turns at most: once per effect, and once more to find none left.
fn undos(workflow: &Workflow) -> u64 {
    let steps = workflow.steps.iter().filter(|step| step.undo.is_some() || step.has_effects()).count() as u64;
    steps * u64::from(MAX_EFFECTS_PER_STEP) + 1
}

fn payload(task: &Task) -> u64 {
    let text = serde_json::to_string(&task.arguments.payload).unwrap_or_default();
    let values = VALUES.iter().filter(|(expression, _)| text.contains(expression));
    text.len() as u64 + values.map(|(_, bytes)| bytes).sum::<u64>()
}

fn size(machine: &Machine) -> u64 {
    machine.to_text().map_or(u64::MAX, |text| text.len() as u64)
}

/// States on the way when nothing fails.
fn happy(states: &IndexMap<String, State>, start: &str) -> u64 {
    let mut transitions = 0;
    let mut at = Some(start);
    while let Some(state) = at.and_then(|name| states.get(name)) {
        transitions += 1;
        at = match state {
            State::Task(task) => task.next.as_deref(),
            State::Parallel(parallel) => {
                transitions += parallel
                    .branches
                    .iter()
                    .map(|branch| happy(&branch.states, &branch.start_at))
                    .sum::<u64>();
                parallel.next.as_deref()
            }
            State::Choice(_) | State::Succeed(_) | State::Fail(_) => None,
        };
    }
    transitions
}
