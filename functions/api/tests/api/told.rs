//! What a user is told, and wants to be told: preferences, the list of notices, links of mails and tickets of sockets.

use crate::console::{get, post};
use crate::outside::{Answer, Fake, Signer, asking, call, call_with, claims, now, user};
use api::{App, Site, Tokens, service};
use axum::Router;
use axum::http::StatusCode;
use engine::Task;
use jiff::SignedDuration;
use notices::{Action, Channel, Inbox, Notice, NoticeKind, Pass, hash};
use ports::{Key, Record};
use serde_json::{Value, json};
use statemachines::Catalog;

fn wanted() -> Value {
    json!({
        "in_app": {"on": true, "off": []}, "push": {"on": false, "off": []},
        "email": {"on": true, "address": "maya@example.com", "off": ["savings"]},
        "sms": {"on": true, "address": "+15550100", "off": []},
        "quiet": {"from": "22:30", "until": "06:00"}, "zone": "America/Phoenix", "digest_hour": 19,
    })
}

#[tokio::test]
async fn preferences_are_replaced_whole_and_have_a_beginning() {
    let fake = Fake::new();
    let first = call(&fake, "maya", "GET /preferences", None).await.body;
    assert_eq!(
        (&first["email"]["on"], &first["quiet"]),
        (&json!(true), &Value::Null),
        "nobody's night is known"
    );
    assert_eq!(call(&fake, "maya", "PUT /preferences", Some(first.clone())).await.body, first);
    let put = call(&fake, "maya", "PUT /preferences", Some(wanted())).await;
    let mut asked = wanted();
    (asked["email"]["unconfirmed"], asked["sms"]["unconfirmed"]) = (json!(true), json!(true));
    assert_eq!((put.status, &put.body), (StatusCode::OK, &asked));
    assert_eq!(call(&fake, "maya", "GET /preferences", None).await.body, asked);
    assert_eq!(call(&fake, "noah", "GET /preferences", None).await.body, first);
    let Record::Preferences(kept) = fake.memory.get(&Key::Preferences(user("maya"))).unwrap().record else {
        panic!("no preferences")
    };
    assert!(kept.channel(Channel::Email).off.contains(&NoticeKind::Savings));
    // What nothing switches off is not said to be off.
    let mut all = wanted();
    all["email"]["off"] = json!(["needs-attention", "savings"]);
    all["sms"]["off"] = json!(["needs-attention", "question"]);
    assert_eq!(call(&fake, "maya", "PUT /preferences", Some(all)).await.body, asked);
}

#[tokio::test]
async fn every_wrong_preference_is_named() {
    let fake = Fake::new();
    for (name, value, fields) in [
        ("in_app", json!({"on": true, "address": "here", "off": []}), vec!["in_app.address"]),
        ("push", json!({"on": true, "address": "arn:aws:s3:::bucket"}), vec!["push.address"]),
        ("email", json!({"on": true, "address": "maya@example"}), vec!["email.address"]),
        ("email", json!({"on": true, "address": "a@b.c, d@e.f"}), vec!["email.address"]),
        ("email", json!({"on": true, "address": "a@b.c\r\nBcc: d@e.f"}), vec!["email.address"]),
        ("sms", json!({"on": true, "address": "555 0100"}), vec!["sms.address"]),
        ("sms", json!({"on": true, "off": ["everything"]}), vec!["sms.off[0]"]),
        ("quiet", json!({"from": "25:00", "until": "7"}), vec!["quiet"]),
        ("zone", json!("Atlantis/City"), vec!["zone"]),
        ("digest_hour", json!(24), vec!["digest_hour"]),
    ] {
        let mut body = wanted();
        body[name] = value;
        let answer = call(&fake, "maya", "PUT /preferences", Some(body)).await;
        assert_eq!((answer.status, answer.fields()), (StatusCode::BAD_REQUEST, fields), "{name}");
    }
    assert!(fake.memory.all().is_empty());
}

fn notice(owner: &str, id: &str) -> Notice {
    Notice {
        notice_id: id.to_owned(),
        user_id: user(owner),
        kind: NoticeKind::Completed,
        title: format!("{id} is completed"),
        lines: Vec::new(),
        run_id: None,
        action: None,
        at: now(),
    }
}

async fn told(fake: &Fake, owner: &str, id: &str) {
    fake.put(Record::Inbox(Inbox { notice: notice(owner, id), read_at: None })).await;
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.body["notices"].as_array().unwrap().iter().map(|it| it["notice_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn notices_come_newest_first_and_are_read_once() {
    let fake = Fake::new();
    for id in ["1-a", "2-b", "3-c"] {
        told(&fake, "maya", id).await;
    }
    told(&fake, "noah", "9-x").await;
    let first = call(&fake, "maya", "GET /notices?limit=2", None).await;
    assert_eq!((ids(&first), &first.body["unread"]), (vec!["3-c", "2-b"], &json!(3)));
    let line = format!("GET /notices?limit=2&after={}", first.body["next"].as_str().unwrap());
    let rest = call(&fake, "maya", &line, None).await;
    assert_eq!((ids(&rest), &rest.body["next"]), (vec!["1-a"], &Value::Null));
    for _ in 0..2 {
        let read = call(&fake, "maya", "POST /notices/2-b/read", None).await;
        assert_eq!(read.status, StatusCode::NO_CONTENT);
    }
    let after = call(&fake, "maya", "GET /notices", None).await;
    assert_eq!((&after.body["unread"], &after.body["notices"][1]["read"]), (&json!(2), &json!(true)));
    assert_eq!(call(&fake, "maya", "POST /notices/9-x/read", None).await.status, StatusCode::NOT_FOUND);
}

async fn link(fake: &Fake, secret: &str, task: &str, until: &str) {
    let pass = Pass {
        hash: hash(secret),
        user_id: user("maya"),
        task_id: Some(task.parse().unwrap()),
        switches_off: None,
        expires_at: until.parse().unwrap(),
        used_at: None,
    };
    fake.put(Record::Pass(pass)).await;
}

/// Follows a link with or without a token: the status, where it leads, and the question shown.
async fn follow(fake: &Fake, who: Option<&str>, secret: &str) -> (u16, String, Value) {
    let token = who.map(|it| Signer::issuer().sign(&claims(it)));
    let answer = call_with(&fake.app(), token.as_deref(), &format!("GET /link/{secret}"), None).await;
    (answer.status.as_u16(), answer.location, answer.body["request"]["task_id"].clone())
}

#[tokio::test]
async fn a_link_leads_to_its_question_and_answers_nothing() {
    let (fake, task) = asking().await;
    let id = task.task_id.as_str();
    link(&fake, "good", id, "2026-07-04T12:00:00Z").await;
    link(&fake, "late", id, "2026-07-01T12:00:00Z").await;
    link(&fake, "replaced", "run-1:quick-wins:ask:0", "2026-07-04T12:00:00Z").await;
    let before = fake.memory.changes();
    let page = format!("/console/tasks/{id}");
    for (who, secret, expect) in [
        (None, "good", (303, page.as_str(), Value::Null)),
        (None, "late", (303, "/console/tasks", Value::Null)),
        (None, "replaced", (303, "/console/tasks", Value::Null)),
        (None, "guessed", (404, "", Value::Null)),
        (Some("maya"), "good", (200, "", json!(id))),
        (Some("maya"), "late", (404, "", Value::Null)),
        (Some("noah"), "good", (404, "", Value::Null)),
    ] {
        let (status, location, question) = follow(&fake, who, secret).await;
        assert_eq!((status, location.as_str(), question), expect, "{who:?} {secret}");
    }
    assert_eq!(fake.memory.changes(), before, "following a link changed something");
    let post = call(&fake, "maya", "POST /link/good", Some(json!({}))).await;
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
    let closed = Task { open: false, ..task.clone() };
    for over in [Task { deadline: now(), ..task }, closed] {
        fake.put(Record::Task(over)).await;
        assert_eq!(follow(&fake, None, "good").await.1, "/console/tasks");
        assert_eq!(follow(&fake, Some("maya"), "good").await.0, 404);
    }
}

/// The notice was made before the due date was moved.
#[tokio::test]
async fn a_notice_has_its_button_until_its_questions_own_deadline() {
    let (fake, task) = asking().await;
    let deadline = now() - SignedDuration::from_hours(1);
    let action =
        Action { task_id: task.task_id.clone(), label: "Look".to_owned(), deadline, afterwards: None };
    let notice = notice("maya", "1-a");
    fake.put(Record::Inbox(Inbox { notice: Notice { action: Some(action), ..notice }, read_at: None })).await;
    let shown = |answer: Answer| answer.body["notices"][0]["action"].clone();
    let action = shown(call(&fake, "maya", "GET /notices", None).await);
    assert_eq!((&action["task_id"], &action["deadline"]), (&json!(task.task_id), &json!(task.deadline)));
    fake.put(Record::Task(Task { open: false, ..task })).await;
    assert_eq!(shown(call(&fake, "maya", "GET /notices", None).await), Value::Null);
}

fn live(fake: &Fake) -> Router {
    let tokens = Tokens::of(crate::outside::ISSUER, crate::outside::CLIENT);
    let site = Site { live: Some("wss://live.example/live".to_owned()), ..Site::default() };
    service(App::new(fake.clone(), Catalog::embedded().unwrap(), tokens, "key").at(site))
}

#[tokio::test]
async fn a_ticket_is_its_callers_and_stored_hashed() {
    let fake = Fake::new();
    let token = Signer::issuer().sign(&claims("maya"));
    let answer = call_with(&live(&fake), Some(&token), "POST /ws-ticket", None).await;
    assert_eq!((answer.status, &answer.body["url"]), (StatusCode::OK, &json!("wss://live.example/live")));
    assert_eq!(answer.body["expires_at"], "2026-07-01T12:00:30Z");
    let ticket = answer.body["ticket"].as_str().unwrap();
    let Record::Pass(pass) = fake.memory.get(&Key::Pass(hash(ticket))).unwrap().record else {
        panic!("no pass")
    };
    assert_eq!((pass.user_id, pass.task_id), (user("maya"), None));
    assert!(!serde_json::to_string(&fake.memory.all()[0].record).unwrap().contains(ticket));
    let again = call_with(&live(&fake), Some(&token), "POST /ws-ticket", None).await;
    assert_ne!(again.body["ticket"], answer.body["ticket"]);
    assert_eq!(call(&fake, "maya", "POST /ws-ticket", None).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(call_with(&live(&fake), None, "POST /ws-ticket", None).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_mail_program_unsubscribes_by_post_and_never_by_get() {
    let fake = Fake::new();
    assert_eq!(call(&fake, "maya", "PUT /preferences", Some(wanted())).await.status, StatusCode::OK);
    let pass = |secret: &str, switches_off, expires_at| Pass {
        hash: hash(secret),
        user_id: user("maya"),
        task_id: None,
        switches_off,
        expires_at,
        used_at: None,
    };
    let later = now() + SignedDuration::from_hours(1);
    fake.put(Record::Pass(pass("off", Some(Channel::Email), later))).await;
    fake.put(Record::Pass(pass("ticket", None, later))).await;
    fake.put(Record::Pass(pass("late", Some(Channel::Email), now()))).await;
    let email = async || call(&fake, "maya", "GET /preferences", None).await.body["email"].clone();
    let looked = call_with(&fake.app(), None, "GET /unsubscribe/off", None).await;
    assert_eq!((looked.status, email().await["on"].clone()), (StatusCode::SEE_OTHER, json!(true)));
    for (secret, status) in [("ticket", 404), ("late", 404), ("unheard-of", 404), ("off", 200), ("off", 200)]
    {
        let answer = call_with(&fake.app(), None, &format!("POST /unsubscribe/{secret}"), None).await;
        assert_eq!(answer.status.as_u16(), status, "{secret}");
    }
    let off = json!({"on": false, "address": "maya@example.com", "unconfirmed": true, "off": ["savings"]});
    assert_eq!(email().await, off);
}

/// What a user's preferences are on record.
fn recorded(fake: &Fake) -> notices::Preferences {
    match fake.memory.get(&Key::Preferences(user("maya"))).unwrap().record {
        Record::Preferences(wanted) => wanted,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_address_is_used_once_its_code_was_said() {
    let fake = Fake::new();
    let put = async || call(&fake, "maya", "PUT /preferences", Some(wanted())).await.status;
    for _ in 0..2 {
        assert_eq!(put().await, StatusCode::OK);
    }
    let order = json!({"confirm": {"user_id": "maya"}});
    let sent = [("email".to_owned(), order.clone()), ("sms".to_owned(), order)];
    assert_eq!(*fake.handed_over.lock().unwrap(), sent, "once for each address, and without the code");
    let say = async |channel: &str, code: &str| {
        let line = format!("POST /preferences/{channel}/confirmation");
        call(&fake, "maya", &line, Some(json!({"code": code}))).await.status.as_u16()
    };
    let code = recorded(&fake).channel(Channel::Email).unconfirmed.unwrap().code;
    assert_eq!(code.len(), 6);
    assert_eq!((say("push", &code).await, say("email", "no code").await), (404, 400));
    assert_eq!(recorded(&fake).channel(Channel::Email).address, None);
    assert_eq!((say("email", &code).await, say("email", &code).await), (200, 409));
    assert_eq!(recorded(&fake).channel(Channel::Email).address.as_deref(), Some("maya@example.com"));
    assert!(recorded(&fake).channel(Channel::Sms).unconfirmed.is_some());
}

#[tokio::test]
async fn a_code_is_sent_again_and_the_page_says_what_became_of_it() {
    let fake = Fake::new();
    let again = "POST /preferences/email/code";
    assert_eq!(call(&fake, "maya", again, None).await.status, StatusCode::CONFLICT);
    assert_eq!(call(&fake, "maya", "POST /preferences/push/code", None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(call(&fake, "maya", "PUT /preferences", Some(wanted())).await.status, StatusCode::OK);
    let first = recorded(&fake).channel(Channel::Email).unconfirmed.unwrap().code;
    for (sent, words, polls) in [
        (None, "A code is on its way to maya@example.com", true),
        (Some(true), "We sent a code to maya@example.com", false),
        (Some(false), "No code could be sent to maya@example.com", false),
    ] {
        let mut known = recorded(&fake);
        for channel in [Channel::Email, Channel::Sms] {
            known.channels.get_mut(&channel).unwrap().unconfirmed.as_mut().unwrap().sent = sent;
        }
        fake.put(Record::Preferences(known)).await;
        let page = get(&fake, "maya", "/preferences").await.body;
        assert_eq!((page.contains(words), page.contains("every 2s")), (true, polls), "{page}");
        let codes = get(&fake, "maya", "/preferences/codes").await;
        assert_eq!(codes.status == StatusCode::NO_CONTENT, polls);
    }
    // Two were sent with the addresses; three more may be today.
    for _ in 0..3 {
        let page = post(&fake, "maya", "/preferences/email/code", "").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }
    let waiting = recorded(&fake).channel(Channel::Email).unconfirmed.unwrap();
    assert_eq!((waiting.address.as_str(), waiting.sent), ("maya@example.com", None));
    assert_ne!(waiting.code, first, "the code before is good no more");
    assert_eq!(fake.handed_over.lock().unwrap().len(), 5);
    let refused = post(&fake, "maya", "/preferences/email/code", "").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.body.contains("try again tomorrow"), "{}", refused.body);
}

#[tokio::test]
async fn codes_and_wrong_tries_are_counted_over_all_addresses() {
    let fake = Fake::new();
    let put = async |number: u32| {
        let mut body = wanted();
        body["email"]["address"] = json!(format!("maya-{number}@example.com"));
        call(&fake, "maya", "PUT /preferences", Some(body)).await
    };
    let say = async |code: &str| {
        let body = Some(json!({"code": code}));
        call(&fake, "maya", "POST /preferences/email/confirmation", body).await.status.as_u16()
    };
    // One code goes to the phone, and four to mailboxes.
    for number in 0..4 {
        assert_eq!(put(number).await.status, StatusCode::OK);
        assert_eq!(say("wrong").await, 400);
    }
    let codes = |of| recorded(&fake).channel(of).unconfirmed.unwrap().code;
    assert_ne!(codes(Channel::Email), codes(Channel::Sms), "who reads the mails can confirm the phone");
    let refused = put(4).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.body["detail"].as_str().unwrap().contains("tomorrow"), "{}", refused.body);
    assert_eq!(fake.handed_over.lock().unwrap().len(), 5, "another code was sent");
    assert_eq!(recorded(&fake).channel(Channel::Email).wanted(), Some("maya-3@example.com"));
    assert_eq!((say("wrong").await, say(&codes(Channel::Email)).await), (400, 429));
    // What needs no code is saved all the same.
    assert_eq!(put(3).await.status, StatusCode::OK);
}
