//! Who gets in, and what is known of open sockets.

#![expect(clippy::unwrap_used, reason = "a test may")]

use jiff::{SignedDuration, Timestamp};
use notices::{Pass, hash};
use ports::memory::{Memory, Outreach};
use ports::{Clock, Commit, Key, Record, Write};
use serde_json::{Value, json};
use socket::{Invoked, handle};

const NOW: &str = "2026-06-30T12:00:00Z";

struct World {
    memory: Memory,
    outreach: Outreach,
}

impl World {
    fn new() -> Self {
        Self { memory: Memory::at(NOW.parse().unwrap()), outreach: Outreach::default() }
    }

    async fn ask(&self, invoked: Value) -> Value {
        let invoked: Invoked = serde_json::from_value(invoked).unwrap();
        json!(handle(&self.memory, &self.outreach, &self.memory, invoked).await.unwrap())
    }

    async fn issue(&self, secret: &str, expires_at: Timestamp, task: Option<&str>) {
        let pass = Pass {
            hash: hash(secret),
            user_id: "ada".parse().unwrap(),
            task_id: task.map(|it| it.parse().unwrap()),
            switches_off: None,
            expires_at,
            used_at: None,
        };
        self.memory.commit(vec![Write::put(Record::Pass(pass))]).await.unwrap();
    }

    /// Whether a ticket lets in, and as whom.
    async fn show(&self, ticket: Option<&str>) -> (String, String) {
        let query = ticket.map(|it| json!({"ticket": it}));
        let answer = self
            .ask(json!({
                "type": "REQUEST", "methodArn": "arn:aws:execute-api:r:1:api/live/$connect", "headers": {"Host": "h"},
                "queryStringParameters": query, "requestContext": {"connectionId": "c1", "eventType": "CONNECT"},
            }))
            .await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&answer["policyDocument"]["Statement"][0]["Effect"]), text(&answer["principalId"]))
    }

    async fn happens(&self, event: &str, connection: &str, body: &str) -> Value {
        self.ask(json!({"body": body, "isBase64Encoded": false, "requestContext": {
            "connectionId": connection, "eventType": event, "authorizer": {"principalId": "ada", "integrationLatency": 3},
        }}))
        .await
    }

    fn open(&self) -> Vec<String> {
        match self.memory.get(&Key::Sockets("ada".parse().unwrap())).map(|it| it.record) {
            Some(Record::Sockets(it)) => it.live(self.memory.now()).cloned().collect(),
            _ => Vec::new(),
        }
    }
}

#[tokio::test]
async fn a_ticket_lets_in_once_and_for_its_time() {
    let world = World::new();
    let soon = world.memory.now() + SignedDuration::from_secs(30);
    world.issue("good", soon, None).await;
    world.issue("late", world.memory.now(), None).await;
    world.issue("link", soon, Some("r:s:ask:1")).await;
    let (allow, deny) = (("Allow".to_owned(), "ada".to_owned()), ("Deny".to_owned(), "nobody".to_owned()));
    for (ticket, expect) in [
        (Some("good"), &allow),
        (Some("good"), &deny),
        (Some("late"), &deny),
        (Some("link"), &deny),
        (Some("guessed"), &deny),
        (None, &deny),
    ] {
        assert_eq!(&world.show(ticket).await, expect, "{ticket:?}");
    }
}

#[tokio::test]
async fn sockets_are_known_until_they_close() {
    let world = World::new();
    for connection in ["a", "b"] {
        assert_eq!(world.happens("CONNECT", connection, "").await, json!({"statusCode": 200}));
    }
    assert_eq!(world.open(), ["a", "b"]);
    world.happens("DISCONNECT", "a", "").await;
    assert_eq!(world.open(), ["b"]);
    // The gateway ends a connection after two hours, and may fail to say so.
    world.memory.set_now(world.memory.now() + SignedDuration::from_hours(2));
    assert!(world.open().is_empty());
}

#[tokio::test]
async fn a_socket_that_lies_about_its_user_is_closed() {
    let world = World::new();
    world.happens("CONNECT", "a", "").await;
    for said in ["", "no json", "{\"user_id\":\"ada\"}", "{\"type\":\"ping\"}"] {
        assert_eq!(world.happens("MESSAGE", "a", said).await, json!({"statusCode": 200}), "{said}");
    }
    assert_eq!(world.open(), ["a"]);
    assert_eq!(world.happens("MESSAGE", "a", "{\"user_id\":\"noah\"}").await, json!({"statusCode": 403}));
    assert_eq!(world.outreach.said().closed, ["a"]);
    assert!(world.open().is_empty());
}

#[tokio::test]
async fn nobody_gets_in_past_the_authoriser() {
    let world = World::new();
    let context = json!({"connectionId": "a", "eventType": "CONNECT"});
    assert_eq!(world.ask(json!({"requestContext": context})).await, json!({"statusCode": 403}));
    assert!(world.memory.all().is_empty());
}
