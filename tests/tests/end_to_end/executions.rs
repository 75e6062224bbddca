//! What Step Functions tells of a run's executions.

use demo::aws::Aws;
use events::RunId;
use serde_json::{Value, json};

/// The machine of a workflow's version: `emergency-fund-builder-v1`.
async fn machine(aws: &Aws, name: &str) -> String {
    let name = format!("{}-{name}", std::env::var("STAGE").unwrap());
    let machines = call(aws, "ListStateMachines", &json!({})).await;
    let machines = machines["stateMachines"].as_array().unwrap();
    let found = machines.iter().find(|it| it["name"] == name.as_str()).expect("the machine is deployed");
    found["stateMachineArn"].as_str().unwrap().to_owned()
}

/// The executions of a run, by name.
pub(crate) async fn of_run(aws: &Aws, name: &str, run: &RunId) -> Vec<String> {
    let machine = machine(aws, name).await;
    let list = call(aws, "ListExecutions", &json!({ "stateMachineArn": machine, "maxResults": 1000 })).await;
    let names = list["executions"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    names.filter(|it| it.starts_with(run.as_str())).map(str::to_owned).collect()
}

/// The states that the first execution of a run entered, in order.
pub(crate) async fn states_entered(aws: &Aws, name: &str, run: &RunId) -> Vec<String> {
    let arn = format!("{}:{run}-1", machine(aws, name).await.replace(":stateMachine:", ":execution:"));
    let history = call(aws, "GetExecutionHistory", &json!({ "executionArn": arn, "maxResults": 1000 })).await;
    assert_eq!(history["nextToken"], Value::Null, "the history has more pages");
    let events = history["events"].as_array().unwrap().iter();
    let entered = events.filter(|it| it["type"].as_str().unwrap().ends_with("StateEntered"));
    entered.map(|it| it["stateEnteredEventDetails"]["name"].as_str().unwrap().to_owned()).collect()
}

/// All that is kept of a run's executions: what went in and came out, and their histories with it.
pub(crate) async fn histories(aws: &Aws, name: &str, run: &RunId) -> String {
    let executions = machine(aws, name).await.replace(":stateMachine:", ":execution:");
    let mut all = String::new();
    for execution in of_run(aws, name, run).await {
        let arn = json!(format!("{executions}:{execution}"));
        all.push_str(&call(aws, "DescribeExecution", &json!({ "executionArn": arn })).await.to_string());
        let history = json!({ "executionArn": arn, "maxResults": 1000, "includeExecutionData": true });
        let history = call(aws, "GetExecutionHistory", &history).await;
        assert_eq!(history["nextToken"], Value::Null, "the history has more pages");
        all.push_str(&history.to_string());
    }
    all
}

async fn call(aws: &Aws, operation: &str, body: &Value) -> Value {
    aws.call("states", &format!("AWSStepFunctions.{operation}"), body).await.unwrap()
}
