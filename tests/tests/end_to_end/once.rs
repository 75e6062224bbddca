//! What comes twice happens once, on the bus and at the API.

use crate::household::Household;
use crate::{executions, turn};
use demo::Auto;
use events::{Envelope, WorkflowSelected};
use jiff::Timestamp;
use serde_json::Value;

const WORKFLOW: &str = "emergency-fund-builder";

#[tokio::test]
async fn the_same_simulation_recommends_once_and_the_same_selection_runs_once() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("twice").await;
    for _ in 0..2 {
        household.aws.publish(&household.simulated()).await.unwrap();
    }
    let recommendation = household.recommended().await;

    let key = format!("test:{}", household.name);
    let selection = WorkflowSelected {
        recommendation_id: recommendation.recommendation_id.clone(),
        workflow_id: WORKFLOW.parse().unwrap(),
        idempotency_key: key.clone(),
    };
    let user = household.user_id().clone();
    let selected = Envelope::new(format!("selection:{key}"), Timestamp::now(), user, selection);
    for _ in 0..2 {
        household.aws.publish(&selected).await.unwrap();
    }
    let run = household.api.select(&recommendation, WORKFLOW, &key).await.unwrap();
    assert_eq!(household.api.select(&recommendation, WORKFLOW, &key).await.unwrap(), run);
    let another = household.api.select(&recommendation, WORKFLOW, "another").await.unwrap_err();
    assert!(another.to_string().contains(run.as_str()), "a second run beside it: {another}");

    // By its end, all that was published has long arrived.
    assert_eq!(household.ended(&run, Auto::Skip).await.status, "Completed");
    let recommendations: Value = household.api.get("/recommendations").await.unwrap();
    assert_eq!(recommendations["recommendations"].as_array().unwrap().len(), 1);
    let runs: Value = household.api.get("/runs").await.unwrap();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
    let executions = executions::of_run(&household.aws, "emergency-fund-builder-v1", &run).await;
    assert_eq!(executions, [format!("{run}-1")]);
}
