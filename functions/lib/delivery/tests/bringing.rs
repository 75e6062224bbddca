//! A channel that sends, over the table in memory: what is sent, when, how often, and who takes over.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use delivery::{Answer, Carry, Courier, Failed, Order, Recipient, Takeover};
use jiff::{SignedDuration, Timestamp};
use notices::{Channel, Delivery, DeliveryState, Notice, Preferences, body};
use ports::memory::{Memory, Outreach};
use ports::{Clock, Commit, Key, Listing, Record, SendEmail, SendError, Write};
use serde_json::{Value, json};
use statemachines::Catalog;

const NOON: &str = "2026-06-30T12:00:00Z";
const NIGHT: &str = "2026-06-30T23:00:00Z";

/// Mail without links.
struct Plain(Outreach);

impl Carry for Plain {
    const CHANNEL: Channel = Channel::Email;

    async fn carry(&self, notice: &Notice, to: &str, wanted: &Preferences) -> Result<(), SendError> {
        let links = body::Links {
            open: "open".to_owned(),
            preferences: "preferences".to_owned(),
            unsubscribe: "off".to_owned(),
        };
        self.0.send_email(to, &body::email(notice, &links, wanted)).await
    }

    async fn carry_code(&self, code: &str, to: &str) -> Result<(), SendError> {
        self.0.send_email(to, &body::code_email(code, "preferences")).await
    }
}

struct World {
    memory: Memory,
    outreach: Outreach,
    courier: Courier<Memory, Plain, Outreach, Outreach, Memory>,
}

impl World {
    async fn at(now: &str) -> Self {
        let (memory, outreach) = (Memory::at(at(now)), Outreach::default());
        let courier = Courier {
            table: memory.clone(),
            carrier: Plain(outreach.clone()),
            schedules: outreach.clone(),
            functions: outreach.clone(),
            clock: memory.clone(),
            catalog: Catalog::embedded().unwrap(),
        };
        let world = Self { memory, outreach, courier };
        world.prefer(|_| {}).await;
        world
    }

    /// Ada's preferences: a mailbox, and what `edit` makes of the rest.
    async fn prefer(&self, edit: impl FnOnce(&mut Preferences)) {
        let mut wanted = Preferences::of("ada".parse().unwrap());
        wanted.channels.entry(Channel::Email).or_default().address = Some("ada@example.com".to_owned());
        edit(&mut wanted);
        self.memory.commit(vec![Write::put(Record::Preferences(wanted))]).await.unwrap();
    }

    async fn ask(&self, payload: Value, request: &str) -> Result<Answer, Failed> {
        self.courier.handle(payload, request).await
    }

    async fn tell(&self, event: Value) -> Answer {
        self.ask(event, "request").await.unwrap()
    }

    fn subjects(&self) -> Vec<String> {
        self.outreach.said().mails.into_iter().map(|(_, mail)| mail.subject).collect()
    }

    fn delivery(&self, notice_id: &str) -> Delivery {
        let key = Key::Delivery("ada".parse().unwrap(), Channel::Email, notice_id.to_owned());
        match self.memory.get(&key).unwrap().record {
            Record::Delivery(delivery) => delivery,
            _ => panic!("no delivery"),
        }
    }

    /// Fires the one schedule there is: when it is due.
    async fn fire(&self) -> Answer {
        let schedules = self.outreach.said().schedules;
        let [(at, function, payload)] = schedules.values().cloned().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(function, "email");
        self.memory.set_now(at);
        self.ask(payload, "by schedule").await.unwrap()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An event of run `r` of Ada's, as the bus brings it.
fn event(kind: &str, seq: u64, details: Value, task: Option<&str>) -> Value {
    let asks =
        task.map(|it| json!({"taskId": it, "prompt": "Cancel it?", "deadline": "2026-07-03T12:00:00Z"}));
    let mut data = json!({"progress": 40, "message": "Cancel Netflix?", "details": details});
    if let Some(asks) = asks {
        data["userAction"] = asks;
    }
    json!({"detail-type": kind, "detail": {
        "version": 1, "id": format!("r-{seq}"), "time": "2026-06-30T12:00:00Z", "user_id": "ada", "data": {
            "workflowId": "emergency-fund-builder", "runId": "r", "seq": seq, "stepId": "quick-wins",
            "timestamp": 1_782_820_800_000u64, "type": kind, "severity": "error", "data": data,
            "metrics": {"duration": 0, "resourcesUsed": []},
        },
    }})
}

fn question() -> Value {
    event("step.waiting_user", 7, Value::Null, Some("r:quick-wins:ask:1"))
}

fn alarm() -> Value {
    event("workflow.failed", 9, json!({"outcome": "NeedsAttention"}), None)
}

const QUESTION: &str = "1782820800000-r-7";

#[tokio::test]
async fn an_event_is_told_once_however_often_it_comes() {
    let world = World::at(NOON).await;
    assert_eq!(world.tell(question()).await, Answer::Sent);
    for request in ["request", "another"] {
        assert_eq!(world.ask(question(), request).await.unwrap(), Answer::Before);
    }
    let said = world.outreach.said();
    assert_eq!(said.mails.len(), 1);
    assert_eq!(said.mails[0].0, "ada@example.com");
    assert!(said.mails[0].1.text.contains("Quick Wins: Cancel Netflix?"), "{}", said.mails[0].1.text);
    assert_eq!(world.delivery(QUESTION).state, DeliveryState::Sent);
}

#[tokio::test]
async fn what_is_quiet_unknown_or_newer_sends_nothing_and_the_last_two_are_kept() {
    let world = World::at(NOON).await;
    let mut newer = question();
    newer["detail"]["version"] = json!(2);
    newer["detail"]["id"] = json!("newer");
    let mut unknown = question();
    unknown["detail-type"] = json!("workflow.paused");
    for event in [event("step.started", 3, Value::Null, None), newer, unknown] {
        assert_eq!(world.tell(event).await, Answer::Nothing);
    }
    assert!(world.subjects().is_empty());
    for id in ["email#newer", "email#r-7"] {
        assert!(world.memory.get(&Key::Unread(id.to_owned())).is_some(), "{id}");
    }
    let mut malformed = question();
    malformed["detail"]["data"]["seq"] = json!("seven");
    assert!(matches!(world.ask(malformed, "r").await, Err(Failed::Malformed(_))));
}

#[tokio::test]
async fn an_achievement_is_told_by_its_name() {
    let world = World::at(NOON).await;
    world.prefer(|it| it.digest_hour = None).await;
    let event = json!({"detail-type": "achievement.unlocked", "detail": {
        "version": 1, "id": "ada-first-saving", "time": NOON, "user_id": "ada",
        "data": {"achievement_id": "first-saving", "name": "First saving", "description": "", "reason": "$20.00 a month"},
    }});
    assert_eq!(world.tell(event).await, Answer::Sent);
    assert_eq!(world.subjects(), ["Achieved: First saving"]);
}

#[tokio::test]
async fn at_night_it_waits_for_the_morning_and_what_is_critical_does_not() {
    let world = World::at(NIGHT).await;
    assert_eq!(world.tell(question()).await, Answer::Waits);
    assert_eq!(world.tell(question()).await, Answer::Waits, "a second time changes nothing");
    assert_eq!(world.tell(alarm()).await, Answer::Sent);
    assert_eq!(world.subjects().len(), 1);
    assert_eq!(world.fire().await, Answer::Sent);
    assert_eq!(world.memory.now(), at("2026-07-01T07:00:00Z"));
    assert_eq!(world.subjects()[1], "Emergency Fund Builder needs your answer");
    assert_eq!(world.fire().await, Answer::Before);
}

#[tokio::test]
async fn what_was_answered_in_the_night_is_not_asked_in_the_morning() {
    let world = World::at(NIGHT).await;
    world.tell(question()).await;
    let task = json!({
        "record": "task", "task_id": "r:quick-wins:ask:1", "run_id": "r", "user_id": "ada", "step_id": "quick-wins",
        "kind": "approve", "prompt": "", "open": false, "token": "", "asked_at": NOON, "deadline": "2026-07-03T12:00:00Z",
    });
    // A record is read by its kind first.
    let text = task.to_string();
    let text = text.replacen('{', "{\"record\":\"task\",", 1).replace(",\"record\":\"task\"", "");
    let closed: Record = serde_json::from_str(&text).unwrap();
    world.memory.commit(vec![Write::put(closed)]).await.unwrap();
    assert_eq!(world.fire().await, Answer::Dropped);
    assert!(world.subjects().is_empty());
    assert_eq!(world.delivery(QUESTION).state, DeliveryState::Dropped);
}

#[tokio::test]
async fn small_things_of_a_day_come_as_one_and_once() {
    let world = World::at(NOON).await;
    for seq in 1..=3 {
        assert_eq!(world.tell(event("impact.savings", seq, Value::Null, None)).await, Answer::Waits);
    }
    assert!(world.subjects().is_empty());
    // The service refuses for a moment; the platform invokes again.
    world.outreach.fail([SendError::NotNow { reason: "throttled".to_owned() }]);
    let (at, _, payload) = world.outreach.said().schedules.into_values().next().unwrap();
    world.memory.set_now(at);
    assert!(matches!(world.ask(payload, "by schedule").await, Err(Failed::NotNow(_))));
    assert_eq!(world.fire().await, Answer::Sent);
    assert_eq!(world.subjects(), ["Your day: 3 updates"]);
    assert_eq!(world.fire().await, Answer::Before);
    assert_eq!(world.subjects().len(), 1);
    let list = Listing::Mailed("ada".parse().unwrap());
    let waiting =
        ports::List::list(&world.memory, list, None, 100).await.unwrap().into_iter().filter(
            |stored| matches!(&stored.record, Record::Delivery(it) if it.state != DeliveryState::Sent),
        );
    assert_eq!(waiting.count(), 0);
}

#[tokio::test]
async fn what_is_refused_is_taken_over_and_never_by_sms_unless_critical() {
    for (event, then) in [(question(), vec![Channel::Push]), (alarm(), vec![Channel::Push, Channel::Sms])] {
        let world = World::at(NOON).await;
        world.outreach.fail([SendError::Refused { reason: "MessageRejected".to_owned() }]);
        assert_eq!(world.tell(event.clone()).await, Answer::Failed);
        let handed = world.outreach.said().handed;
        assert_eq!(handed.len(), 1);
        assert_eq!(handed[0].0, "push");
        let Order::Takeover(first) = serde_json::from_value(handed[0].1.clone()).unwrap() else { panic!() };
        assert_eq!(first.tried, [Channel::Email]);
        let next = Channel::after(&[Channel::Email, Channel::Push], first.notice.kind.is_critical());
        assert_eq!(std::iter::once(Channel::Push).chain(next).collect::<Vec<_>>(), then);
        assert_eq!(world.tell(event).await, Answer::Before, "it is not tried again here");
        assert_eq!(world.outreach.said().handed.len(), 1);
    }
}

#[tokio::test]
async fn taking_over_tells_what_is_switched_off_here_once() {
    let world = World::at(NOON).await;
    world.prefer(|it| it.channels.get_mut(&Channel::Email).unwrap().on = false).await;
    assert_eq!(world.tell(question()).await, Answer::Dropped);
    let told = World::at(NOON).await;
    told.outreach.fail([SendError::Refused { reason: String::new() }]);
    told.tell(question()).await;
    let Order::Takeover(order) = serde_json::from_value(told.outreach.said().handed[0].1.clone()).unwrap()
    else {
        panic!()
    };
    let takeover = json!(Order::Takeover(Takeover { tried: vec![Channel::Push], ..order.clone() }));
    assert_eq!(world.tell(takeover.clone()).await, Answer::Sent);
    assert_eq!(world.tell(takeover).await, Answer::Before);
    assert_eq!(world.subjects().len(), 1);
    // Whom this channel does not reach either, the next may.
    world.prefer(|it| it.channels.clear()).await;
    let later = Notice { notice_id: "later".to_owned(), ..order.notice };
    let takeover = Takeover { notice: later, tried: Vec::new() };
    let tried = vec![Channel::Sms];
    assert_eq!(world.tell(json!(Order::Takeover(Takeover { tried, ..takeover }))).await, Answer::Dropped);
    assert_eq!(world.outreach.said().handed.last().unwrap().0, "push");
}

#[tokio::test]
async fn what_was_not_sent_for_certain_is_tried_three_times() {
    let world = World::at(NOON).await;
    let not_now = || SendError::NotNow { reason: "no connection".to_owned() };
    world.outreach.fail([not_now(), not_now(), not_now()]);
    for _ in 0..2 {
        assert!(matches!(world.ask(question(), "request").await, Err(Failed::NotNow(Channel::Email))));
    }
    assert_eq!(world.tell(question()).await, Answer::Failed);
    assert_eq!(world.outreach.said().handed.len(), 1);
    assert!(world.subjects().is_empty());
}

#[tokio::test]
async fn what_may_have_been_sent_is_never_sent_again_here() {
    let world = World::at(NOON).await;
    world.outreach.fail([SendError::Unknown { reason: "no answer in time".to_owned() }]);
    assert_eq!(world.tell(question()).await, Answer::Failed);
    assert_eq!(world.tell(question()).await, Answer::Before);
    assert!(world.subjects().is_empty());
    assert_eq!(world.outreach.said().handed.len(), 1);
}

/// A delivery whose sender died while it sent: the platform repeats the invocation, or another comes.
#[tokio::test]
async fn a_sender_that_died_is_followed_by_another_channel() {
    for (request, later, expect) in [
        // The same invocation again: the first is over.
        ("request", SignedDuration::ZERO, Answer::Failed),
        // A duplicate of the event, while the first may be at work, and when it cannot be any more.
        ("another", SignedDuration::from_mins(14), Answer::Before),
        ("another", SignedDuration::from_mins(16), Answer::Failed),
    ] {
        let world = World::at(NOON).await;
        world.tell(question()).await;
        let sending = Delivery { state: DeliveryState::Sending, ..world.delivery(QUESTION) };
        world.memory.commit(vec![Write::put(Record::Delivery(sending))]).await.unwrap();
        world.memory.set_now(at(NOON) + later);
        assert_eq!(world.ask(question(), request).await.unwrap(), expect, "{request} {later}");
        assert_eq!(world.subjects().len(), 1, "it was sent a second time");
        assert_eq!(world.outreach.said().handed.len(), usize::from(expect == Answer::Failed));
    }
}

/// Whatever write fails, and however often it is asked again, there is one mail at most; and one channel tells it.
#[tokio::test]
async fn a_write_that_fails_neither_repeats_nor_forgets() {
    for n in 0..3 {
        let world = World::at(NOON).await;
        world.memory.fail_write(n);
        let mut asked = 0;
        while world.ask(question(), "request").await.is_err() {
            asked += 1;
            assert!(asked < 3);
        }
        let said = world.outreach.said();
        assert_eq!(said.mails.len(), 1, "write {n}");
        world.ask(question(), "another").await.unwrap();
        assert_eq!(world.outreach.said().mails.len(), 1, "write {n}");
    }
}

#[tokio::test]
async fn a_schedule_that_cannot_be_made_is_made_by_the_next_try() {
    let world = World::at(NIGHT).await;
    world.outreach.set_down(true);
    assert!(world.ask(question(), "request").await.is_err());
    world.outreach.set_down(false);
    assert_eq!(world.tell(question()).await, Answer::Waits);
    assert_eq!(world.fire().await, Answer::Sent);
    let nobody = Recipient { user_id: "noah".parse().unwrap(), notice_id: "x".to_owned() };
    assert_eq!(world.tell(json!(Order::Deferred(nobody))).await, Answer::Nothing);
}

#[tokio::test]
async fn a_code_goes_to_the_address_that_it_confirms_and_notices_do_not() {
    let world = World::at(NOON).await;
    let order = || json!(Order::Confirm { user_id: "ada".parse().unwrap() });
    assert_eq!(world.ask(order(), "r").await.unwrap(), Answer::Nothing);
    world
        .prefer(|wanted| {
            let mail = wanted.channels.entry(Channel::Email).or_default();
            *mail = mail.clone().leading_to(Some("new@example.com"), || "123456".to_owned(), at(NOON));
        })
        .await;
    assert_eq!(world.ask(order(), "r").await.unwrap(), Answer::Sent);
    let (to, mail) = world.outreach.said().mails.remove(0);
    assert_eq!((to.as_str(), mail.subject.as_str()), ("new@example.com", "123456 confirms this address"));
    world.outreach.fail([SendError::NotNow { reason: "throttled".to_owned() }]);
    assert!(world.ask(order(), "r").await.is_err());
}
