//! How long steps have taken, by workflow: work apart from waiting for people, learnt from runs that were completed.

use events::{EventType, StepId, WorkflowEvent, WorkflowId};
use indexmap::IndexMap;
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use statemachines::Step;
use std::collections::BTreeMap;

/// How many runs are remembered of a step, the latest.
const REMEMBERED: usize = 50;

/// From how many runs on what was learnt is told.
const ENOUGH: usize = 5;

/// What was learnt of a workflow. One record a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// How many runs it was learnt from.
    pub runs: u32,
    /// Seconds of work and of waiting for people, by step.
    #[serde(default)]
    pub steps: IndexMap<StepId, Lasted>,
    /// What each run confirmed a month, in minor units, by the currency of its household.
    #[serde(default)]
    pub confirms: IndexMap<Currency, Vec<i64>>,
}

/// How long a step lasted in the latest runs, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasted {
    /// Its agent's work.
    pub worked: Vec<u32>,
    /// Its waiting for people.
    pub waited: Vec<u32>,
}

/// How long a step lasted in one run, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Its agent's work.
    pub worked: i64,
    /// Its waiting for people.
    pub waited: i64,
}

impl Learned {
    /// Nothing yet.
    pub fn nothing(workflow_id: WorkflowId) -> Self {
        Self { workflow_id, runs: 0, steps: IndexMap::new(), confirms: IndexMap::new() }
    }

    /// Learns from a run that was completed.
    pub fn learn(&mut self, events: &[WorkflowEvent], confirmed: Money) {
        self.runs = self.runs.saturating_add(1);
        for (step, spent) in spent(events) {
            let lasted = self.steps.entry(step).or_default();
            remember(&mut lasted.worked, seconds(spent.worked));
            remember(&mut lasted.waited, seconds(spent.waited));
        }
        remember(self.confirms.entry(confirmed.currency).or_default(), confirmed.minor);
    }

    /// How long the work of a step usually takes: in four of five runs between these seconds. None before there were enough runs.
    pub fn worked(&self, step: &Step) -> Option<(u32, u32)> {
        self.steps.get(&step.id).and_then(|lasted| range(&lasted.worked))
    }

    /// How long a step usually waits for people, likewise.
    pub fn waited(&self, step: &Step) -> Option<(u32, u32)> {
        self.steps.get(&step.id).and_then(|lasted| range(&lasted.waited))
    }

    /// What a run of a household with this currency usually confirms a month, the median, and of how many runs that is. Amounts of another
    /// currency say nothing of it.
    pub fn usually_confirms(&self, currency: Currency) -> Option<(Money, usize)> {
        let mut sorted = self.confirms.get(&currency)?.clone();
        sorted.sort_unstable();
        let minor = *sorted.get(sorted.len() / 2)?;
        Some((Money { minor, currency }, sorted.len()))
    }
}

/// What each step of a run spent at work and waiting for people, from the run's events in order.
pub fn spent(events: &[WorkflowEvent]) -> BTreeMap<StepId, Spent> {
    let mut steps: BTreeMap<StepId, Spent> = BTreeMap::new();
    let mut open: BTreeMap<StepId, (i64, bool)> = BTreeMap::new();
    for event in events {
        let Some(step) = &event.step_id else { continue };
        let waits = match event.event_type {
            EventType::StepWaitingUser | EventType::ManualReview => Some(true),
            EventType::StepStarted | EventType::StepRetrying | EventType::StepFailed => Some(false),
            // An agent's own report says nothing of who waits for whom; the engine's, without details, does.
            EventType::StepProgress if event.data.details.is_null() => Some(false),
            EventType::StepCompleted => None,
            _ => continue,
        };
        if let Some((since, waited)) = open.remove(step) {
            let spent = steps.entry(step.clone()).or_default();
            let length = event.timestamp - since;
            if waited { spent.waited += length } else { spent.worked += length }
        }
        if let Some(waits) = waits {
            open.insert(step.clone(), (event.timestamp, waits));
        }
    }
    steps
}

fn seconds(millis: i64) -> u32 {
    // A step that was there took something.
    u32::try_from((millis + 999) / 1000).unwrap_or(0)
}

fn remember<T>(values: &mut Vec<T>, value: T) {
    values.push(value);
    if values.len() > REMEMBERED {
        values.remove(0);
    }
}

fn range(values: &[u32]) -> Option<(u32, u32)> {
    if values.len() < ENOUGH {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let last = sorted.len() - 1;
    Some((*sorted.get(last / 10)?, *sorted.get(last - last / 10)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::{EventData, Metrics, Severity};
    use serde_json::{Value, json};

    fn event(step: &str, kind: EventType, second: i64, details: Value) -> WorkflowEvent {
        WorkflowEvent {
            workflow_id: "w".parse().unwrap(),
            run_id: "r".parse().unwrap(),
            seq: 1,
            step_id: Some(step.parse().unwrap()),
            timestamp: second * 1000,
            event_type: kind,
            severity: Severity::Info,
            data: EventData { details, ..EventData::default() },
            metrics: Metrics::default(),
        }
    }

    fn run(answer_after: i64) -> Vec<WorkflowEvent> {
        use EventType as T;
        vec![
            event("ask", T::StepStarted, 0, Value::Null),
            event("ask", T::StepProgress, 2, json!({ "percent": 40 })),
            event("other", T::StepStarted, 3, Value::Null),
            event("ask", T::StepWaitingUser, 5, Value::Null),
            // A person's own word on how far they are is no work of the agent.
            event("ask", T::StepProgress, 9, json!({ "percent": 50 })),
            event("ask", T::StepProgress, 5 + answer_after, Value::Null),
            event("ask", T::StepCompleted, 8 + answer_after, Value::Null),
            event("other", T::StepCompleted, 13, Value::Null),
        ]
    }

    #[test]
    fn waiting_for_people_is_told_from_work() {
        let spent = spent(&run(100));
        assert_eq!(spent["ask"], Spent { worked: 8_000, waited: 100_000 });
        assert_eq!(spent["other"], Spent { worked: 10_000, waited: 0 });
    }

    #[test]
    fn a_range_is_told_after_enough_runs_and_leaves_the_extremes_out() {
        let mut learned = Learned::nothing("w".parse().unwrap());
        let catalog = statemachines::Catalog::embedded().unwrap();
        let mut step = catalog.iter().next().unwrap().steps[0].clone();
        step.id = "ask".parse().unwrap();
        for waited in [10, 20, 30, 40] {
            learned.learn(&run(waited), Money::usd(0));
        }
        assert_eq!(learned.waited(&step), None);
        for waited in [50, 60, 70, 80, 90, 100, 5_000] {
            learned.learn(&run(waited), Money::usd(0));
        }
        assert_eq!(
            (learned.runs, learned.waited(&step), learned.worked(&step)),
            (11, Some((20, 100)), Some((8, 8)))
        );
    }

    #[test]
    fn amounts_of_another_currency_are_kept_apart() {
        let mut learned = Learned::nothing("w".parse().unwrap());
        for (minor, currency) in
            [(3_000, Currency::USD), (900_000, Currency::JPY), (5_000, Currency::USD), (4_000, Currency::USD)]
        {
            learned.learn(&run(10), Money { minor, currency });
        }
        assert_eq!(learned.usually_confirms(Currency::USD), Some((Money::usd(4_000), 3)));
        let yen = Money { minor: 900_000, currency: Currency::JPY };
        assert_eq!(learned.usually_confirms(Currency::JPY), Some((yen, 1)));
        assert_eq!(learned.usually_confirms(Currency::EUR), None);
    }
}
