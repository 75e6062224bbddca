//! Queues of the local AWS: what the failure queue keeps, and what is overheard on the bus.

use demo::aws::Aws;
use serde_json::{Value, json};

/// The failure queue.
pub(crate) fn failures() -> String {
    std::env::var("FAILURE_QUEUE_URL").unwrap()
}

/// The queue of what could not be published.
pub(crate) fn unpublished() -> String {
    failures().replace("-failures", "-unpublished")
}

/// A queue that a rule of the bus fills with whatever fits a pattern.
pub(crate) async fn overheard(aws: &Aws, name: &str, pattern: &Value) -> String {
    let created = aws.call("sqs", "AmazonSQS.CreateQueue", &json!({ "QueueName": name })).await.unwrap();
    let queue = created["QueueUrl"].as_str().unwrap().to_owned();
    let wanted = json!({ "QueueUrl": queue, "AttributeNames": ["QueueArn"] });
    let attributes = aws.call("sqs", "AmazonSQS.GetQueueAttributes", &wanted).await.unwrap();
    let bus = std::env::var("BUS_NAME").unwrap();
    let rule = json!({ "Name": name, "EventBusName": bus, "EventPattern": pattern.to_string() });
    aws.call("events", "AWSEvents.PutRule", &rule).await.unwrap();
    let targets = json!([{ "Id": "1", "Arn": attributes["Attributes"]["QueueArn"] }]);
    let target = json!({ "Rule": name, "EventBusName": bus, "Targets": targets });
    aws.call("events", "AWSEvents.PutTargets", &target).await.unwrap();
    queue
}

/// The messages of a queue, left there.
pub(crate) async fn looked_through(aws: &Aws, queue: &str) -> Vec<String> {
    let messages = received(aws, queue).await;
    for message in &messages {
        let shown =
            json!({ "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0 });
        aws.call("sqs", "AmazonSQS.ChangeMessageVisibility", &shown).await.unwrap();
    }
    bodies(&messages)
}

/// The messages of a queue, taken out of it.
pub(crate) async fn drained(aws: &Aws, queue: &str) -> Vec<String> {
    let messages = received(aws, queue).await;
    for message in &messages {
        let delete = json!({ "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] });
        aws.call("sqs", "AmazonSQS.DeleteMessage", &delete).await.unwrap();
    }
    bodies(&messages)
}

fn bodies(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|it| it["Body"].as_str().unwrap().to_owned()).collect()
}

/// All messages of a queue, each hidden long enough for all to get their turn.
async fn received(aws: &Aws, queue: &str) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let receive = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 30 });
        let answer = aws.call("sqs", "AmazonSQS.ReceiveMessage", &receive).await.unwrap();
        match answer["Messages"].as_array() {
            Some(messages) if !messages.is_empty() => all.extend(messages.iter().cloned()),
            _ => return all,
        }
    }
}
