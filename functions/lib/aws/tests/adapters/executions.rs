//! Executions against Step Functions' answers.

use crate::replay::{Answer, aws, error, ok};
use crate::sample::{at, run};
use aws::Executions;
use ports::{DescribeExecution, ExecutionState, PortError, StartExecution};
use serde_json::{Value, json};

const PREFIX: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:dev-";

fn started() -> Answer {
    ok(json!({"executionArn": "arn", "startDate": 1_780_000_000.5}))
}

fn described(status: &str) -> Answer {
    ok(json!({
        "executionArn": "arn", "stateMachineArn": "arn", "status": status, "startDate": 1_780_000_000.5,
    }))
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_named_after_run_and_epoch() {
    let (aws, asked) = aws([started(), described("RUNNING")]);
    let executions = Executions::new(&aws, PREFIX);
    let run = run("r1", 2, at(0));
    executions.start_execution(&run).await.unwrap();
    executions.describe_execution(&run).await.unwrap();
    let bodies = asked.bodies();
    assert_eq!(bodies[0]["stateMachineArn"], format!("{PREFIX}emergency-fund-builder-v3"));
    assert_eq!(bodies[0]["name"], "r1-2");
    let input: Value = serde_json::from_str(bodies[0]["input"].as_str().unwrap()).unwrap();
    assert_eq!(input, json!({"run_id": "r1", "user_id": "ada", "epoch": 2}));
    assert_eq!(
        bodies[1]["executionArn"],
        "arn:aws:states:eu-west-1:123456789012:execution:dev-emergency-fund-builder-v3:r1-2"
    );
}

#[tokio::test(start_paused = true)]
async fn starting_the_same_again_is_no_error() {
    let cases = [
        ("started", started(), None),
        ("again", error("ExecutionAlreadyExists", json!({"message": "exists"})), None),
        (
            "no machine",
            error("StateMachineDoesNotExist", json!({"message": "none"})),
            Some("start_execution did not go through: StateMachineDoesNotExist: none"),
        ),
    ];
    for (name, answer, expected) in cases {
        let (aws, _) = aws([answer]);
        let failed = Executions::new(&aws, PREFIX).start_execution(&run("r1", 1, at(0))).await.err();
        assert_eq!(failed.as_ref().map(PortError::to_string).as_deref(), expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn states_of_an_execution() {
    let cases = [
        (described("RUNNING"), Some(ExecutionState::Running)),
        (described("PENDING_REDRIVE"), Some(ExecutionState::Running)),
        (described("SUCCEEDED"), Some(ExecutionState::Ended)),
        (described("FAILED"), Some(ExecutionState::Ended)),
        (described("TIMED_OUT"), Some(ExecutionState::Ended)),
        (described("ABORTED"), Some(ExecutionState::Ended)),
        (error("ExecutionDoesNotExist", json!({"message": "none"})), None),
    ];
    for (answer, expected) in cases {
        let (aws, _) = aws([answer]);
        let state = Executions::new(&aws, PREFIX).describe_execution(&run("r1", 1, at(0))).await;
        assert_eq!(state, Ok(expected));
    }
}
