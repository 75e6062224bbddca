//! What users are told: in the app, by mail and, of what is critical, by SMS; once, and in waking hours.

use crate::household::{Household, awaited};
use crate::sockets::Socket;
use crate::turn;
use demo::Auto;
use demo::wire::Card;
use events::{Envelope, EventType, RunId, WorkflowEvent};
use jiff::{Timestamp, ToSpan};
use reqwest::{Method, redirect};
use serde_json::{Value, json};

/// The local AWS, asked directly.
struct Local {
    client: reqwest::Client,
    url: String,
}

impl Local {
    fn new() -> Self {
        let client = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { client, url: std::env::var("AWS_ENDPOINT_URL").unwrap() }
    }

    async fn look(&self, service: &str, path: &str) -> Value {
        // It finds the service by what a signature is for.
        let scope = format!("AWS4-HMAC-SHA256 Credential=test/20260630/us-east-1/{service}/aws4_request");
        let request = self.client.get(format!("{}{path}", self.url)).header("authorization", scope);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The mails to an address.
    async fn mails(&self, to: &str) -> Vec<Value> {
        let all = self.look("ses", "/_ministack/ses/messages").await;
        let accounts = all["messages"].as_object().unwrap().values().flat_map(|it| it.as_array().unwrap());
        accounts.filter(|it| it["To"] == json!([to])).cloned().collect()
    }

    async fn texts(&self, to: &str) -> Vec<Value> {
        let all = self.look("sns", "/_ministack/sns/sms-messages").await;
        all["sms_messages"][to].as_array().cloned().unwrap_or_default()
    }

    /// The schedules whose function is told this.
    async fn schedules(&self, what: &str) -> Vec<Value> {
        let all = self.look("scheduler", "/schedules?ScheduleGroup=local-notices&MaxResults=100").await;
        let mut found = Vec::new();
        for name in all["Schedules"].as_array().unwrap().iter().map(|it| it["Name"].as_str().unwrap()) {
            let schedule =
                self.look("scheduler", &format!("/schedules/{name}?groupName=local-notices")).await;
            if schedule["Target"]["Input"].as_str().is_some_and(|it| it.contains(what)) {
                found.push(schedule);
            }
        }
        found
    }

    /// Invokes a function and waits for its end.
    async fn invoke(&self, function: &str, payload: &Value) {
        let url = format!("{}/2015-03-31/functions/local-{function}/invocations", self.url);
        let answer = self.client.post(url).json(payload).send().await.unwrap();
        assert!(answer.headers().get("x-amz-function-error").is_none(), "{}", answer.text().await.unwrap());
    }
}

/// The code that confirms an address, once it is sent there.
pub(crate) async fn code_for(address: &str) -> String {
    let local = Local::new();
    awaited("the code", async || {
        let (mails, texts) = (local.mails(address).await, local.texts(address).await);
        let said = mails.iter().map(|it| &it["Subject"]).chain(texts.iter().map(|it| &it["Message"]));
        let mut words = said.filter_map(|it| it.as_str()?.split_once(" confirms this "));
        words.next().map(|(code, _)| code.to_owned())
    })
    .await
}

/// The ids of the links in the mails to an address.
pub(crate) async fn links(address: &str) -> Vec<String> {
    let mails = Local::new().mails(address).await;
    let texts = mails.iter().filter_map(|mail| mail["BodyText"].as_str());
    texts.flat_map(str::split_whitespace).filter_map(link_id).map(str::to_owned).collect()
}

/// The opaque end of a link.
fn link_id(word: &str) -> Option<&str> {
    word.rsplit_once("/link/").map(|(_, id)| id)
}

/// Says what a household wants to be told, and confirms its addresses by the codes that are sent there.
pub(crate) async fn reach(household: &Household, wanted: &Value) {
    let _: Value = household.api.call(Method::PUT, "/preferences", Some(wanted)).await.unwrap();
    for channel in ["email", "sms"] {
        let Some(address) = wanted[channel]["address"].as_str() else { continue };
        let code = code_for(address).await;
        let path = format!("/preferences/{channel}/confirmation");
        let _: Value = household.api.call(Method::POST, &path, Some(&json!({ "code": code }))).await.unwrap();
    }
}

/// A household that gave a mailbox and a phone of its own.
struct Reached {
    household: Household,
    local: Local,
    mailbox: String,
    phone: String,
}

impl Reached {
    async fn new(name: &str, edit: impl FnOnce(&mut Value)) -> Self {
        let household = Household::new(name).await;
        let mailbox = format!("{}@household.example", household.name);
        let digits = household.name.rsplit('-').next().unwrap();
        let phone = format!("+1{}", &digits[digits.len() - 10..]).replacen("+10", "+11", 1);
        let mut wanted = json!({
            "in_app": {"on": true}, "push": {"on": true}, "zone": "UTC",
            "email": {"on": true, "address": mailbox}, "sms": {"on": true, "address": phone},
        });
        edit(&mut wanted);
        reach(&household, &wanted).await;
        Self { household, local: Local::new(), mailbox, phone }
    }

    /// The SMS beside the code.
    async fn alarms(&self) -> Vec<Value> {
        let texts = self.local.texts(&self.phone).await;
        texts
            .into_iter()
            .filter(|it| !it["Message"].as_str().unwrap().contains("confirms this number"))
            .collect()
    }

    /// The run's event as the bus brings it.
    fn as_told(&self, event: &WorkflowEvent) -> Value {
        let at = Timestamp::from_millisecond(event.timestamp).unwrap();
        let id = format!("{}-{}", event.run_id, event.seq);
        let envelope = Envelope::new(id, at, self.household.user_id().clone(), event.clone());
        json!({ "detail-type": event.event_type.as_str(), "detail": envelope })
    }

    /// Waits until the run asks; the event that says so.
    async fn asked(&self, run: &RunId) -> WorkflowEvent {
        let waits = |card: &Card| card.current.iter().any(|it| it.waiting_user);
        // Answers nothing: `until` answers only what it comes by before.
        awaited("a question", async || {
            let card = self.household.api.card(run).await.unwrap();
            waits(&card).then_some(())
        })
        .await;
        let page: Value = self.household.api.get(&format!("/runs/{run}/events")).await.unwrap();
        let events: Vec<WorkflowEvent> = serde_json::from_value(page["events"].clone()).unwrap();
        events.into_iter().find(|it| it.event_type == EventType::StepWaitingUser).unwrap()
    }
}

#[tokio::test]
async fn a_question_is_told_once_on_every_channel_that_is_for_it() {
    let Some(_turn) = turn().await else { return };
    let it = Reached::new("told", |_| {}).await;
    let mut socket = Socket::of(&it.household).await;
    let run = it.household.started("emergency-fund-builder").await;
    let of_run = socket.until(|message| message["type"] == "run" && message["run_id"] == run.as_str()).await;
    assert!(of_run["seq"].as_u64().is_some());
    let asked = it.asked(&run).await;
    let id = format!("{:013}-{run}-{}", asked.timestamp, asked.seq);

    // In the app, live.
    socket.until(|message| message["type"] == "notice" && message["notice_id"] == id.as_str()).await;
    let list: Value = it.household.api.get("/notices").await.unwrap();
    let notice =
        list["notices"].as_array().unwrap().iter().find(|notice| notice["notice_id"] == id.as_str()).unwrap();
    assert_eq!((&notice["kind"], &notice["read"]), (&json!("question"), &json!(false)));
    let task = asked.data.user_action.as_ref().unwrap().task_id.as_str();
    assert_eq!(notice["action"]["task_id"], task);

    // By mail, with a link of its own to the question.
    let subject = "Emergency Fund Builder needs your answer";
    let mail = awaited("the mail", async || {
        it.local.mails(&it.mailbox).await.into_iter().find(|mail| mail["Subject"] == subject)
    })
    .await;
    let text = mail["BodyText"].as_str().unwrap();
    let link = text.split_whitespace().find(|word| word.contains("/link/")).unwrap().to_owned();
    assert!(mail["BodyHtml"].as_str().unwrap().contains("/link/") && !text.contains(task));
    let followed = it.local.client.get(&link).send().await.unwrap();
    assert_eq!(followed.status(), 303);
    assert!(followed.headers()["location"].to_str().unwrap().ends_with(&format!("/console/tasks/{task}")));
    let path = format!("/link/{}", link_id(&link).unwrap());
    let question: Value = it.household.api.get(&path).await.unwrap();
    assert_eq!(question["request"]["task_id"], task);

    // A duplicate of the event changes nothing.
    for channel in ["in-app", "email", "push", "sms"] {
        it.local.invoke(channel, &it.as_told(&asked)).await;
    }
    let mails = it.local.mails(&it.mailbox).await;
    assert_eq!(mails.iter().filter(|mail| mail["Subject"] == subject).count(), 1);
    assert!(it.alarms().await.is_empty(), "an SMS of what is not critical");

    // What is critical comes by SMS too, and once.
    let mut alarm = asked.clone();
    alarm.seq += 100_000;
    alarm.event_type = EventType::WorkflowFailed;
    alarm.data.user_action = None;
    alarm.data.details = json!({ "outcome": "NeedsAttention" });
    let event = it.as_told(&alarm);
    for _ in 0..2 {
        it.household.aws.put("household.workflows", "workflow.failed", &event["detail"]).await.unwrap();
    }
    let sms = awaited("the SMS", async || it.alarms().await.into_iter().next()).await;
    assert!(sms["Message"].as_str().unwrap().starts_with("Emergency Fund Builder could not be undone"));
    it.local.invoke("sms", &event).await;
    assert_eq!(it.alarms().await.len(), 1);

    // Nothing of all that is in the run's way.
    assert_eq!(it.household.ended(&run, Auto::Approve).await.status, "Completed");
    assert!(it.household.api.get::<Value>(&path).await.is_err(), "a link outlives its question");
}

#[tokio::test]
async fn what_is_not_urgent_waits_until_quiet_hours_end() {
    let Some(_turn) = turn().await else { return };
    // They end with the next minute but one.
    let until = Timestamp::now() + 2.minutes();
    let text = |at: Timestamp| at.strftime("%H:%M").to_string();
    let from = Timestamp::now() - 1.hour();
    let quiet = json!({ "from": text(from), "until": text(until) });
    let it = Reached::new("quiet", |wanted| wanted["quiet"] = quiet).await;
    let run = it.household.started("emergency-fund-builder").await;
    let asked = it.asked(&run).await;
    it.local.invoke("email", &it.as_told(&asked)).await;
    let mails = it.local.mails(&it.mailbox).await;
    assert_eq!(mails.len(), 1, "a mail beside the code in quiet hours: {mails:?}");
    let id = format!("{:013}-{run}-{}", asked.timestamp, asked.seq);
    let schedules = it.local.schedules(&id).await;
    assert_eq!(schedules.len(), 1, "{schedules:?}");
    let wanted = format!("at({}:00)", until.strftime("%Y-%m-%dT%H:%M"));
    assert_eq!(schedules[0]["ScheduleExpression"], wanted);
    let subject = "Emergency Fund Builder needs your answer";
    awaited("the mail", async || {
        it.local.mails(&it.mailbox).await.into_iter().find(|mail| mail["Subject"] == subject)
    })
    .await;
    assert!(Timestamp::now() >= Timestamp::from_second(until.as_second() / 60 * 60).unwrap());
    it.household.api.end(&run, "stop").await.unwrap();
}

#[tokio::test]
async fn what_a_channel_cannot_bring_another_does() {
    let Some(_turn) = turn().await else { return };
    // There is no such device; mail takes over at once what would have waited half a day for the digest.
    let hour = (Timestamp::now() + 12.hours()).strftime("%H").to_string();
    let it = Reached::new("unreached", |wanted| {
        wanted["push"]["address"] = json!("arn:aws:sns:us-east-1:000000000000:endpoint/APNS/none/gone");
        wanted["digest_hour"] = json!(hour.parse::<u8>().unwrap());
    })
    .await;
    let run = it.household.started("emergency-fund-builder").await;
    assert_eq!(it.household.ended(&run, Auto::Approve).await.status, "Completed");
    let mail = awaited("the mail that takes over", async || {
        it.local
            .mails(&it.mailbox)
            .await
            .into_iter()
            .find(|mail| mail["Subject"].as_str().unwrap().contains("saved you money"))
    })
    .await;
    assert!(mail["BodyText"].as_str().unwrap().contains(" a month, confirmed."), "{mail}");
}
