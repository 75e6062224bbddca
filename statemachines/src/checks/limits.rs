//! Times nest, retries end, and a whole run stays within what the platform can carry.

use super::{Report, Subject, at};
use crate::budget::{
    Budget, MAX_DEFINITION_BYTES, MAX_DOLLARS_PER_MILLION, MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES,
};
use crate::compile::{AGENT_TIMEOUT, LONGEST_PLAIN_STEP, STEP_FUNCTION_TIMEOUT};
use crate::definition::RetryPolicy;
use crate::duration::Seconds;

/// An agent's call ends before its step function's, which ends before the state; what takes longer waits for a token.
pub(super) fn timeout(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        let path = format!("{}.timeout", at(step));
        if step.timeout.get() <= STEP_FUNCTION_TIMEOUT {
            let what =
                format!("{} ends before the step function does ({STEP_FUNCTION_TIMEOUT}s)", step.timeout);
            let help = format!(
                "times nest: agent {AGENT_TIMEOUT}s < step function {STEP_FUNCTION_TIMEOUT}s < this; write 150s"
            );
            report.error(path, what, help);
        } else if !step.waits() && step.timeout.get() > LONGEST_PLAIN_STEP {
            let what = format!("{} is too long for a step that does not wait", step.timeout);
            let help = "at most 10m; longer work answers later: make it `mayAsk`, a token wait";
            report.error(path, what, help);
        }
        if step.expected_duration.get() == 0 {
            let help = "it weighs in the progress: say at least 1s";
            report.error(format!("{}.expectedDuration", at(step)), "the step takes no time", help);
        }
    }
}

/// Retries are few and grow.
pub(super) fn retry(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        policy(&step.retry, &format!("{}.retryPolicy", at(step)), report);
        if let Some(undo) = &step.undo {
            policy(&undo.retry, &format!("{}.undo.retry", at(step)), report);
        }
    }
}

/// More attempts than this only delay the call for help.
const MOST_ATTEMPTS: u32 = 10;

fn policy(policy: &RetryPolicy, path: &str, report: &mut Report) {
    if !(1..=MOST_ATTEMPTS).contains(&policy.attempts) {
        let what = format!("{} attempts", policy.attempts);
        report.error(format!("{path}.attempts"), what, format!("1 to {MOST_ATTEMPTS}, the first included"));
    }
    if policy.interval.get() == 0 {
        report.error(format!("{path}.interval"), "an interval of 0s", "at least 1s");
    }
    if !(1.0..=10.0).contains(&policy.backoff) {
        let what = format!("a backoff of {}", policy.backoff);
        report.error(format!("{path}.backoff"), what, "a factor from 1.0 to 10.0");
    }
    if policy.max_delay <= policy.interval {
        let what = format!(
            "the longest delay, {}, is not longer than the first, {}",
            policy.max_delay, policy.interval
        );
        report.error(
            format!("{path}.maxDelay"),
            what,
            "more than the interval; for equal waits a backoff of 1.0",
        );
    }
}

/// A run can take as long as its people may.
pub(super) fn whole_run(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let range = &workflow.estimated_duration;
    if range.min > range.max {
        let what = format!("the least, {}, is more than the most, {}", range.min, range.max);
        report.error("estimatedDuration", what, "min is at best, max at worst");
    }
    if workflow.queue_expiry.get() == 0 {
        report.error("queueExpiry", "a queued run expires at once", "such as 24h");
    }
    let Some(graph) = &subject.graph else { return };
    let deadline = |place: usize| {
        workflow.steps[place].interaction.as_ref().map_or(0, |it| u64::from(it.deadline.get()))
    };
    // The longest path: nodes in an order in which what comes before has been added up already.
    let mut nodes = graph.nodes().to_vec();
    nodes.sort_by_key(|&node| graph.nodes().iter().filter(|&&other| graph.precedes(other, node)).count());
    let mut longest = vec![0_u64; workflow.steps.len()];
    for &node in &nodes {
        let before = nodes.iter().filter(|&&other| graph.precedes(other, node)).map(|&other| longest[other]);
        longest[node] = before.max().unwrap_or(0) + deadline(node);
    }
    let longest = longest.into_iter().max().unwrap_or(0);
    if longest > u64::from(workflow.max_age.get()) {
        let waiting =
            u32::try_from(longest).map_or_else(|_| format!("{longest}s"), |s| Seconds(s).to_string());
        report.error(
            "maxAge",
            format!("a run may wait {waiting} for people but is ended after {}", workflow.max_age),
            "let maxAge be at least the sum of the deadlines on the longest path",
        );
    }
}

/// The worst case fits.
pub(super) fn budget(subject: &Subject, report: &mut Report) {
    let Ok(budget) = Budget::of(subject.workflow) else { return };
    let dollars = budget.cost.total() / 1_000_000;
    for (what, value, limit) in [
        ("history events in the worst case", budget.worst_history_events, MAX_HISTORY_EVENTS),
        ("bytes in the largest payload", budget.largest_payload, MAX_PAYLOAD_BYTES),
        ("bytes of definition", budget.definition_bytes, MAX_DEFINITION_BYTES),
        ("dollars per million runs", dollars, MAX_DOLLARS_PER_MILLION),
    ] {
        if value > limit {
            let help = format!("at most {limit}: fewer steps or fewer retries, or two workflows");
            report.error("", format!("{value} {what}"), help);
        }
    }
}
