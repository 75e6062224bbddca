//! The undo loop: of the run, and of an all-or-nothing group.
//!
//! `undo` undoes the latest open effect and says what is next; a failed undo is recorded and passed over; `undo.next` loops until
//! none is left. What a person undoes waits in `undo.ask`. A group's loop ends with going on after the group or with its fallback,
//! or, when the whole run is ending, with the run's own.

use super::errors::{catch_all, platform_retries, retries};
use super::expression;
use super::scope::task_for_undo;
use crate::asl::{Catch, Choice, Fail, Rule, State, Succeed};
use crate::definition::{RetryPolicy, Step, Workflow};
use events::ErrorClass;
use indexmap::IndexMap;
use serde_json::Value;

/// The run's undo.
pub(super) const UNDO: &str = "undo";

/// What `next` of the compensate function's answer may say of a run that is at its end.
const ENDS: [&str; 3] = ["RolledBack", "Stopped", "Failed"];

/// Where an end goes that is none of these, or an undo that could not even be recorded.
const NEEDS_ATTENTION: &str = "NeedsAttention";

/// A group's undo.
pub(super) fn of_group(group: &str) -> String {
    format!("{UNDO}.{group}")
}

/// Puts the run's undo loop and the terminal states.
pub(super) fn emit(workflow: &Workflow, states: &mut IndexMap<String, State>) {
    emit_loop(workflow, UNDO, &[], NEEDS_ATTENTION, states);
    let mut choices = vec![rule("Undo", UNDO)];
    choices.extend(asks(workflow, None).then(|| rule("Ask", &format!("{UNDO}.ask"))));
    choices.extend(ENDS.map(|end| rule(end, end)));
    states.insert(
        format!("{UNDO}.next"),
        State::Choice(Choice { choices, default: NEEDS_ATTENTION.to_owned() }),
    );
    states.insert("Stopped".to_owned(), State::Succeed(Succeed {}));
    for end in ["RolledBack", "Failed", NEEDS_ATTENTION] {
        states.insert(end.to_owned(), State::Fail(Fail { error: end.to_owned() }));
    }
}

/// Where a group's undo loop can lead.
pub(super) struct Ways<'a> {
    /// What takes the errors of the scope around the group; a branch has none, there the run's end leaves it as an error.
    pub outside: Option<&'a str>,
    /// What follows the group.
    pub next: Option<&'a str>,
    /// What runs in its place.
    pub fallback: Option<&'a str>,
}

/// Puts a group's undo loop.
pub(super) fn emit_group(
    workflow: &Workflow,
    group: &str,
    ways: &Ways<'_>,
    states: &mut IndexMap<String, State>,
) {
    let name = of_group(group);
    let leave = match ways.outside {
        Some(outside) => outside.to_owned(),
        None => {
            let leave = format!("{name}.leave");
            let error = ErrorClass::Ending.to_string();
            states.insert(leave.clone(), State::Fail(Fail { error }));
            leave
        }
    };
    let after = match ways.next {
        Some(next) => next.to_owned(),
        None => {
            let done = format!("{name}.done");
            states.insert(done.clone(), State::Succeed(Succeed {}));
            done
        }
    };
    emit_loop(workflow, &name, &[("group", group)], &leave, states);
    let mut choices = vec![rule("Undo", &name)];
    choices.extend(asks(workflow, Some(group)).then(|| rule("Ask", &format!("{name}.ask"))));
    choices.push(rule("Continue", &after));
    choices.extend(ways.fallback.map(|fallback| rule("Fallback", fallback)));
    states.insert(format!("{name}.next"), State::Choice(Choice { choices, default: leave }));
}

/// Whether a person undoes any of what the loop undoes.
fn asks(workflow: &Workflow, group: Option<&str>) -> bool {
    let inside = |step: &&Step| group.is_none() || step.group.as_deref() == group;
    workflow.steps.iter().filter(inside).any(Step::is_undone_by_hand)
}

fn emit_loop(
    workflow: &Workflow,
    name: &str,
    more: &[(&str, &str)],
    given_up: &str,
    states: &mut IndexMap<String, State>,
) {
    let policy = policy(workflow);
    let next = format!("{name}.next");
    let failed = format!("{name}.failed");
    let given_up_on = || Catch {
        error_equals: catch_all(&failed).error_equals,
        output: IndexMap::from([
            ("error".to_owned(), Value::from(expression::ERROR)),
            ("undo_error".to_owned(), Value::from(expression::CAUGHT_ERROR)),
        ]),
        next: failed.clone(),
    };

    let mut undo = task_for_undo(workflow, "undo", more);
    undo.retry = retries(&policy, false);
    undo.catch = vec![given_up_on()];
    undo.next = Some(next.clone());
    states.insert(name.to_owned(), State::Task(Box::new(undo)));

    let group = more.first().map(|(_, group)| *group);
    if asks(workflow, group) {
        let mut ask = task_for_undo(workflow, "undo-ask", more);
        ask.wait_for_token(workflow.max_age.get());
        ask.output = IndexMap::from([("error".to_owned(), Value::from(expression::ERROR))]);
        ask.retry = platform_retries(&policy, true);
        ask.catch = vec![given_up_on()];
        ask.next = Some(name.to_owned());
        states.insert(format!("{name}.ask"), State::Task(Box::new(ask)));
    }

    let mut more = more.to_vec();
    more.push(("undo_error", expression::UNDO_ERROR));
    let mut record = task_for_undo(workflow, "undo-failed", &more);
    record.retry = platform_retries(&policy, false);
    record.catch = vec![catch_all(given_up)];
    record.next = Some(next);
    states.insert(failed, State::Task(Box::new(record)));
}

fn rule(answer: &str, next: &str) -> Rule {
    Rule { condition: format!("{{% $states.input.next = '{answer}' %}}"), next: next.to_owned() }
}

/// The most patient of the workflow's undo policies: one loop undoes them all.
pub(super) fn policy(workflow: &Workflow) -> RetryPolicy {
    let policies = || workflow.steps.iter().filter_map(|step| step.undo.as_ref()).map(|undo| &undo.retry);
    policies().fold(RetryPolicy::default(), |most, policy| RetryPolicy {
        attempts: most.attempts.max(policy.attempts),
        interval: most.interval.max(policy.interval),
        backoff: most.backoff.max(policy.backoff),
        max_delay: most.max_delay.max(policy.max_delay),
    })
}
