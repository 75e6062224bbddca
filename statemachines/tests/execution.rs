//! The interpreter does what the platform documents, told of things in any order.

#![expect(clippy::unwrap_used, reason = "a test may")]

use serde_json::json;
use statemachines::asl::Machine;
use statemachines::simulate::{Call, End, Execution, Order, Timer};
use std::sync::Arc;

/// A Task; `extra` is more of its JSON, beginning with a comma.
fn task(waits: bool, next: &str, extra: &str) -> String {
    let resource = if waits { "lambda:invoke.waitForTaskToken" } else { "lambda:invoke" };
    let next = if next.is_empty() { r#""End": true"#.to_owned() } else { format!(r#""Next": "{next}""#) };
    format!(
        r#"{{"Type": "Task", "Resource": "arn:aws:states:::{resource}", "Arguments": {{"FunctionName": "f", "Payload": {{}}}},
        "Output": {{}}, "TimeoutSeconds": 60, {next}{extra}}}"#
    )
}

fn start(states: &str) -> Execution {
    let text =
        format!(r#"{{"Comment": "", "QueryLanguage": "JSONata", "StartAt": "a", "States": {{{states}}}}}"#);
    let machine: Machine = serde_json::from_str(&text).unwrap();
    Execution::start(Arc::new(machine), "run-1-1", json!({})).unwrap()
}

/// The calls that are to be made since.
fn calls(execution: &mut Execution) -> Vec<Call> {
    let orders = execution.take_orders().into_iter();
    orders.filter_map(|order| if let Order::Call(call) = order { Some(call) } else { None }).collect()
}

/// The timer of the only retry since.
fn retry(execution: &mut Execution) -> (Timer, u64, u64) {
    let retry = execution.take_orders().into_iter().find_map(|order| match order {
        Order::Timer(timer @ Timer::Retry { least, most, .. }) => Some((timer, least, most)),
        _ => None,
    });
    retry.unwrap()
}

const RETRY: &str = r#", "Retry": [
    {"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "MaxAttempts": 1, "BackoffRate": 1.0, "JitterStrategy": "NONE"},
    {"ErrorEquals": ["Down"], "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 2.0, "MaxDelaySeconds": 7,
     "JitterStrategy": "FULL"}]"#;

const BRANCHES: &str = r#""a": {"Type": "Parallel", "Branches": [
        {"StartAt": "left", "States": {"left": LEFT}},
        {"StartAt": "right", "States": {"right": RIGHT}}],
    "Output": {}, "Next": "b",
    "Catch": [{"ErrorEquals": ["States.ALL"], "Output": {}, "Next": "sorry"}]},
    "sorry": {"Type": "Fail", "Error": "Sorry"}"#;

fn branches() -> Execution {
    let states = BRANCHES.replace("LEFT", &task(false, "", "")).replace("RIGHT", &task(true, "", ""));
    start(&format!("{states}, \"b\": {}", task(false, "", "")))
}

#[test]
fn waits_between_attempts_grow_up_to_their_limit() {
    let mut execution = start(&format!("\"a\": {}", task(false, "", RETRY)));
    for (attempt, most) in (1..).zip([2_000, 4_000, 7_000, 7_000]) {
        let call = calls(&mut execution).remove(0);
        assert_eq!(call.attempt, attempt);
        execution.fail(call.id, "Down").unwrap();
        let (timer, least, longest) = retry(&mut execution);
        assert_eq!((least, longest), (0, most));
        execution.fire(timer).unwrap();
    }
    let call = calls(&mut execution).remove(0);
    execution.fail(call.id, "Down").unwrap();
    assert_eq!(execution.run().end, Some(End::Failed("Down".to_owned())), "after four retries");
    assert_eq!(execution.run().transitions, 5);
}

#[test]
fn each_retry_has_a_budget_of_its_own_and_a_wait_without_jitter_is_exact() {
    let mut execution = start(&format!("\"a\": {}", task(false, "", RETRY)));
    for error in ["Down", "Busy", "Down"] {
        let call = calls(&mut execution).remove(0);
        execution.fail(call.id, error).unwrap();
        let (timer, least, most) = retry(&mut execution);
        if error == "Busy" {
            assert_eq!((least, most), (10_000, 10_000));
        }
        execution.fire(timer).unwrap();
    }
    let call = calls(&mut execution).remove(0);
    execution.fail(call.id, "Busy").unwrap();
    assert_eq!(execution.run().end, Some(End::Failed("Busy".to_owned())));
}

#[test]
fn an_attempt_that_takes_too_long_fails_and_its_late_answer_is_nothing() {
    let catch = r#", "Catch": [{"ErrorEquals": ["States.Timeout"], "Output": {}, "Next": "b"}]"#;
    let mut execution = start(&format!("\"a\": {}, \"b\": {}", task(false, "", catch), task(false, "", "")));
    let orders = execution.take_orders();
    let [Order::Call(call), Order::Timer(timeout @ Timer::Timeout { seconds: 60, .. })] = orders.as_slice()
    else {
        panic!("{orders:?}")
    };
    execution.fire(*timeout).unwrap();
    assert!(!execution.is_open(call.id));
    execution.succeed(call.id, &json!({})).unwrap();
    assert_eq!(execution.run().entered, ["a", "b"]);
    assert_eq!(calls(&mut execution)[0].state, "b");
    execution.fire(*timeout).unwrap();
    assert_eq!(execution.run().end, None, "a timer of an attempt that is over does nothing");
}

#[test]
fn a_wait_ends_by_its_token_and_by_no_result() {
    let mut execution = start(&format!("\"a\": {}", task(true, "", "")));
    let call = calls(&mut execution).remove(0);
    let token = call.token.unwrap();
    execution.succeed(call.id, &json!({})).unwrap();
    assert_eq!(execution.run().end, None);
    assert!(execution.succeed_token("run-1-1:99", &json!({})).unwrap().is_err());
    execution.succeed_token(&token, &json!({})).unwrap().unwrap();
    assert_eq!(execution.run().end, Some(End::Succeeded));
    assert!(execution.succeed_token(&token, &json!({})).unwrap().is_err(), "once");
}

#[test]
fn a_wait_fails_with_its_function() {
    let mut execution = start(&format!("\"a\": {}", task(true, "", "")));
    let call = calls(&mut execution).remove(0);
    execution.fail(call.id, "Runtime.ExitError").unwrap();
    assert_eq!(execution.run().end, Some(End::Failed("Runtime.ExitError".to_owned())));
}

#[test]
fn branches_run_at_the_same_time_and_all_must_end() {
    for right_first in [true, false] {
        let mut execution = branches();
        let both = calls(&mut execution);
        assert_eq!(both.iter().map(|call| call.state.as_str()).collect::<Vec<_>>(), ["left", "right"]);
        let token = both[1].token.clone().unwrap();
        if right_first {
            execution.succeed_token(&token, &json!({})).unwrap().unwrap();
            assert!(calls(&mut execution).is_empty());
            execution.succeed(both[0].id, &json!({})).unwrap();
        } else {
            execution.succeed(both[0].id, &json!({})).unwrap();
            execution.succeed_token(&token, &json!({})).unwrap().unwrap();
        }
        assert_eq!(calls(&mut execution)[0].state, "b");
    }
}

#[test]
fn a_branch_that_fails_ends_the_others_and_their_tokens() {
    let mut execution = branches();
    let both = calls(&mut execution);
    execution.fail(both[0].id, "Critical").unwrap();
    assert_eq!(execution.run().end, Some(End::Failed("Sorry".to_owned())));
    let token = both[1].token.clone().unwrap();
    assert!(execution.succeed_token(&token, &json!({})).unwrap().is_err());
    assert!(execution.fail_token(&token, "Whatever").unwrap().is_err());
}

#[test]
fn an_aborted_execution_does_nothing_more() {
    let mut execution = branches();
    let both = calls(&mut execution);
    execution.abort();
    execution.succeed(both[0].id, &json!({})).unwrap();
    assert_eq!(execution.run().end, Some(End::Aborted));
    assert!(execution.take_orders().is_empty());
}

#[test]
fn history_is_counted_as_the_platform_writes_it() {
    let mut execution = start(&format!("\"a\": {}", task(false, "", RETRY)));
    let call = calls(&mut execution).remove(0);
    execution.fail(call.id, "Busy").unwrap();
    let (timer, ..) = retry(&mut execution);
    execution.fire(timer).unwrap();
    let call = calls(&mut execution).remove(0);
    execution.succeed(call.id, &json!({})).unwrap();
    // Started, entered, two attempts of three events, exited, succeeded.
    assert_eq!(execution.run().history_events, 10);
}
