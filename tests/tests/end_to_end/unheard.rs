//! Nobody hears anything: every channel and every socket fails at once, and a run is as it would be else.

use crate::alone;
use crate::household::{Household, awaited};
use crate::queues::{failures, looked_through};
use crate::simulated::approved_tells_the_same;
use crate::sockets::Socket;
use crate::told::reach;
use events::{Envelope, EventType};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The functions that bring notices, and the door of the sockets: their table is not there.
const CHANNELS: [&str; 5] = ["push", "in-app", "email", "sms", "socket"];

/// The functions that also say something over open sockets: nothing answers where these would be.
const TELLING: [&str; 1] = ["card"];

/// Functions whose settings are broken, and are put back whatever becomes of the test.
struct Broken(Vec<(&'static str, Map<String, Value>)>);

impl Broken {
    async fn now() -> Self {
        let mut before = Vec::new();
        let wrong = [("TABLE_NAME", "no-such-table"), ("SOCKETS_URL", "http://127.0.0.1:9/live")];
        for (functions, (name, value)) in [&CHANNELS[..], &TELLING[..]].into_iter().zip(wrong) {
            for function in functions.iter().copied() {
                let variables = variables(function).await;
                assert!(variables.contains_key(name), "{function} has no {name}");
                let mut other = variables.clone();
                other.insert(name.to_owned(), json!(value));
                set(function, &other).await;
                before.push((function, variables));
            }
        }
        Self(before)
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        let before = std::mem::take(&mut self.0);
        let restoring = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                for (function, variables) in &before {
                    set(function, variables).await;
                }
            });
        });
        restoring.join().expect("the functions' settings are put back");
    }
}

/// Where a function's settings are.
fn address(function: &str) -> String {
    let (url, stage) = (std::env::var("AWS_ENDPOINT_URL").unwrap(), std::env::var("STAGE").unwrap());
    format!("{url}/2015-03-31/functions/{stage}-{function}/configuration")
}

async fn variables(function: &str) -> Map<String, Value> {
    let answer: Value = reqwest::get(address(function)).await.unwrap().json().await.unwrap();
    answer["Environment"]["Variables"].as_object().expect("a function has settings").clone()
}

async fn set(function: &str, variables: &Map<String, Value>) {
    let body = json!({ "Environment": { "Variables": variables } });
    let answer = reqwest::Client::new().put(address(function)).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn a_run_is_the_same_when_every_channel_fails() {
    let Some(_alone) = alone().await else { return };
    let household = Household::new("unheard").await;
    let digits = household.name.rsplit('-').next().unwrap();
    let wanted = json!({
        "zone": "UTC", "in_app": {"on": true}, "push": {"on": true, "address": "arn:aws:sns:us-east-1:000000000000:endpoint/APNS/none/gone"},
        "email": {"on": true, "address": format!("{}@household.example", household.name)},
        "sms": {"on": true, "address": format!("+1{}", &digits[digits.len() - 10..]).replacen("+10", "+11", 1)},
    });
    reach(&household, &wanted).await;
    let socket = Socket::of(&household).await;

    let broken = Broken::now().await;
    let run = approved_tells_the_same(&household).await;
    // What is critical goes to every channel; each fails with it.
    let mut alarm = household.events(&run).await.pop().unwrap();
    alarm.seq += 100_000;
    alarm.event_type = EventType::WorkflowFailed;
    alarm.data.details = json!({ "outcome": "NeedsAttention" });
    let id = format!("{run}-{}", alarm.seq);
    let alarm = Envelope::new(id.clone(), Timestamp::now(), household.user_id().clone(), alarm);
    household.aws.put("household.workflows", "workflow.failed", &alarm).await.unwrap();
    let mut failing: BTreeSet<_> = CHANNELS.into_iter().filter(|it| *it != "socket").collect();
    awaited("the failure of every channel", async || {
        for body in looked_through(&household.aws, &failures()).await {
            let message: Value = serde_json::from_str(&body).unwrap();
            let of_it = message["requestPayload"]["detail"]["id"] == id.as_str();
            let arn = message["requestContext"]["functionArn"].as_str().unwrap_or_default().to_owned();
            failing.retain(|it| !of_it || !arn.contains(&format!("-{it}")));
        }
        failing.is_empty().then_some(())
    })
    .await;
    let refused = Socket::at(&crate::sockets::ticket(&household.api).await).await;
    assert!(refused.is_err(), "a socket is opened by a door that cannot read its tickets");
    drop(broken);
    assert!(household.api.get::<Value>("/notices").await.unwrap()["notices"].as_array().unwrap().is_empty());
    socket.close().await;
    Socket::of(&household).await.close().await;
}
