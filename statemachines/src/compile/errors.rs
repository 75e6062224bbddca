//! Which errors are tried again and which need a person.

use crate::asl::{Catch, Retry};
use crate::definition::RetryPolicy;
use events::ErrorClass;
use indexmap::IndexMap;
use serde_json::Value;

/// Classes that go away by themselves.
pub const TRANSIENT_CLASSES: [ErrorClass; 4] =
    [ErrorClass::Timeout, ErrorClass::ProviderUnavailable, ErrorClass::RateLimited, ErrorClass::AgentBusy];

/// Errors of the platform itself; all are class `Interrupted`.
///
/// Sources: AWS Step Functions Developer Guide, "Handle Lambda service exceptions" (the service's own errors, `Lambda.Unknown` for
/// unhandled ones, `Lambda.TooManyRequestsException` at the concurrency limit); AWS Lambda's `errorType` of a function that timed
/// out, crashed, or ran out of memory (`Sandbox.Timedout`, `Runtime.*`).
pub const PLATFORM_ERRORS: [&str; 10] = [
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Runtime.OutOfMemory",
    "Runtime.Unknown",
    "Sandbox.Timedout",
];

/// The state took longer than its `TimeoutSeconds`. Of a plain Task the platform's doing; of a wait the end of the run's maximum age:
/// the undo loop is told so by this name, and takes what the step declares for a question that nobody answers.
const STATE_TIMEOUT: &str = "States.Timeout";

/// Every error; stands alone and last.
const ALL: &str = "States.ALL";

/// The retries of a policy: one budget for the outside world's errors, one for a busy agent, one for the platform's.
pub(super) fn retries(policy: &RetryPolicy, waits: bool) -> Vec<Retry> {
    if policy.attempts <= 1 {
        return Vec::new();
    }
    let mut outside = names(&TRANSIENT_CLASSES);
    outside.retain(|name| *name != ErrorClass::AgentBusy.as_str());
    // An agent nobody waits for any more may be at work until its own deadline: patience beyond it, whatever the policy.
    let busy = Retry {
        error_equals: names(&[ErrorClass::AgentBusy]),
        interval_seconds: BUSY_INTERVAL,
        max_attempts: 2 * super::AGENT_TIMEOUT / BUSY_INTERVAL,
        backoff_rate: 1.0,
        max_delay_seconds: None,
        jitter_strategy: "NONE".to_owned(),
    };
    vec![retry(policy, outside), busy, retry(policy, interrupted(waits))]
}

/// The retries of a Task that calls no agent: only the platform can fail it.
pub(super) fn platform_retries(policy: &RetryPolicy, waits: bool) -> Vec<Retry> {
    if policy.attempts <= 1 { Vec::new() } else { vec![retry(policy, interrupted(waits))] }
}

fn retry(policy: &RetryPolicy, error_equals: Vec<String>) -> Retry {
    Retry {
        error_equals,
        interval_seconds: policy.interval.get(),
        max_attempts: policy.attempts - 1,
        backoff_rate: policy.backoff,
        max_delay_seconds: Some(policy.max_delay.get()),
        jitter_strategy: "FULL".to_owned(),
    }
}

/// Seconds between two looks at a busy agent.
const BUSY_INTERVAL: u32 = 10;

/// The errors that a person must look at: those that need one, and the transient ones once they are exhausted.
pub(super) fn for_a_person(waits: bool) -> Vec<String> {
    let mut errors = names(&[ErrorClass::Validation, ErrorClass::Permission]);
    errors.extend(names(&TRANSIENT_CLASSES));
    errors.extend(interrupted(waits));
    errors
}

fn names(classes: &[ErrorClass]) -> Vec<String> {
    classes.iter().map(ToString::to_string).collect()
}

fn interrupted(waits: bool) -> Vec<String> {
    let mut errors = names(&[ErrorClass::Interrupted]);
    errors.extend(PLATFORM_ERRORS.map(str::to_owned));
    if !waits {
        errors.push(STATE_TIMEOUT.to_owned());
    }
    errors
}

/// A catch that hands the error's name on.
pub(super) fn catch(error_equals: Vec<String>, next: &str) -> Catch {
    Catch {
        error_equals,
        output: IndexMap::from([("error".to_owned(), Value::from(super::expression::CAUGHT_ERROR))]),
        next: next.to_owned(),
    }
}

/// The catch of everything else.
pub(super) fn catch_all(next: &str) -> Catch {
    catch(vec![ALL.to_owned()], next)
}
