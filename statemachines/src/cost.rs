//! What a million runs cost when nothing fails, in the United States (N. Virginia) on demand. An estimate of the largest parts, from
//! list prices and assumed durations; both stand here. Money leaves nobody's account by these figures.

use crate::definition::{Step, Workflow};
use std::fmt;

/// Millionths of a dollar per million runs, by service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Step Functions: state transitions.
    pub step_functions: u64,
    /// Lambda: requests and time of step functions, agents and the publisher.
    pub lambda: u64,
    /// DynamoDB: write and read request units.
    pub dynamodb: u64,
    /// EventBridge: custom events.
    pub eventbridge: u64,
}

/// Prices in millionths of a dollar per million units.
mod price {
    /// Step Functions Standard, state transitions: $25.00 (aws.amazon.com/step-functions/pricing).
    pub const TRANSITION: u64 = 25_000_000;
    /// Lambda requests: $0.20 (aws.amazon.com/lambda/pricing).
    pub const REQUEST: u64 = 200_000;
    /// Lambda GB-seconds on arm64: $13.3334 (aws.amazon.com/lambda/pricing).
    pub const GIGABYTE_SECOND: u64 = 13_333_400;
    /// DynamoDB on-demand write request units: $0.625 (aws.amazon.com/dynamodb/pricing/on-demand).
    pub const WRITE: u64 = 625_000;
    /// DynamoDB on-demand read request units: $0.125.
    pub const READ: u64 = 125_000;
    /// EventBridge custom events: $1.00 (aws.amazon.com/eventbridge/pricing).
    pub const EVENT: u64 = 1_000_000;
}

/// Assumed memory of every function in MB.
const MEMORY: u64 = 128;

/// Assumed time of an agent's call in milliseconds: a few calls of outside systems.
const AGENT_TIME: u64 = 600;

/// Assumed time of a step function beside its agent's in milliseconds.
const STEP_TIME: u64 = 60;

/// Assumed time of one call of the publisher in milliseconds.
const PUBLISH_TIME: u64 = 40;

/// Write units of a step without effects, with effects, and what a wait adds (the task's record and its decision).
const WRITES: (u64, u64, u64) = (5, 8, 4);

/// Read units of one step: the run, earlier outputs, consents, limits.
const READS: u64 = 4;

/// Events of one step (started, completed), what a wait adds, and what a run has beside its steps.
const EVENTS: (u64, u64, u64) = (2, 1, 5);

impl Cost {
    /// The cost of a workflow's happy path.
    pub(crate) fn of(workflow: &Workflow, transitions: u64) -> Self {
        let steps = || workflow.steps.iter().filter(|step| !workflow.is_fallback(&step.id));
        let per_step = |amount: &dyn Fn(&Step) -> u64| steps().map(amount).sum::<u64>();
        let waits = |step: &Step| u64::from(step.waits());
        // Propose, and execute where there is something to do.
        let agent = |step: &Step| if step.has_effects() { 2 } else { 1 };
        // A wait is begun and continued by one call each.
        let step_calls = per_step(&|step| 1 + waits(step));
        let agent_calls = per_step(&agent);
        let events = per_step(&|step| EVENTS.0 + EVENTS.1 * waits(step)) + EVENTS.2;
        let publishes = events;
        let time = step_calls * STEP_TIME + 2 * agent_calls * AGENT_TIME + publishes * PUBLISH_TIME;
        let writes = per_step(&|step| {
            let own = if step.has_effects() { WRITES.1 } else { WRITES.0 };
            own + WRITES.2 * waits(step)
        });
        Self {
            step_functions: transitions * price::TRANSITION,
            lambda: (step_calls + agent_calls + publishes) * price::REQUEST
                + time * MEMORY * price::GIGABYTE_SECOND / (1_000 * 1_024),
            dynamodb: writes * price::WRITE + steps().count() as u64 * READS * price::READ,
            eventbridge: events * price::EVENT,
        }
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.step_functions + self.lambda + self.dynamodb + self.eventbridge
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (Step Functions {}, Lambda {}, DynamoDB {}, EventBridge {})",
            dollars(self.total()),
            dollars(self.step_functions),
            dollars(self.lambda),
            dollars(self.dynamodb),
            dollars(self.eventbridge)
        )
    }
}

/// Millionths as dollars and cents, the rest cut off.
fn dollars(micro: u64) -> String {
    format!("${}.{:02}", micro / 1_000_000, micro % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    #[test]
    fn the_cost_of_the_emergency_fund_builder_adds_up() {
        let catalog = Catalog::embedded().unwrap();
        let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
        let cost = Cost::of(workflow, 5);
        assert_eq!(cost.step_functions, 125_000_000);
        // One step without effects, four with; three of them wait.
        assert_eq!(cost.dynamodb, (5 + 4 * 8 + 3 * 4) * 625_000 + 5 * 4 * 125_000);
        assert_eq!(cost.eventbridge, (5 * 2 + 3 + 5) * 1_000_000);
        assert_eq!(cost.total(), cost.step_functions + cost.lambda + cost.dynamodb + cost.eventbridge);
        assert!(cost.to_string().contains("Step Functions $125.00"), "{cost}");
    }
}
