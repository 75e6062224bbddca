//! Steps, chains, branches and groups as states of one scope: the machine itself, or one branch of a Parallel.

use super::errors::{catch, catch_all, for_a_person, platform_retries, retries};
use super::{STEP_FUNCTION_TIMEOUT, expression, function, undo};
use crate::asl::{Branch, Call, Catch, INVOKE, INVOKE_AND_WAIT, Parallel, State, Task};
use crate::definition::{OnGroupFailure, Step, StepKind, Workflow};
use crate::graph::Block;
use events::ErrorClass;
use indexmap::IndexMap;
use serde_json::Value;

/// Where states are put.
pub(super) struct Scope<'a> {
    pub workflow: &'a Workflow,
    pub states: IndexMap<String, State>,
    /// Where an error goes that nothing else takes. In a branch nowhere: it leaves the branch and the Parallel catches it.
    pub on_error: Option<String>,
    /// How many Parallels there are so far in the whole machine.
    pub parallels: &'a mut u32,
}

impl Scope<'_> {
    /// Puts a block's states, so that `next` follows them, or the end. Answers with the name of the first.
    pub fn emit(&mut self, block: &Block, next: Option<&str>) -> String {
        match block {
            Block::Step(place) => self.step(*place, next),
            Block::Series(blocks) => self.series(blocks, next),
            Block::Parallel(blocks) => self.parallel(blocks, next),
            Block::Group(name, inner) => self.group(name, inner, next),
        }
    }

    fn series(&mut self, blocks: &[Block], next: Option<&str>) -> String {
        // Back to front, because a state names the one after it; the states are then put in reading order.
        let mut parts = Vec::new();
        let mut follower = next.map(str::to_owned);
        for block in blocks.iter().rev() {
            let before = std::mem::take(&mut self.states);
            let start = self.emit(block, follower.as_deref());
            parts.push(std::mem::replace(&mut self.states, before));
            follower = Some(start);
        }
        self.states.extend(parts.into_iter().rev().flatten());
        follower.unwrap_or_default()
    }

    fn parallel(&mut self, blocks: &[Block], next: Option<&str>) -> String {
        *self.parallels += 1;
        let name = format!("parallel.{}", self.parallels);
        let mut branches = Vec::new();
        for block in blocks {
            let mut scope = Scope {
                workflow: self.workflow,
                states: IndexMap::new(),
                on_error: None,
                parallels: &mut *self.parallels,
            };
            let start_at = scope.emit(block, None);
            branches.push(Branch { start_at, states: scope.states });
        }
        let state = Parallel {
            branches,
            output: IndexMap::new(),
            catch: self.on_error.as_deref().map(catch_all).into_iter().collect(),
            next: next.map(str::to_owned),
            end: next.is_none().then_some(true),
        };
        self.states.insert(name.clone(), State::Parallel(state));
        name
    }

    fn group(&mut self, group: &str, inner: &Block, next: Option<&str>) -> String {
        let workflow = self.workflow;
        let outside = self.on_error.replace(undo::of_group(group));
        let start = self.emit(inner, next);
        self.on_error = outside;
        let fallback = match workflow.on_group_failure(group) {
            OnGroupFailure::Fallback(id) => workflow.steps.iter().position(|step| step.id == *id),
            OnGroupFailure::Continue | OnGroupFailure::RollBack => None,
        };
        let ways = undo::Ways {
            outside: self.on_error.as_deref(),
            next,
            fallback: fallback.map(|place| workflow.steps[place].id.as_str()),
        };
        undo::emit_group(workflow, group, &ways, &mut self.states);
        if let Some(place) = fallback {
            self.step(place, next);
        }
        start
    }

    fn step(&mut self, place: usize, next: Option<&str>) -> String {
        let workflow = self.workflow;
        let step = &workflow.steps[place];
        let help = format!("{}.help", step.id);
        let fallback =
            step.fallback.as_ref().and_then(|id| workflow.steps.iter().position(|step| step.id == *id));

        let mut catches = vec![catch(for_a_person(step.waits()), &help)];
        if let Some(fallback) = fallback {
            let declined = vec![ErrorClass::Declined.to_string()];
            catches.push(Catch {
                error_equals: declined,
                output: IndexMap::new(),
                next: workflow.steps[fallback].id.to_string(),
            });
        }
        catches.extend(self.on_error.as_deref().map(catch_all));
        let task = task(step, "step", catches, workflow, next);
        self.states.insert(step.id.to_string(), State::Task(Box::new(task)));

        let catches = self.on_error.as_deref().map(catch_all).into_iter().collect();
        let task = task_for_help(step, catches, workflow);
        self.states.insert(help, State::Task(Box::new(task)));

        if let Some(fallback) = fallback {
            self.step(fallback, next);
        }
        step.id.to_string()
    }
}

fn task(step: &Step, mode: &str, catch: Vec<Catch>, workflow: &Workflow, next: Option<&str>) -> Task {
    let function_name = match step.kind {
        StepKind::Automated => function::AUTOMATED,
        StepKind::SemiAutomated => function::SEMI_AUTOMATED,
        StepKind::Manual => function::MANUAL,
    };
    let waits = step.waits();
    let mut payload = payload(workflow, step, mode);
    if waits {
        payload.insert("token".to_owned(), Value::from(expression::TOKEN));
    }
    Task {
        resource: if waits { INVOKE_AND_WAIT } else { INVOKE }.to_owned(),
        arguments: Call { function_name: function_name.to_owned(), payload },
        output: IndexMap::new(),
        timeout_seconds: if waits { workflow.max_age.get() } else { step.timeout.get() },
        retry: retries(&step.retry, waits),
        catch,
        next: next.map(str::to_owned),
        end: next.is_none().then_some(true),
    }
}

/// Asks a person what to do; the decision is carried out by the step's own Task, which comes next.
fn task_for_help(step: &Step, catch: Vec<Catch>, workflow: &Workflow) -> Task {
    let mut payload = payload(workflow, step, "help");
    payload.insert("error".to_owned(), Value::from(expression::ERROR));
    payload.insert("token".to_owned(), Value::from(expression::TOKEN));
    Task {
        resource: INVOKE_AND_WAIT.to_owned(),
        arguments: Call { function_name: function::SEMI_AUTOMATED.to_owned(), payload },
        output: IndexMap::new(),
        timeout_seconds: workflow.max_age.get(),
        retry: platform_retries(&step.retry, true),
        catch,
        next: Some(step.id.to_string()),
        end: None,
    }
}

fn payload(workflow: &Workflow, step: &Step, mode: &str) -> IndexMap<String, Value> {
    let mut payload = work(workflow, mode);
    payload.insert("step_id".to_owned(), Value::from(step.id.as_str()));
    payload
}

/// What every step Lambda is told: enough to read all it needs in one call. See `ports::StepWork`.
fn work(workflow: &Workflow, mode: &str) -> IndexMap<String, Value> {
    IndexMap::from([
        ("run_id".to_owned(), Value::from(expression::RUN_ID)),
        ("user_id".to_owned(), Value::from(expression::USER_ID)),
        ("epoch".to_owned(), Value::from(expression::EPOCH)),
        ("workflow".to_owned(), Value::from(workflow.id.as_str())),
        ("version".to_owned(), Value::from(workflow.version)),
        ("mode".to_owned(), Value::from(mode)),
    ])
}

/// A Task of the undo loop.
pub(super) fn task_for_undo(workflow: &Workflow, mode: &str, more: &[(&str, &str)]) -> Task {
    let mut payload = work(workflow, mode);
    payload.insert("error".to_owned(), Value::from(expression::ERROR));
    payload.extend(more.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
    Task {
        resource: INVOKE.to_owned(),
        arguments: Call { function_name: function::COMPENSATE.to_owned(), payload },
        output: IndexMap::from([
            ("error".to_owned(), Value::from(expression::ERROR)),
            ("next".to_owned(), Value::from(expression::NEXT)),
        ]),
        timeout_seconds: STEP_FUNCTION_TIMEOUT + AFTERMATH,
        retry: Vec::new(),
        catch: Vec::new(),
        next: None,
        end: None,
    }
}

/// Seconds beyond the function's own timeout, so that the function's end is seen before the state's.
const AFTERMATH: u32 = 30;
