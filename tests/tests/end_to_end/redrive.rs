//! What the platform gave up on is read from the stream again and published.

use crate::household::{Household, awaited};
use crate::queues::{drained, overheard, unpublished};
use crate::turn;
use demo::aws::Aws;
use serde_json::{Value, json};

/// The sequence number of the first record of a user that tells something, where the stream still has it, and where it is.
async fn told_first(aws: &Aws, user: &str) -> (String, String, String) {
    let table = json!({ "TableName": std::env::var("TABLE_NAME").unwrap() });
    let table = aws.call("dynamodb", "DynamoDB_20120810.DescribeTable", &table).await.unwrap();
    let stream = table["Table"]["LatestStreamArn"].as_str().unwrap().to_owned();
    let streams = async |what: &str, body: Value| {
        let target = format!("DynamoDBStreams_20120810.{what}");
        aws.call("dynamodb", &target, &body).await.unwrap()
    };
    let described = streams("DescribeStream", json!({ "StreamArn": stream })).await;
    let shard = described["StreamDescription"]["Shards"][0]["ShardId"].as_str().unwrap().to_owned();
    let start = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let mut iterator = streams("GetShardIterator", start).await["ShardIterator"].take();
    loop {
        let mut page = streams("GetRecords", json!({ "ShardIterator": iterator })).await;
        let records = page["Records"].as_array().unwrap();
        assert!(!records.is_empty(), "the stream has nothing of {user}");
        let mine = records.iter().map(|it| &it["dynamodb"]).find(|it| {
            it["Keys"]["pk"]["S"] == format!("USER#{user}") && it["NewImage"].get("outbox").is_some()
        });
        if let Some(record) = mine {
            return (stream, shard, record["SequenceNumber"].as_str().unwrap().to_owned());
        }
        iterator = page["NextShardIterator"].take();
    }
}

#[tokio::test]
async fn what_was_given_up_on_is_published_again() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("redrive").await;
    let recommendation = household.recommended().await;
    let user = household.user_id().as_str();
    let pattern = json!({ "detail-type": ["actions.recommended"], "detail": { "user_id": [user] } });
    let queue = overheard(&household.aws, &household.name, &pattern).await;
    let (stream, shard, number) = told_first(&household.aws, user).await;
    let given_up = json!({ "requestContext": { "condition": "RetryAttemptsExhausted" }, "DDBStreamBatchInfo": {
        "shardId": shard, "startSequenceNumber": number, "endSequenceNumber": number, "batchSize": 1, "streamArn": stream,
    }});
    let message = json!({ "QueueUrl": unpublished(), "MessageBody": given_up.to_string() });
    household.aws.call("sqs", "AmazonSQS.SendMessage", &message).await.unwrap();
    let event = awaited("the event", async || {
        let heard = drained(&household.aws, &queue).await;
        heard.first().map(|it| serde_json::from_str::<Value>(it).unwrap())
    })
    .await;
    assert_eq!(event["detail"]["id"], recommendation.recommendation_id.as_str());
}
