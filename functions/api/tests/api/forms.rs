//! Forms of the console: what they refuse, in which words, and that nothing that was written is lost.

use crate::arranging::guided;
use crate::console::{Page, form, get, post};
use crate::outside::{Fake, asking, call};
use crate::reports::attention;
use axum::http::StatusCode;
use ports::Slot;
use serde_json::json;

/// Whether a field of the page's form stands so.
fn stands(page: &Page, name: &str, value: &str) -> bool {
    page.body
        .split('<')
        .any(|tag| tag.contains(&format!("name=\"{name}\"")) && tag.contains(&format!("value=\"{value}\"")))
}

/// Whether a field is marked as wrong.
fn is_marked(page: &Page, name: &str) -> bool {
    page.body
        .split('<')
        .any(|tag| tag.contains(&format!("name=\"{name}\"")) && tag.contains("aria-invalid=\"true\""))
}

const FUND: [(&str, &str); 5] =
    [("name", "Fund"), ("kind", "emergency-fund"), ("target", "6000"), ("saved", "0"), ("currency", "USD")];

#[tokio::test]
async fn a_refused_goal_stays_written_under_the_words_of_its_form() {
    let fake = Fake::new();
    let house =
        [("name", "House"), ("kind", "purchase"), ("target", "much"), ("saved", "more"), ("currency", "USD")];
    let page = post(&fake, "maya", "/goals", &form(&house)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    for words in ["<b>Target amount</b> must be an amount", "<b>Saved so far</b> must be an amount"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(
        stands(&page, "name", "House") && stands(&page, "target", "much") && stands(&page, "saved", "more")
    );
    assert!(page.body.contains("<option value=\"purchase\" selected>"), "{}", page.body);
    assert!(is_marked(&page, "target") && !is_marked(&page, "name"), "{}", page.body);

    // One of several: its own form has it, and is open; the route's own checks and the schema's limits come in the same words.
    for name in ["Fund", "Car"] {
        let goal = [&[("name", name)], &FUND[1..]].concat();
        assert_eq!(post(&fake, "maya", "/goals", &form(&goal)).await.status, StatusCode::SEE_OTHER);
    }
    let long = "x".repeat(101);
    for (name, what) in [
        ("Fund", "<b>Name</b> must be a name that no goal before it has"),
        (long.as_str(), "<b>Name</b> must have at most 100 characters"),
    ] {
        let page =
            post(&fake, "maya", "/goals", &form(&[&[("index", "1"), ("name", name)], &FUND[1..]].concat()))
                .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}");
        assert!(page.body.contains(what) && is_marked(&page, "name"), "{}", page.body);
        assert_eq!(page.body.matches("<details open>").count(), 1, "{}", page.body);
        assert!(stands(&page, "name", name), "{}", page.body);
    }
    let goals = call(&fake, "maya", "GET /goals", None).await.body;
    assert_eq!(goals["goals"][1]["name"], "Car");
}

#[tokio::test]
async fn there_are_no_more_goals_than_the_api_takes() {
    let fake = Fake::new();
    let goal = |name: String| json!({"name": name, "kind": "k", "target": {"minor": 1, "currency": "USD"}, "saved": {"minor": 0, "currency": "USD"}});
    let many: Vec<_> = (0..50).map(|it| goal(it.to_string())).collect();
    assert_eq!(call(&fake, "maya", "PUT /goals", Some(json!({"goals": many}))).await.status, StatusCode::OK);
    let page = post(&fake, "maya", "/goals", &form(&FUND)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("<b>Goals</b> must have at most 50 entries"), "{}", page.body);
}

#[tokio::test]
async fn refused_preferences_stay_written_under_the_words_of_their_form() {
    let fake = Fake::new();
    let before = [("email.on", "yes"), ("email.address", "maya@example.com"), ("zone", "Europe/Berlin")];
    assert_eq!(post(&fake, "maya", "/preferences", &form(&before)).await.status, StatusCode::SEE_OTHER);
    let wrong = [
        ("sms.address", "5550100"),
        ("email.address", "noah@example.com"),
        ("email.kind", "question"),
        ("digest_hour", "7"),
        ("zone", "Atlantis"),
    ];
    let page = post(&fake, "maya", "/preferences", &form(&wrong)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    for words in ["<b>Phone number</b> must be a number", "<b>Time zone</b> must be a time zone"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    for (name, value) in
        [("sms.address", "5550100"), ("email.address", "noah@example.com"), ("zone", "Atlantis")]
    {
        assert!(stands(&page, name, value), "{name}: {}", page.body);
    }
    assert!(page.body.contains("<option value=\"7\" selected>"), "{}", page.body);
    assert_eq!(page.body.matches("name=\"email.kind\" value=\"question\" checked").count(), 1);
    assert!(
        page.body.contains("A code is on its way to maya@example.com"),
        "what is on record waits for its code"
    );
}

#[tokio::test]
async fn what_was_saved_is_said_and_the_zone_is_guessed_until_it_is_chosen() {
    let fake = Fake::new();
    let page = get(&fake, "maya", "/preferences").await;
    assert!(page.body.contains(" data-guess") && !page.body.contains("Saved."), "{}", page.body);
    let wanted = [("email.on", "yes"), ("email.address", "maya@example.com"), ("zone", "America/Phoenix")];
    let page = post(&fake, "maya", "/preferences", &form(&wanted)).await;
    assert_eq!(page.header("location"), "/console/preferences?saved=yes");
    let page = get(&fake, "maya", "/preferences?saved=yes").await;
    assert!(
        page.body.contains("role=\"status\">Saved.") && !page.body.contains(" data-guess"),
        "{}",
        page.body
    );
    let code = post(&fake, "maya", "/preferences/email/confirmation", &form(&[("code", "no code")])).await;
    assert_eq!(code.status, StatusCode::BAD_REQUEST);
    assert!(code.body.contains("<b>Code</b> is not the one that was sent"), "{}", code.body);
    let page = post(&fake, "maya", "/goals", &form(&FUND)).await;
    assert_eq!(page.header("location"), "/console/goals?saved=yes");
    assert!(get(&fake, "maya", "/goals?saved=yes").await.body.contains("role=\"status\">Saved."));
}

#[tokio::test]
async fn by_text_message_there_is_nothing_to_choose() {
    let fake = Fake::new();
    let wanted = json!({
        "in_app": {"on": true}, "push": {"on": true}, "email": {"on": true}, "sms": {"on": true, "off": ["help"]}, "zone": "UTC"
    });
    assert_eq!(call(&fake, "maya", "PUT /preferences", Some(wanted)).await.status, StatusCode::OK);
    let page = get(&fake, "maya", "/preferences").await;
    for name in ["sms.kind", "sms.on"] {
        assert!(!page.body.contains(name), "{name}");
    }
    assert!(page.body.contains("Only what is critical comes this way"), "{}", page.body);
    assert_eq!(
        post(&fake, "maya", "/preferences", &form(&[("zone", "UTC")])).await.status,
        StatusCode::SEE_OTHER
    );
    let kept = call(&fake, "maya", "GET /preferences", None).await.body;
    assert_eq!(kept["sms"]["on"], true, "what the form does not ask stays");
    assert_eq!(kept["email"]["on"], false);
}

#[tokio::test]
async fn a_day_is_due_by_its_users_clock() {
    let (fake, task) = guided().await;
    let address = format!("/tasks/{}", task.task_id);
    for (zone, due) in [("America/Phoenix", "2026-07-11T06:59:00Z"), ("Asia/Tokyo", "2026-07-10T14:59:00Z")] {
        let saved = post(&fake, "maya", "/preferences", &form(&[("zone", zone)])).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        let moved =
            post(&fake, "maya", &format!("{address}/arrangement"), &form(&[("due", "2026-07-10")])).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
        assert_eq!(fake.task("run-1", "side-income", Slot::Ask).deadline, due.parse().unwrap());
        let page = get(&fake, "maya", &address).await;
        assert!(stands(&page, "due", "2026-07-10") && page.body.contains(zone), "{}", page.body);
    }
}

#[tokio::test]
async fn a_form_takes_no_more_than_the_api() {
    let (fake, task) = guided().await;
    let (address, long) = (format!("/tasks/{}", task.task_id), "x".repeat(2_001));
    for (path, fields, what) in [
        (
            "answers",
            vec![("type", "help"), ("note", long.as_str())],
            "<b>Note</b> must have at most 2000 characters",
        ),
        (
            "answers",
            vec![("type", "progress"), ("percent", "101")],
            "<b>Percent done</b> must be at most 100",
        ),
        (
            "answers",
            vec![("type", "done"), ("reference", long.as_str())],
            "<b>Reference</b> must have at most 2000",
        ),
        ("arrangement", vec![("hand_over", long.as_str())], "<b>Hand-over note</b> must have at most 2000"),
    ] {
        let page = post(&fake, "maya", &format!("{address}/{path}"), &form(&fields)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(page.body.contains(what), "{what}: {}", page.body);
    }
    assert_eq!(fake.task("run-1", "side-income", Slot::Ask), task);
}

/// The words of every label of a page.
fn labels(page: &Page) -> Vec<String> {
    let text = |html: &str| -> String {
        html.split('<').map(|it| it.split_once('>').map_or(it, |(_, text)| text)).collect()
    };
    page.body.split("<label>").skip(1).map(|it| text(it.split("</label>").next().unwrap())).collect()
}

#[tokio::test]
async fn fields_that_look_alike_have_names_of_their_own() {
    let (fake, task) = asking().await;
    let page = get(&fake, "maya", &format!("/tasks/{}", task.task_id)).await;
    let names = labels(&page);
    for item in ["sub_a", "sub_b"] {
        let begin = format!("Tier: Cancel {item}");
        assert_eq!(names.iter().filter(|it| it.starts_with(&begin)).count(), 1, "{names:?}");
    }
    let page = get(&attention().await, "maya", "/tasks/run-1:quick-wins:undo:1").await;
    assert!(labels(&page)[0].starts_with("Proof: Cancel sub_a"), "{:?}", labels(&page));
}
