//! What the console shows of what changes while one looks: runs, questions with what came of the answers, and notices.

use crate::console::{Page, form, get, household, post};
use crate::outside::{Fake, asked, asking, call, now, record_of, run_of, task_of, user};
use crate::reading::folded;
use axum::http::StatusCode;
use engine::{Card, Completion, ItemState, LiveImpact, Run, RunStatus, StepStatus};
use events::TaskKind;
use notices::{Action, Inbox, Notice, NoticeKind};
use ports::{Key, Record, Report, Slot};
use serde_json::json;
use statemachines::Catalog;

/// Where the page asks for what changes of it.
pub fn refresh(page: &Page) -> String {
    let address = page.body.split("hx-trigger=\"run-changed\"").next().unwrap();
    let address = address.rsplit("hx-get=\"/console").next().unwrap().split('"').next().unwrap();
    address.replace("&amp;", "&")
}

#[tokio::test]
async fn an_approval_says_whether_it_can_be_undone() {
    let (fake, task) = asking().await;
    let question = call(&fake, "maya", &format!("GET /tasks/{}", task.task_id), None).await.body;
    assert_eq!(question["request"]["reversibility"], "until-provider");
    let page = get(&fake, "maya", &format!("/tasks/{}", task.task_id)).await;
    assert!(page.body.contains("Can be undone as long as the provider allows it"), "{}", page.body);

    let workflow =
        Catalog::embedded().unwrap().latest(&"investment-tax-harvester".parse().unwrap()).unwrap().clone();
    let (id, as_of) = ("run-2".parse().unwrap(), "2026-06-30".parse().unwrap());
    let mut run = Run::queued(id, user("maya"), &workflow, as_of, now());
    run.status = RunStatus::Executing;
    run.steps.get_mut("trade-execution").unwrap().status = StepStatus::WaitingUser;
    let record = record_of(&run, "trade-execution", &["sale"]);
    let task = task_of(&run, "trade-execution", TaskKind::Approve, 1, asked(&record));
    let address = format!("/tasks/{}", task.task_id);
    for record in [Record::Run(run), Record::Step(record), Record::Task(task)] {
        fake.put(record).await;
    }
    let page = get(&fake, "maya", &address).await;
    assert!(page.body.contains("Cannot be undone"), "{}", page.body);
}

#[tokio::test]
async fn a_question_says_where_it_belongs_and_what_becomes_of_it_once() {
    let (fake, task) = household().await;
    let (manual, guide) = crate::answers::guiding().await;
    let guide = engine::Task { remind: vec!["2026-07-03T12:00:00Z".parse().unwrap()], ..guide };
    for (fake, task, place) in [
        (&fake, &task, "Emergency Fund Builder: Quick Wins"),
        (&manual, &guide, "Emergency Fund Builder: Side Income"),
    ] {
        fake.put(Record::Task(task.clone())).await;
        let page = get(fake, "maya", &format!("/tasks/{}", task.task_id)).await.body;
        assert!(page.contains(&format!("{place}</a>")), "{page}");
        assert_eq!(page.matches("4 Jul 2026, 12:00 UTC").count(), 1, "{page}");
        assert_eq!(page.matches("; after that, what you have not decided is left out").count(), 1, "{page}");
        assert_eq!(page.contains("We remind you"), task.task_id == guide.task_id, "{page}");
    }
    let page = get(&fake, "maya", "/tasks").await.body;
    assert!(page.contains("Emergency Fund Builder: Quick Wins</a>"), "{page}");
}

#[tokio::test]
async fn a_run_that_is_stopped_is_not_said_to_be_rolled_back() {
    for (ending, words) in [(engine::Ending::Stop, "Stopping"), (engine::Ending::Cancel, "Rolling back")] {
        let (fake, _) = household().await;
        let mut run = fake.run("run-1");
        (run.status, run.ending) = (RunStatus::RollingBack, Some(ending));
        fake.put(Record::Run(run)).await;
        for path in ["", "/runs", "/runs/run-1"] {
            let page = get(&fake, "maya", path).await.body;
            assert!(page.contains(&format!("</span>{words}</span>")), "{path}: {page}");
        }
        let page = get(&fake, "maya", "/runs/run-1").await.body;
        assert!(!page.contains("Waits for you"), "nobody is asked any more: {page}");
    }
}

#[tokio::test]
async fn what_is_under_way_is_not_offered_again() {
    let (fake, _) = household().await;
    let page = get(&fake, "maya", "").await.body;
    assert!(page.contains("Under way: <a href=\"/console/runs/run-1\">"), "{page}");
    assert!(!page.contains("Start Emergency Fund Builder"), "{page}");
    let mut run = fake.run("run-1");
    run.status = RunStatus::Completed;
    fake.put(Record::Run(run)).await;
    let page = get(&fake, "maya", "").await.body;
    assert!(page.contains("Start Emergency Fund Builder"), "{page}");
}

#[tokio::test]
async fn a_run_that_has_ended_is_followed_until_its_card_is_whole() {
    let fake = Fake::new();
    let steps = [("side-income", StepStatus::WaitingUser)];
    for status in [RunStatus::Completed, RunStatus::Stopped] {
        let run = run_of("maya", "run-1", status, &steps);
        let completion = Completion {
            run_id: run.run_id.clone(),
            user_id: run.user_id.clone(),
            impact: LiveImpact::default(),
            suggestion: None,
        };
        fake.put(Record::Run(run.clone())).await;
        let last = engine::lost(&run);
        assert!(fake.report(&run.run_id, run.epoch, engine::Out::Run(last)).await.unwrap());
        let seq = fake.memory.get(&Key::Run(run.run_id.clone())).unwrap().seq;
        fake.put(Record::Completion(completion)).await;

        fake.put(Record::Card(Card { seq: seq - 1, ..folded() })).await;
        let card = call(&fake, "maya", "GET /runs/run-1", None).await.body;
        assert_eq!((&card["behind"], &card["current"]), (&json!(true), &json!([])), "{status:?}");
        let page = get(&fake, "maya", "/runs/run-1").await;
        assert!(page.body.contains(" data-live") && !page.body.contains("On hold with"), "{}", page.body);
        let known = refresh(&page);
        assert_eq!(get(&fake, "maya", &known).await.status, StatusCode::NO_CONTENT);

        fake.put(Record::Card(Card { seq, current: Vec::new(), ..folded() })).await;
        let part = get(&fake, "maya", &known).await;
        assert!(part.status == StatusCode::OK && !part.body.contains(" data-live"), "{}", part.body);
    }
}

#[tokio::test]
async fn waiting_is_told_apart_from_work() {
    let fake = Fake::new();
    fake.put(Record::Run(run_of("maya", "run-1", RunStatus::Executing, &[]))).await;
    for (waiting, words) in [
        (None, "1 to 12 min of work left<"),
        (Some((7_200, 172_800)), "1 to 12 min of work left; usually waits 2 h to 48 h for you"),
    ] {
        fake.put(Record::Card(Card { waiting_seconds: waiting, ..folded() })).await;
        let page = get(&fake, "maya", "/runs/run-1").await;
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
}

/// Approves an item and has it done.
async fn approve(fake: &Fake, item: usize) {
    let task = fake.task("run-1", "quick-wins", Slot::Ask);
    let asked = &task.items[item];
    let approval = form(&[
        ("type", "approve"),
        ("item_id", asked.item_id.as_str()),
        ("effect_hash", &asked.effect_hash),
    ]);
    let answered = post(fake, "maya", &format!("/tasks/{}/answers", task.task_id), &approval).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);
    let run = fake.run("run-1");
    let key = Key::Step(run.run_id, "quick-wins".parse().unwrap());
    let Record::Step(mut record) = fake.memory.get(&key).unwrap().record else { panic!("no step") };
    record.items[item].state = ItemState::Done;
    record.items[item].reference = format!("REF-{item}");
    fake.put(Record::Step(record)).await;
}

#[tokio::test]
async fn what_was_approved_is_read_back_wherever_it_was() {
    let (fake, _) = household().await;
    let (todo, run) = (get(&fake, "maya", "/tasks").await, get(&fake, "maya", "/runs/run-1").await);
    for page in [&todo, &run] {
        assert_eq!(get(&fake, "maya", &refresh(page)).await.status, StatusCode::NO_CONTENT);
    }
    approve(&fake, 0).await;
    for page in [&todo, &run] {
        let part = get(&fake, "maya", &refresh(page)).await;
        assert!(part.status == StatusCode::OK && part.body.contains("<code>REF-0</code>"), "{}", part.body);
    }
    // The last answer closes the question; where it was answered it stays with its result.
    approve(&fake, 1).await;
    let mut closed = fake.task("run-1", "quick-wins", Slot::Ask);
    closed.open = false;
    fake.put(Record::Task(closed)).await;
    for (page, words) in [(&todo, "Nothing waits for you"), (&run, "aria-label=\"Answered\"")] {
        let part = get(&fake, "maya", &refresh(page)).await;
        assert!(part.body.contains("<code>REF-1</code>") && part.body.contains(words), "{}", part.body);
        assert_eq!(get(&fake, "maya", &refresh(&part)).await.status, StatusCode::NO_CONTENT);
    }
    for path in ["/tasks", "/runs/run-1"] {
        let page = get(&fake, "maya", path).await;
        assert!(!page.body.contains("REF-1"), "a new page shows what waits alone: {}", page.body);
    }
}

#[tokio::test]
async fn home_follows_what_is_under_way() {
    let (fake, _) = household().await;
    let page = get(&fake, "maya", "").await;
    assert!(page.body.contains("data-run=\"*\" data-live"), "{}", page.body);
    let known = refresh(&page);
    assert_eq!(get(&fake, "maya", &known).await.status, StatusCode::NO_CONTENT);
    let mut run = fake.run("run-1");
    run.progress = 40;
    fake.put(Record::Run(run)).await;
    let part = get(&fake, "maya", &known).await;
    assert!(part.status == StatusCode::OK && part.body.starts_with("<div id=\"home\""), "{}", part.body);
    assert!(part.body.contains("value=\"40\""), "{}", part.body);
    assert_eq!(get(&fake, "maya", &refresh(&part)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_question_that_was_asked_anew_says_that_it_is_over() {
    let (fake, task) = household().await;
    let address = format!("/tasks/{}", task.task_id);
    let known = refresh(&get(&fake, "maya", &address).await);
    let again = engine::Task { task_id: "run-1:quick-wins:ask:2".parse().unwrap(), ..task };
    fake.put(Record::Task(again)).await;
    let part = get(&fake, "maya", &known).await;
    assert!(part.status == StatusCode::OK && part.body.contains("no longer waits"), "{}", part.body);
    let todo = get(&fake, "maya", "/tasks").await;
    assert!(todo.body.contains("task-run-1:quick-wins:ask:2"), "{}", todo.body);
}

#[tokio::test]
async fn every_page_of_who_is_signed_in_listens() {
    let (fake, _) = household().await;
    for path in ["", "/tasks", "/goals", "/notices", "/preferences"] {
        let page = get(&fake, "maya", path).await;
        assert!(page.body.contains(" data-listens") && page.body.contains("id=\"unread\""), "{path}");
    }
    let outside = get(&fake, "maya", "/sign-in").await;
    assert!(!outside.body.contains("data-listens"), "{}", outside.body);
}

async fn told(fake: &Fake, id: &str, about: Option<&engine::Task>) {
    let action = about.map(|task| Action {
        task_id: task.task_id.clone(),
        label: "Look and decide".to_owned(),
        deadline: task.deadline,
        afterwards: None,
    });
    let notice = Notice {
        notice_id: id.to_owned(),
        user_id: user("maya"),
        kind: NoticeKind::Question,
        title: format!("{id} waits"),
        lines: Vec::new(),
        run_id: None,
        action,
        at: now(),
    };
    fake.put(Record::Inbox(Inbox { notice, read_at: None })).await;
}

#[tokio::test]
async fn a_notice_asks_for_an_answer_as_long_as_one_is_waited_for() {
    let (fake, task) = asking().await;
    told(&fake, "1-a", Some(&task)).await;
    let action =
        async || call(&fake, "maya", "GET /notices", None).await.body["notices"][0]["action"].clone();
    assert_eq!(action().await["task_id"], task.task_id.as_str());
    let again = engine::Task { task_id: "run-1:quick-wins:ask:2".parse().unwrap(), ..task.clone() };
    let closed = engine::Task { open: false, ..task.clone() };
    for other in [again, closed] {
        fake.put(Record::Task(other.clone())).await;
        assert!(action().await.is_null(), "{}", other.task_id);
        assert!(!get(&fake, "maya", "/notices").await.body.contains("Look and decide"));
    }
    fake.put(Record::Task(task)).await;
    assert!(!action().await.is_null());
    let mut run = fake.run("run-1");
    run.status = RunStatus::Stopped;
    fake.put(Record::Run(run)).await;
    assert!(action().await.is_null(), "the run has ended");
}

#[tokio::test]
async fn the_newest_notices_follow_what_is_told() {
    let fake = Fake::new();
    let known = refresh(&get(&fake, "maya", "/notices").await);
    assert_eq!(get(&fake, "maya", &known).await.status, StatusCode::NO_CONTENT);
    told(&fake, "1-a", None).await;
    let part = get(&fake, "maya", &known).await;
    assert!(part.body.starts_with("<div id=\"notices\"") && part.body.contains("1-a waits"), "{}", part.body);
    assert_eq!(get(&fake, "maya", &refresh(&part)).await.status, StatusCode::NO_CONTENT);
    let older = get(&fake, "maya", "/notices?after=1-b").await;
    assert!(!older.body.contains("run-changed"), "what is older does not change: {}", older.body);
}

#[tokio::test]
async fn unread_notices_are_counted_everywhere_and_read_at_once() {
    let fake = Fake::new();
    let unread = async || get(&fake, "maya", "/notices/unread").await.body;
    assert_eq!(unread().await, "");
    for number in 0..150 {
        told(&fake, &format!("{number:03}"), None).await;
    }
    assert!(unread().await.starts_with("150<"), "{}", unread().await);
    assert!(get(&fake, "maya", "/notices").await.body.contains("Mark all as read"));
    let read = post(&fake, "maya", "/notices/read", "").await;
    assert_eq!((read.status, read.header("location")), (StatusCode::SEE_OTHER, "/console/notices"));
    assert_eq!(unread().await, "");
    assert!(!get(&fake, "maya", "/notices").await.body.contains("Mark all as read"));
    let before = fake.memory.all();
    assert_eq!(call(&fake, "maya", "POST /notices/read", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(fake.memory.all(), before, "once is enough");
    assert_eq!(call(&fake, "noah", "GET /notices", None).await.body["unread"], 0);
}
