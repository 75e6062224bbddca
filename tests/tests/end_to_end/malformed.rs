//! What cannot be read is set aside with the reason, and leaves nothing half-done.

use crate::household::awaited;
use crate::queues::{failures, looked_through};
use crate::turn;
use demo::Settings;
use demo::aws::Aws;
use jiff::Timestamp;
use serde_json::{Value, json};

const SIMULATION: &str = include_str!("../../../events/samples/simulation-completed.json");
const SELECTION: &str = include_str!("../../../events/samples/workflow-selected.json");

/// The failure queue's message about an event with this id.
async fn failure(aws: &Aws, id: &str) -> Value {
    awaited("the message of the failure queue", async || {
        let bodies = looked_through(aws, &failures()).await;
        let mut messages = bodies.iter().map(|it| serde_json::from_str::<Value>(it).unwrap());
        messages.find(|it| it["requestPayload"]["detail"]["id"] == id)
    })
    .await
}

/// How many records the table has of a user.
async fn records(aws: &Aws, user: &str) -> u64 {
    let query = json!({
        "TableName": std::env::var("TABLE_NAME").unwrap(), "KeyConditionExpression": "pk = :user",
        "ExpressionAttributeValues": { ":user": { "S": format!("USER#{user}") } }, "ConsistentRead": true
    });
    let answer = aws.call("dynamodb", "DynamoDB_20120810.Query", &query).await.unwrap();
    answer["Count"].as_u64().unwrap()
}

#[tokio::test]
async fn a_malformed_event_ends_in_the_failure_queue_with_the_reason() {
    let Some(_turn) = turn().await else { return };
    let aws = Aws::new(&Settings::from_env().unwrap()).unwrap();
    for (sample, kind, function, wrong) in [
        (SIMULATION, "simulation.completed", "recommend", "runway_months"),
        (SELECTION, "workflow.selected", "start", "idempotency_key"),
    ] {
        let mut event: Value = serde_json::from_str(sample).unwrap();
        let id = format!("malformed-{function}-{}", Timestamp::now().as_microsecond());
        event["id"] = json!(id);
        event["user_id"] = json!(id);
        event["data"][wrong] = json!({ "not": "this" });
        aws.put("household.simulation", kind, &event).await.unwrap();

        let failure = failure(&aws, &id).await;
        let arn = failure["requestContext"]["functionArn"].as_str().unwrap();
        assert!(arn.contains(&format!("-{function}")), "{arn}");
        let reason = failure["responsePayload"]["errorMessage"].as_str().unwrap();
        assert!(reason.contains(wrong), "the reason names no field: {reason}");
        assert_eq!(failure["responsePayload"]["errorType"], "Validation");
        assert_eq!(records(&aws, &id).await, 0);
    }
}
