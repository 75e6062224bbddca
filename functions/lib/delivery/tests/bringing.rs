//! A channel that sends, over the table in memory: what is sent, when, how often, and who takes over.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use delivery::{Answer, Carry, Courier, Failed, Order, Recipient, Takeover};
use engine::Task;
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use notices::{Channel, Delivery, DeliveryState, Notice, Preferences, QuietHours, body};
use ports::memory::{Memory, Outreach};
use ports::{Clock, Commit, Key, Listing, Record, SendEmail, SendError, Write};
use serde_json::{Value, json};
use statemachines::{Catalog, OnTimeout};

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
        wanted.quiet = Some(QuietHours { from: time(22, 0, 0, 0), until: time(7, 0, 0, 0) });
        edit(&mut wanted);
        self.memory.commit(vec![Write::put(Record::Preferences(wanted))]).await.unwrap();
    }

    /// The question of a step, as it is recorded.
    async fn ask_about(&self, step: &str, open: bool) {
        let task: Task = serde_json::from_value(json!({
            "task_id": format!("r:{step}:ask:1"), "run_id": "r", "user_id": "ada", "step_id": step, "kind": "approve",
            "prompt": "", "open": open, "token": "", "asked_at": NOON, "deadline": "2026-07-03T12:00:00Z",
        }))
        .unwrap();
        self.memory.commit(vec![Write::put(Record::Task(task))]).await.unwrap();
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

    /// Whether the code that the mailbox waits for was sent.
    fn code_sent(&self) -> Option<bool> {
        match self.memory.get(&Key::Preferences("ada".parse().unwrap())).unwrap().record {
            Record::Preferences(wanted) => wanted.channel(Channel::Email).unconfirmed.unwrap().sent,
            other => panic!("{other:?}"),
        }
    }

    fn delivery(&self, notice_id: &str) -> Delivery {
        let key = Key::Delivery("ada".parse().unwrap(), Channel::Email, notice_id.to_owned());
        match self.memory.get(&key).unwrap().record {
            Record::Delivery(delivery) => delivery,
            _ => panic!("no delivery"),
        }
    }

    /// Fires the latest schedule: when it is due. Those before it are there still, as while their function is invoked.
    async fn fire(&self) -> Answer {
        let schedules = self.outreach.said().schedules;
        let (at, function, payload) = schedules.into_values().max_by_key(|(at, ..)| *at).unwrap();
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
async fn a_mail_says_what_becomes_of_a_question_as_its_step_declares() {
    for (declared, expect) in [
        (OnTimeout::Skip, "After that what you have not decided is left out."),
        (OnTimeout::Stop, "After that the workflow stops and keeps what was done."),
    ] {
        let mut world = World::at(NOON).await;
        let mut workflow =
            world.courier.catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap().clone();
        let step = workflow.steps.iter_mut().find(|it| it.id.as_str() == "quick-wins").unwrap();
        step.interaction.as_mut().unwrap().on_timeout = declared;
        world.courier.catalog = world.courier.catalog.with(vec![workflow]);
        world.ask_about("quick-wins", true).await;
        assert_eq!(world.tell(question()).await, Answer::Sent);
        let (_, mail) = world.outreach.said().mails.remove(0);
        assert!(mail.text.contains(expect) && mail.html.contains(expect), "{}", mail.text);
    }
}

#[tokio::test]
async fn what_is_quiet_unknown_or_newer_sends_nothing_and_the_last_two_are_kept() {
    let world = World::at(NOON).await;
    let mut newer = question();
    newer["detail"]["version"] = json!(2);
    newer["detail"]["id"] = json!("newer");
    let mut unknown = question();
    unknown["detail-type"] = json!("workflow.paused");
    unknown["detail"]["id"] = json!("unknown");
    for event in [event("step.started", 3, Value::Null, None), newer, unknown] {
        assert_eq!(world.tell(event).await, Answer::Nothing);
    }
    assert!(world.subjects().is_empty());
    for id in ["email#newer", "email#unknown"] {
        let kept = world.memory.get(&Key::Unread(id.to_owned())).expect(id).record;
        let Record::Unread(kept) = kept else { panic!("{kept:?}") };
        assert!(kept.event.get("detail-type").is_some(), "whole, so that it can be told later: {kept:?}");
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

/// The quiet hours end later than when it was deferred: the notice that fires waits once more, with its digest's parts told.
#[tokio::test]
async fn what_is_deferred_once_more_comes_once_more() {
    let later = |it: &mut Preferences| {
        it.quiet = Some(QuietHours { from: time(17, 0, 0, 0), until: time(9, 0, 0, 0) });
    };
    let saving = event("impact.savings", 1, Value::Null, None);
    for (from, event, subject) in [
        (NIGHT, question(), "Emergency Fund Builder needs your answer"),
        (NOON, saving, "Your day: 1 update"),
    ] {
        let world = World::at(from).await;
        assert_eq!(world.tell(event).await, Answer::Waits);
        world.prefer(later).await;
        assert_eq!(world.fire().await, Answer::Waits, "{subject}");
        assert_eq!(world.fire().await, Answer::Sent, "{subject}");
        assert_eq!(world.memory.now(), at("2026-07-01T09:00:00Z"));
        assert_eq!(world.subjects(), [subject]);
        // What the digest has told is not waiting for the next.
        let next = json!(Order::Digest(Recipient {
            user_id: "ada".parse().unwrap(),
            notice_id: "digest-1".to_owned(),
        }));
        assert_eq!(world.ask(next, "next").await.unwrap(), Answer::Nothing, "{subject}");
    }
}

/// Its due date was moved while it waited for the morning.
#[tokio::test]
async fn a_notice_is_told_until_its_questions_own_deadline() {
    let world = World::at(NIGHT).await;
    let mut early = question();
    early["detail"]["data"]["data"]["userAction"]["deadline"] = json!("2026-07-01T06:00:00Z");
    assert_eq!(world.tell(early).await, Answer::Waits);
    world.ask_about("quick-wins", true).await;
    assert_eq!(world.fire().await, Answer::Sent);
    let (_, mail) = world.outreach.said().mails.remove(0);
    assert!(mail.text.contains("You have until Friday, 3 July, 12:00"), "{}", mail.text);
}

#[tokio::test]
async fn what_was_answered_in_the_night_is_not_asked_in_the_morning() {
    let world = World::at(NIGHT).await;
    world.tell(question()).await;
    world.ask_about("quick-wins", false).await;
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
async fn taking_over_tells_by_itself_and_once_and_nothing_that_is_switched_off_here() {
    let world = World::at(NOON).await;
    let told = World::at(NOON).await;
    told.outreach.fail([SendError::Refused { reason: String::new() }]);
    told.tell(question()).await;
    let Order::Takeover(order) = serde_json::from_value(told.outreach.said().handed[0].1.clone()).unwrap()
    else {
        panic!()
    };
    let takeover = |tried: Channel| {
        json!(Order::Takeover(Box::new(Takeover { tried: vec![tried], notice: order.notice.clone() })))
    };
    // Whoever unsubscribed gets no mail; whom this channel may not reach, or cannot, the next may.
    world.prefer(|it| it.channels.get_mut(&Channel::Email).unwrap().on = false).await;
    assert_eq!(world.tell(question()).await, Answer::Dropped);
    assert_eq!(world.tell(takeover(Channel::Push)).await, Answer::Dropped);
    assert!(world.subjects().is_empty() && world.outreach.said().handed.is_empty());
    assert_eq!(world.tell(takeover(Channel::Sms)).await, Answer::Dropped);
    world.prefer(|it| it.channels.clear()).await;
    assert_eq!(world.tell(takeover(Channel::Sms)).await, Answer::Dropped);
    let handed: Vec<_> = world.outreach.said().handed.into_iter().map(|(channel, _)| channel).collect();
    assert_eq!(handed, ["push", "push"]);

    world.prefer(|_| {}).await;
    assert_eq!(world.tell(takeover(Channel::Push)).await, Answer::Sent);
    assert_eq!(world.tell(takeover(Channel::Push)).await, Answer::Before);
    assert_eq!(world.subjects().len(), 1);
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
            wanted.lead(Channel::Email, Some("new@example.com"), || "123456".to_owned(), at(NOON)).unwrap();
        })
        .await;
    assert_eq!(world.ask(order(), "r").await.unwrap(), Answer::Sent);
    let (to, mail) = world.outreach.said().mails.remove(0);
    assert_eq!((to.as_str(), mail.subject.as_str()), ("new@example.com", "123456 confirms this address"));
    assert_eq!(world.code_sent(), Some(true));
    world.outreach.fail([SendError::NotNow { reason: "throttled".to_owned() }]);
    assert!(world.ask(order(), "r").await.is_err());
}

#[tokio::test]
async fn whoever_waits_for_a_code_is_told_when_it_could_not_be_sent() {
    let world = World::at(NOON).await;
    world
        .prefer(|wanted| {
            wanted.lead(Channel::Email, Some("new@example.com"), || "123456".to_owned(), at(NOON)).unwrap();
        })
        .await;
    assert_eq!(world.code_sent(), None);
    world.outreach.fail([SendError::Refused { reason: "nobody to send it".to_owned() }]);
    let order = json!(Order::Confirm { user_id: "ada".parse().unwrap() });
    assert_eq!(world.ask(order, "r").await.unwrap(), Answer::Failed);
    assert_eq!(world.code_sent(), Some(false));
}
