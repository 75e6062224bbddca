//! The list of notices, and what open sockets hear of it.

#![expect(clippy::unwrap_used, reason = "a test may")]

use in_app::{Answer, handle};
use notices::{Channel, Preferences, Sockets};
use ports::memory::{Memory, Outreach};
use ports::{Clock, Commit, Key, Record, Write};
use serde_json::{Value, json};
use statemachines::Catalog;

const ID: &str = "1782820800000-r-7";

fn world() -> (Memory, Outreach) {
    (Memory::at("2026-06-30T23:00:00Z".parse().unwrap()), Outreach::default())
}

fn completed() -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/samples/");
    let sample = std::fs::read_to_string(format!("{folder}workflow-event.workflow.completed.json")).unwrap();
    let mut detail: Value = serde_json::from_str(&sample).unwrap();
    (detail["id"], detail["user_id"]) = (json!("r-7"), json!("ada"));
    detail["time"] = json!("2026-06-30T12:00:00Z");
    json!({"detail-type": "workflow.completed", "detail": detail})
}

async fn tell(memory: &Memory, outreach: &Outreach) -> Answer {
    handle(memory, outreach, memory, &Catalog::embedded().unwrap(), completed()).await.unwrap()
}

/// Connections, and how many minutes ago each was opened.
async fn open(memory: &Memory, connections: &[(&str, i64)]) {
    let mut sockets = Sockets::none("ada".parse().unwrap());
    for (id, minutes) in connections {
        sockets.add((*id).to_owned(), memory.now() - jiff::SignedDuration::from_mins(*minutes));
    }
    memory.commit(vec![Write::put(Record::Sockets(sockets))]).await.unwrap();
}

#[tokio::test]
async fn a_notice_is_listed_once_at_any_hour_and_open_apps_hear_of_it() {
    let (memory, outreach) = world();
    open(&memory, &[("over", 120), ("gone", 1), ("open", 0), ("opening", 0)]).await;
    outreach.end("gone");
    outreach.end("opening");
    assert_eq!(tell(&memory, &outreach).await, Answer::Listed);
    assert_eq!(tell(&memory, &outreach).await, Answer::Before);
    let message = json!({"type": "notice", "notice_id": ID});
    assert_eq!(outreach.said().live, [("open".to_owned(), message)]);
    let user: events::UserId = "ada".parse().unwrap();
    assert!(memory.get(&Key::Inbox(user.clone(), ID.to_owned())).is_some());
    let Record::Sockets(left) = memory.get(&Key::Sockets(user)).unwrap().record else { unreachable!() };
    assert!(left.open.contains_key("open") && left.open.contains_key("opening"));
    assert!(!left.open.contains_key("gone"), "what the gateway has ended is forgotten");
}

#[tokio::test]
async fn sockets_that_cannot_be_reached_cost_nothing() {
    let (memory, outreach) = world();
    open(&memory, &[("open", 0)]).await;
    outreach.set_down(true);
    assert_eq!(tell(&memory, &outreach).await, Answer::Listed);
}

#[tokio::test]
async fn what_is_switched_off_is_not_listed() {
    let (memory, outreach) = world();
    let mut wanted = Preferences::of("ada".parse().unwrap());
    wanted.channels.entry(Channel::InApp).or_default().on = false;
    memory.commit(vec![Write::put(Record::Preferences(wanted))]).await.unwrap();
    assert_eq!(tell(&memory, &outreach).await, Answer::Nothing);
}
