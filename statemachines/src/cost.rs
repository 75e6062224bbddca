//! What a million runs cost when nothing fails, in the United States (N. Virginia) on demand. An estimate of the largest parts, from
//! list prices and assumed durations; both stand here. Money leaves nobody's account by these figures.

use crate::definition::{Step, Workflow};
use std::fmt;

/// Millionths of a dollar per million runs, by service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Step Functions: state transitions.
    pub step_functions: u64,
    /// Lambda: requests and time of every function that a run calls.
    pub lambda: u64,
    /// DynamoDB: write and read request units.
    pub dynamodb: u64,
    /// EventBridge: custom events.
    pub eventbridge: u64,
    /// API Gateway: what agents report while they work.
    pub api_gateway: u64,
    /// S3: outputs too long for a step's record.
    pub s3: u64,
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
    /// API Gateway HTTP API calls: $1.00 (aws.amazon.com/api-gateway/pricing).
    pub const CALL: u64 = 1_000_000;
    /// S3 Standard, PUT requests: $5.00 (aws.amazon.com/s3/pricing).
    pub const PUT: u64 = 5_000_000;
    /// S3 Standard, GET requests: $0.40.
    pub const GET: u64 = 400_000;
}

/// Memory of every function in MB (`MemorySize` in the template).
const MEMORY: u64 = 256;

/// Assumed time of an agent's call in milliseconds: a few calls of outside systems.
const AGENT_TIME: u64 = 600;

/// Assumed time of a step function beside its agent's in milliseconds.
const STEP_TIME: u64 = 60;

/// Assumed time of one call of a function that only reads and writes the table or the bus, in milliseconds.
const TRACKING_TIME: u64 = 40;

/// What an agent reports in one call: its first and its last word.
const REPORTS: u64 = 2;

/// Impacts that a step with effects tells of.
const IMPACTS: u64 = 2;

/// Write units of a step without effects, with effects, and what a wait adds (the task's record and its decision).
const WRITES: (u64, u64, u64) = (5, 8, 4);

/// Puts and gets of a step without effects: what it finds is too long for its record, and two later steps read of it.
const APART: (u64, u64) = (1, 2);

/// Read units of one step: the run, earlier outputs, consents, limits.
const READS: u64 = 4;

/// Events of one step (started, completed), what a wait adds (asked, going on), and what a run has beside its steps: five changes
/// of its state, started, completed, the goal and the suggestion.
const EVENTS: (u64, u64, u64) = (2, 2, 9);

/// Read and write units of an event: it is stored, and the card, of a few kilobytes, is read and written.
const TRACKED: (u64, u64) = (3, 4);

/// Changes of a run's state, at each of which the dispatcher looks.
const CHANGES: u64 = 5;

/// Read and write units of a run's way through the queue and of its completion, in all.
const AROUND: (u64, u64) = (30, 20);

impl Cost {
    /// The cost of a workflow's happy path.
    pub(crate) fn of(workflow: &Workflow, transitions: u64) -> Self {
        let steps = || workflow.steps.iter().filter(|step| !workflow.is_fallback(&step.id));
        let per_step = |amount: &dyn Fn(&Step) -> u64| steps().map(amount).sum::<u64>();
        let waits = |step: &Step| u64::from(step.waits());
        // Propose, and execute where there is something to do.
        let agent = |step: &Step| if step.has_effects() { 2 } else { 1 };
        // A wait is begun and continued by one call each, and the answer between them is one of the API.
        let step_calls = per_step(&|step| 1 + waits(step));
        let answers = per_step(&waits);
        let agent_calls = per_step(&agent);
        let reports = agent_calls * REPORTS;
        let impacts = per_step(&|step| if step.has_effects() { IMPACTS } else { 0 });
        let events = per_step(&|step| EVENTS.0 + EVENTS.1 * waits(step)) + reports + impacts + EVENTS.2;
        // Before the start each agent is asked whether it is there.
        let probes = workflow.agents.len() as u64;
        // Each event is published and folded; start and completion are one call each.
        let tracking = 2 * events + reports + answers + CHANGES + 2;
        let time = step_calls * STEP_TIME
            // Whoever calls an agent waits for it.
            + 2 * (agent_calls + probes) * AGENT_TIME
            + tracking * TRACKING_TIME;
        let writes = per_step(&|step| {
            let own = if step.has_effects() { WRITES.1 } else { WRITES.0 };
            own + WRITES.2 * waits(step)
        });
        // A report is read with its step, and written.
        let writes = writes + reports + events * TRACKED.1 + AROUND.1;
        let finding = per_step(&|step| u64::from(!step.has_effects()));
        let reads = steps().count() as u64 * READS + 2 * reports + events * TRACKED.0 + AROUND.0;
        Self {
            step_functions: transitions * price::TRANSITION,
            lambda: (step_calls + agent_calls + probes + tracking) * price::REQUEST
                + time * MEMORY * price::GIGABYTE_SECOND / (1_000 * 1_024),
            dynamodb: writes * price::WRITE + reads * price::READ,
            eventbridge: events * price::EVENT,
            api_gateway: (reports + answers) * price::CALL,
            s3: finding * (APART.0 * price::PUT + APART.1 * price::GET),
        }
    }

    /// What a run has cost, in millionths of a dollar, from what was counted of it: attempts of its steps, questions and alerts shown,
    /// and the events it has told.
    pub fn counted(attempts: u64, questions: u64, events: u64) -> u64 {
        let calls = attempts + questions;
        let tracking = 2 * events + questions + CHANGES + 2;
        // Each attempt is a state, a step function's call, and its agent's; each question the call that goes on after its answer.
        let time = calls * STEP_TIME + 2 * attempts * AGENT_TIME + tracking * TRACKING_TIME;
        let writes = attempts * WRITES.1 + questions * WRITES.2 + events * TRACKED.1 + AROUND.1;
        let reads = calls * READS + events * TRACKED.0 + AROUND.0;
        // Prices are of a million units.
        let of_million = attempts * price::TRANSITION
            + (calls + attempts + tracking) * price::REQUEST
            + time * MEMORY * price::GIGABYTE_SECOND / (1_000 * 1_024)
            + writes * price::WRITE
            + reads * price::READ
            + events * price::EVENT
            + questions * price::CALL;
        of_million / 1_000_000
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.step_functions + self.lambda + self.dynamodb + self.eventbridge + self.api_gateway + self.s3
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (Step Functions {}, Lambda {}, DynamoDB {}, EventBridge {}, API Gateway {}, S3 {})",
            dollars(self.total()),
            dollars(self.step_functions),
            dollars(self.lambda),
            dollars(self.dynamodb),
            dollars(self.eventbridge),
            dollars(self.api_gateway),
            dollars(self.s3)
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
        // One step without effects, four with; three of them wait. Nine calls of agents, two words each.
        let events = 5 * 2 + 3 * 2 + 18 + 4 * 2 + 9;
        assert_eq!(cost.eventbridge, events * 1_000_000);
        let writes = 5 + 4 * 8 + 3 * 4 + 18 + events * 4 + 20;
        let reads = 5 * 4 + 36 + events * 3 + 30;
        assert_eq!(cost.dynamodb, writes * 625_000 + reads * 125_000);
        assert_eq!(cost.api_gateway, 21 * 1_000_000);
        assert_eq!(cost.s3, 5_800_000);
        let parts =
            [cost.step_functions, cost.lambda, cost.dynamodb, cost.eventbridge, cost.api_gateway, cost.s3];
        assert_eq!(cost.total(), parts.iter().sum::<u64>());
        assert!(cost.to_string().contains("Step Functions $125.00"), "{cost}");
    }

    #[test]
    fn a_run_costs_what_was_counted_of_it() {
        // About what the estimate of a million says of one: five steps, three questions, fifty events.
        let catalog = Catalog::embedded().unwrap();
        let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
        let estimated = Cost::of(workflow, 5).total() / 1_000_000;
        let counted = Cost::counted(5, 3, 50);
        assert!(counted.abs_diff(estimated) * 5 < estimated, "{counted} and {estimated}");
        assert!(Cost::counted(6, 3, 50) > counted + 25, "another attempt is another transition");
    }

    #[test]
    fn the_memory_is_the_templates() {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml"));
        let sizes: Vec<&str> =
            text.lines().filter_map(|line| line.trim().strip_prefix("MemorySize: ")).collect();
        assert_eq!(sizes, [MEMORY.to_string()]);
    }
}
