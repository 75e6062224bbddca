//! The bus against EventBridge's answers.

use crate::replay::{Answer, aws, error, ok};
use aws::Bus;
use ports::{BusEntry, Publish};
use serde_json::{Value, json};

fn entry(detail: Value) -> BusEntry {
    BusEntry { detail_type: "step.progress".to_owned(), detail }
}

fn put(refused: &[bool]) -> Answer {
    let entries: Vec<_> = refused
        .iter()
        .map(|refused| match refused {
            true => json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}),
            false => json!({"EventId": "1"}),
        })
        .collect();
    let failed = refused.iter().filter(|it| **it).count();
    ok(json!({"FailedEntryCount": failed, "Entries": entries}))
}

fn sizes(bodies: &[Value]) -> Vec<usize> {
    bodies.iter().map(|body| body["Entries"].as_array().unwrap().len()).collect()
}

#[tokio::test(start_paused = true)]
async fn entries_go_out_in_batches_and_the_refused_are_told_by_index() {
    let (aws, asked) = aws([put(&[false; 10]), put(&[false, true, false])]);
    let entries: Vec<_> = (0..13).map(|n| entry(json!({"n": n}))).collect();
    assert_eq!(Bus::new(&aws, "dev-workflows").publish(&entries).await, Ok(vec![11]));
    let bodies = asked.bodies();
    assert_eq!(sizes(&bodies), [10, 3]);
    assert_eq!(
        bodies[1]["Entries"][1],
        json!({
            "Source": "household.workflows", "DetailType": "step.progress", "Detail": "{\"n\":11}",
            "EventBusName": "dev-workflows",
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_no_larger_than_the_api_takes() {
    let half = || entry(json!("x".repeat(120 * 1024)));
    let (aws, asked) = aws([put(&[false, false]), put(&[false])]);
    assert_eq!(Bus::new(&aws, "b").publish(&[half(), half(), half()]).await, Ok(vec![]));
    assert_eq!(sizes(&asked.bodies()), [2, 1]);
}

#[tokio::test(start_paused = true)]
async fn an_entry_too_large_by_itself_keeps_no_other_back() {
    let too_large =
        error("ValidationException", json!({"message": "Total size of the entries is over the limit"}));
    let (aws, asked) = aws([put(&[false]), too_large, put(&[false])]);
    let entries = [entry(json!(1)), entry(json!("x".repeat(300 * 1024))), entry(json!(2))];
    assert_eq!(Bus::new(&aws, "b").publish(&entries).await, Ok(vec![1]));
    assert_eq!(sizes(&asked.bodies()), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn nothing_gone_out_is_an_error() {
    let (aws, _) = aws([error("AccessDeniedException", json!({"message": "no"}))]);
    let failed = Bus::new(&aws, "b").publish(&[entry(json!(1))]).await.unwrap_err();
    assert_eq!(failed.to_string(), "publish did not go through: AccessDeniedException: no");
    let (aws, asked) = crate::replay::aws([]);
    assert_eq!(Bus::new(&aws, "b").publish(&[]).await, Ok(vec![]));
    assert!(asked.bodies().is_empty());
}
