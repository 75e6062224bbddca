//! The bucket against S3's answers, and against a running AWS.

use crate::replay::{Answer, Asked, aws, ok};
use aws::{Aws, Bucket};
use engine::{Apart, StepRecord};
use ports::{FetchApart, KeepApart, PortError};
use serde_json::json;

fn bucket(answers: impl IntoIterator<Item = Answer>) -> (Bucket, Asked) {
    let (aws, asked) = aws(answers);
    (Bucket::new(&aws, "outputs"), asked)
}

/// A record with so many findings, and what of it is long.
fn record(findings: u32) -> (StepRecord, Apart, String) {
    let mut record = StepRecord::new("run:1#a".parse().unwrap(), "audit".parse().unwrap());
    // Of the kind that does not deflate.
    let found: Vec<_> = (0..findings)
        .map(|it| format!("{:016x}", u64::from(it).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    record.outputs.insert("found".to_owned(), json!(found));
    let text = record.long_outputs().unwrap();
    let apart = Apart::of(&record, &text);
    (record, apart, text)
}

#[tokio::test(start_paused = true)]
async fn long_outputs_are_put_once_under_their_hash() {
    let (bucket, asked) = bucket([ok(json!({})).status(503), ok(json!({}))]);
    let (record, apart, text) = record(200);
    assert_eq!(bucket.keep_apart(&record, &apart, text.clone()).await, Ok(true));
    // Tried again: keeping the same again changes nothing.
    assert_eq!(asked.bodies()[1], serde_json::from_str::<serde_json::Value>(&text).unwrap());
    let (uri, headers) = &asked.heads()[1];
    let path = format!("runs/run%3A1%23a/audit/{}", apart.sha256);
    assert_eq!(*uri, format!("https://outputs.s3.eu-west-1.amazonaws.com/{path}"));
    let hash = ("x-amz-content-sha256".to_owned(), apart.sha256);
    assert!(headers.contains(&hash), "{headers:?}");
    let signed =
        |(name, value): &(String, String)| name == "authorization" && value.contains("/s3/aws4_request");
    assert!(headers.iter().any(signed), "{headers:?}");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_takes_one_write_unit_keeps_its_outputs() {
    let (bucket, asked) = bucket([]);
    let (record, apart, text) = record(20);
    assert_eq!(bucket.keep_apart(&record, &apart, text).await, Ok(false));
    assert!(asked.heads().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_fetched_is_said() {
    let (bucket, _) = bucket([ok(json!({})).status(403)]);
    let (_, apart, _) = record(200);
    let error = bucket.fetch_apart(&apart).await.unwrap_err();
    assert_eq!(error, PortError::Unavailable { operation: "fetch_apart", reason: "403".to_owned() });
}

#[tokio::test]
async fn what_was_kept_is_fetched_from_a_running_aws() {
    let Some(name) = std::env::var("OUTPUTS_BUCKET").ok().filter(|_| std::env::var("E2E").is_ok()) else {
        return println!("skipped: needs E2E=1 and the bucket of a running local AWS");
    };
    let bucket = Bucket::new(&Aws::from_env().unwrap(), name);
    let (record, apart, text) = record(200);
    assert_eq!(bucket.keep_apart(&record, &apart, text.clone()).await, Ok(true));
    assert_eq!(bucket.keep_apart(&record, &apart, text.clone()).await, Ok(true));
    assert_eq!(bucket.fetch_apart(&apart).await, Ok(text));
    let elsewhere = Apart { key: "runs/run/audit/none".to_owned(), ..apart };
    assert!(bucket.fetch_apart(&elsewhere).await.is_err());
}
