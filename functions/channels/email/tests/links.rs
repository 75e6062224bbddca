//! The links of a mail.

#![expect(clippy::unwrap_used, reason = "a test may")]

use delivery::Carry;
use email::Email;
use jiff::SignedDuration;
use notices::{Action, Channel, Notice, NoticeKind, Preferences, hash};
use ports::memory::{Memory, Outreach};
use ports::{Key, Record, SendError};

fn notice(action: Option<Action>) -> Notice {
    let at = "2026-06-30T12:00:00Z".parse().unwrap();
    Notice {
        notice_id: "n".to_owned(),
        user_id: "ada".parse().unwrap(),
        kind: NoticeKind::Question,
        title: "T".to_owned(),
        lines: Vec::new(),
        run_id: Some("r".parse().unwrap()),
        action,
        at,
    }
}

fn asks() -> Option<Action> {
    let task_id = "r:quick-wins:ask:1".parse().unwrap();
    let deadline = "2026-07-03T12:00:00Z".parse().unwrap();
    Some(Action { task_id, label: "Look".to_owned(), deadline, afterwards: None })
}

fn post(memory: &Memory, outreach: &Outreach) -> Email<Memory, Outreach, Outreach> {
    Email {
        table: memory.clone(),
        mail: outreach.clone(),
        secrets: outreach.clone(),
        api_url: "https://api".to_owned(),
    }
}

/// Whether any of the links in mails does.
fn pass_opens_sockets(memory: &Memory) -> bool {
    memory.all().iter().any(|it| matches!(&it.record, Record::Pass(pass) if pass.is_ticket()))
}

#[tokio::test]
async fn a_question_has_a_link_that_says_nothing_and_is_stored_hashed() {
    let (memory, outreach) = (Memory::at("2026-06-30T12:00:00Z".parse().unwrap()), Outreach::default());
    let wanted = Preferences::of("ada".parse().unwrap());
    post(&memory, &outreach).carry(&notice(asks()), "ada@example.com", &wanted).await.unwrap();
    let mail = outreach.said().mails.remove(0).1;
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("https://api/link/secret-1"));
        assert!(!body.contains("quick-wins:ask"), "the link names the question");
    }
    let Record::Pass(pass) = memory.get(&Key::Pass(hash("secret-1"))).unwrap().record else { unreachable!() };
    assert_eq!(pass.task_id, asks().map(|it| it.task_id));
    assert!(
        pass.expires_at > asks().unwrap().deadline + SignedDuration::from_hours(24 * 60),
        "it may be moved"
    );
    assert!(memory.all().iter().all(|it| !serde_json::to_string(&it.record).unwrap().contains("secret-")));
    assert_eq!(mail.unsubscribe, "https://api/unsubscribe/secret-2");
    let Record::Pass(off) = memory.get(&Key::Pass(hash("secret-2"))).unwrap().record else { unreachable!() };
    assert_eq!((off.switches_off, off.task_id, off.user_id.as_str()), (Some(Channel::Email), None, "ada"));
    assert!(!pass_opens_sockets(&memory));
}

#[tokio::test]
async fn what_asks_nothing_leads_to_its_run() {
    let (memory, outreach) = (Memory::at("2026-06-30T12:00:00Z".parse().unwrap()), Outreach::default());
    let wanted = Preferences::of("ada".parse().unwrap());
    post(&memory, &outreach).carry(&notice(None), "ada@example.com", &wanted).await.unwrap();
    assert!(outreach.said().mails[0].1.text.contains("Open: https://api/console/runs/r\n"));
    assert_eq!(memory.all().len(), 1, "nothing but what switches mails off");
}

#[tokio::test]
async fn without_its_link_a_mail_is_not_sent() {
    let (memory, outreach) = (Memory::at("2026-06-30T12:00:00Z".parse().unwrap()), Outreach::default());
    memory.fail_write(0);
    let wanted = Preferences::of("ada".parse().unwrap());
    let failed = post(&memory, &outreach).carry(&notice(asks()), "ada@example.com", &wanted).await;
    assert!(matches!(failed, Err(SendError::NotNow { .. })));
    assert!(outreach.said().mails.is_empty());
}
