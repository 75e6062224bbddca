//! Every kind of event is told by some run on the local AWS, as the table in `events` says.

use crate::household::{Household, awaited};
use crate::outage::Stopped;
use crate::{Alone, alone, turn};
use demo::Auto;
use events::{EventType, RunId, Severity, TOLD, WorkflowEvent};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const WORKFLOW: &str = "emergency-fund-builder";

/// Calls of this method under this path, so many times.
fn calls(method: &str, path: &str, times: u32) -> Value {
    json!({ "method": method, "path_prefix": path, "skip": 0, "times": times })
}

/// The events told of a run so far.
async fn events(household: &Household, run: &RunId) -> Vec<WorkflowEvent> {
    let page: Value = household.api.get(&format!("/runs/{run}/events?limit=200")).await.unwrap();
    serde_json::from_value(page["events"].clone()).unwrap()
}

/// The events of a run, once one of this kind is among them.
async fn with(household: &Household, run: &RunId, kind: EventType) -> Vec<WorkflowEvent> {
    awaited(kind.as_str(), async || {
        let events = events(household, run).await;
        events.iter().any(|it| it.event_type == kind).then_some(events)
    })
    .await
}

/// A run in which everything happens that a good end allows.
async fn eventful(alone: Alone) -> Vec<WorkflowEvent> {
    let household = Household::new("told").await;
    let recommendation = household.recommended().await;
    let stopped = Stopped::now();
    let run = household.api.select(&recommendation, WORKFLOW, "told").await.unwrap();
    with(&household, &run, EventType::DependencyIssue).await;
    drop(stopped);
    let _turn = alone.among_others();
    for (matching, fault) in [
        (calls("POST", "/transactions/sync", 2), json!({ "kind": "status", "status": 503 })),
        (calls("POST", "/subscriptions/", 1), json!({ "kind": "refused" })),
        (calls("POST", "/billers/", 1), json!({ "kind": "needs_verification" })),
    ] {
        household.sandbox.fault(&household.name, matching, &fault).await.unwrap();
    }
    let card = household.ended(&run, Auto::Approve).await;
    assert_eq!(card.status, "Completed", "{card:#?}");
    // What the completion tells comes after the run's end.
    with(&household, &run, EventType::RiskReduced).await
}

/// A run whose last step fails hard.
async fn failing() -> Vec<WorkflowEvent> {
    let _turn = turn().await;
    let household = Household::new("told-failing").await;
    let run = household.started("hard-failure").await;
    let card = household.ended(&run, Auto::Approve).await;
    assert_eq!(card.status, "RolledBack", "{card:#?}");
    household.events(&run).await
}

fn hold(events: &[WorkflowEvent]) {
    let numbers: Vec<u64> = events.iter().map(|it| it.seq).collect();
    assert!(numbers.iter().copied().eq(1..=events.len() as u64), "{numbers:?}");
    assert!(events.windows(2).all(|two| two[0].data.progress <= two[1].data.progress));
    for event in events {
        let told = TOLD.iter().find(|told| told.event == event.event_type).unwrap();
        let kind = event.event_type.as_str();
        assert!(told.severities.contains(&event.severity), "{kind} is {:?}", event.severity);
        assert!(told.asks || event.data.user_action.is_none(), "{kind} asks something");
        assert!(!event.data.message.is_empty(), "{kind} says nothing");
        let ends = matches!(event.event_type, EventType::WorkflowCompleted | EventType::WorkflowFailed);
        assert!(
            !ends || event.severity == Severity::Warning || !event.metrics.resources_used.is_empty(),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn every_kind_of_event_is_told_as_its_table_says() {
    let Some(alone) = alone().await else { return };
    let runs = [eventful(alone).await, failing().await];
    runs.iter().for_each(|events| hold(events));
    let seen: BTreeSet<EventType> = runs.iter().flatten().map(|it| it.event_type).collect();
    let missing: Vec<_> = EventType::ALL.into_iter().filter(|kind| !seen.contains(kind)).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");
}
