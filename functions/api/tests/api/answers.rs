//! Questions and answers.

use crate::outside::{Fake, NOW, asking, call, call_with, now, record_of, run_of, task_of};
use axum::http::StatusCode;
use engine::{Decided, DecidedBy, Ending, Run, RunStatus, StepStatus, Task, UserRun};
use events::{Guide, Proof, TaskKind};
use ports::{Mode, Record, Slot, StepFunction};
use serde_json::{Value, json};

fn line(task: &Task) -> String {
    format!("POST /tasks/{}/answers", task.task_id)
}

fn approve(task: &Task, item: usize) -> Value {
    let item = &task.items[item];
    json!({"type": "approve", "item_id": item.item_id, "effect_hash": item.effect_hash})
}

async fn listed(fake: &Fake, run: &Run) {
    let line = UserRun {
        user_id: run.user_id.clone(),
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        queued_at: run.queued_at,
    };
    fake.put(Record::UserRun(line)).await;
}

/// Maya's run that guides her through a manual step.
pub async fn guiding() -> (Fake, Task) {
    let fake = Fake::new();
    let run = run_of("maya", "run-2", RunStatus::Executing, &[("side-income", StepStatus::WaitingUser)]);
    let mut record = record_of(&run, "side-income", &[]);
    record.guide = Some(Guide {
        instructions: vec!["Apply".to_owned()],
        proof: "reference".to_owned(),
        ..Guide::default()
    });
    let task = task_of(&run, "side-income", TaskKind::Guide, 1, Vec::new());
    fake.put(Record::Run(run)).await;
    fake.put(Record::Step(record)).await;
    fake.put(Record::Task(task.clone())).await;
    (fake, task)
}

#[tokio::test]
async fn a_question_shows_everything_needed_to_answer_it() {
    let (fake, task) = asking().await;
    listed(&fake, &fake.run("run-1")).await;
    let one = call(&fake, "maya", &format!("GET /tasks/{}", task.task_id), None).await.body;
    let item = &one["request"]["items"][0];
    assert_eq!(item["title"], "Cancel sub_a");
    assert_eq!(item["reasons"], json!(["unused for 90 days"]));
    assert_eq!(item["monthly"]["minor"], 1000);
    assert_eq!(item["effect_hash"], task.items[0].effect_hash);
    assert_eq!(item["modifications"], json!({"tier": ["basic"]}));
    for path in ["/tasks", "/runs/run-1/tasks"] {
        let list = call(&fake, "maya", &format!("GET {path}"), None).await.body;
        assert_eq!(list["tasks"], json!([one]), "{path}");
    }
    let text = one.to_string();
    assert!(!text.contains("token"), "the task token never leaves");
}

#[tokio::test]
async fn a_decision_is_written_and_its_step_goes_on() {
    let (fake, task) = asking().await;
    let answer = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["decisions"][0]["answer"]["type"], "approve");
    assert_eq!(answer.body["repeated"], false);
    let recorded = fake.task("run-1", "quick-wins", Slot::Ask);
    assert_eq!(recorded.items[0].decided.as_ref().unwrap().at, now());
    assert_eq!(recorded.decided_at, Some(now()));
    assert_eq!(fake.continued(), [(StepFunction::SemiAutomated, "quick-wins".to_owned(), Mode::Continue)]);

    let again = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!((again.status, &again.body["repeated"]), (StatusCode::OK, &json!(true)));
    assert_eq!(again.body["decisions"], answer.body["decisions"]);
    assert_eq!(fake.continued().len(), 1, "once is enough");

    let otherwise = json!({"type": "skip", "item_id": "sub_a"});
    let refused = call(&fake, "maya", &line(&task), Some(otherwise)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.detail(), "It was approved by you.");
    assert_eq!(refused.body["decided_at"], "2026-07-01T12:00:00Z");
    assert_eq!(refused.body["decided"]["type"], "approve");

    let rest = call(&fake, "maya", &line(&task), Some(json!({"type": "skip"}))).await;
    assert_eq!(rest.body["decisions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn wrong_answers_are_refused_and_change_nothing() {
    let (fake, task) = asking().await;
    let stale = json!({"type": "approve", "item_id": "sub_a", "effect_hash": "a".repeat(64)});
    let modify = |changes: Value| json!({"type": "modify", "item_id": "sub_a", "changes": changes});
    for (body, status, fields) in [
        (stale, StatusCode::CONFLICT, vec![]),
        (json!({"type": "approve", "x": 1}), StatusCode::BAD_REQUEST, vec!["effect_hash", "item_id", "x"]),
        (json!({"type": "nod"}), StatusCode::BAD_REQUEST, vec!["type"]),
        (json!({"type": "skip", "item_id": "sub_z"}), StatusCode::BAD_REQUEST, vec!["item_id"]),
        (
            json!({"type": "done", "proof": {"reference": "R"}}),
            StatusCode::UNPROCESSABLE_ENTITY,
            vec!["type"],
        ),
        (modify(json!({})), StatusCode::BAD_REQUEST, vec!["changes"]),
        (
            modify(json!({"tier": "gold", "colour": 1})),
            StatusCode::UNPROCESSABLE_ENTITY,
            vec!["changes.colour", "changes.tier"],
        ),
        (json!([]), StatusCode::BAD_REQUEST, vec!["type"]),
    ] {
        let answer = call(&fake, "maya", &line(&task), Some(body.clone())).await;
        assert_eq!((answer.status, answer.fields()), (status, fields), "{body}: {}", answer.body);
    }
    let token = crate::outside::Signer::issuer().sign(&crate::outside::claims("maya"));
    let garbled = call_with(&fake.app(), Some(&token), &line(&task), Some("{\"type\":".to_owned())).await;
    assert_eq!((garbled.status, garbled.fields()), (StatusCode::BAD_REQUEST, vec![""]));
    assert_eq!(fake.task("run-1", "quick-wins", Slot::Ask), task);
    assert_eq!(fake.continued(), []);
}

#[tokio::test]
async fn an_offered_change_is_taken() {
    let (fake, task) = asking().await;
    let change = json!({"type": "modify", "item_id": "sub_a", "changes": {"tier": "basic"}});
    let answer = call(&fake, "maya", &line(&task), Some(change)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(fake.continued().len(), 1);
}

#[tokio::test]
async fn late_answers_have_a_defined_result() {
    let (fake, mut task) = asking().await;
    let mut replaced = task.clone();
    replaced.task_id = "run-1:quick-wins:ask:2".parse().unwrap();
    fake.put(Record::Task(replaced)).await;
    let answer = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.detail().contains("asked anew"), "{}", answer.detail());
    let early = json!({"type": "skip"});
    let early = call(&fake, "maya", "POST /tasks/run-1:quick-wins:ask:3/answers", Some(early)).await;
    assert_eq!(early.status, StatusCode::NOT_FOUND);

    task.open = false;
    fake.put(Record::Task(task.clone())).await;
    let closed = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
    task.items[0].decided = Some(Decided {
        answer: serde_json::from_value(json!({"type": "skip", "item_id": "sub_a"})).unwrap(),
        at: now(),
        by: DecidedBy::Deadline,
    });
    fake.put(Record::Task(task.clone())).await;
    let late = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!(late.detail(), "It was left out by its deadline.");
}

#[tokio::test]
async fn a_run_that_ends_takes_no_answers() {
    let (fake, task) = asking().await;
    let mut run = fake.run("run-1");
    run.ending = Some(Ending::Cancel);
    run.status = RunStatus::RollingBack;
    fake.put(Record::Run(run)).await;
    let answer = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(fake.task("run-1", "quick-wins", Slot::Ask), task);
}

#[tokio::test]
async fn a_manual_step_is_followed_helped_and_proved() {
    let (fake, task) = guiding().await;
    let progress = json!({"type": "progress", "percent": 40, "note": "profile created"});
    let answer = call(&fake, "maya", &line(&task), Some(progress)).await;
    assert_eq!((answer.status, &answer.body["percent"]), (StatusCode::OK, &json!(40)));
    let told = fake.told();
    let (kind, message, details) = told.last().unwrap();
    assert_eq!((kind.as_str(), message.as_str()), ("step.progress", "profile created"));
    assert_eq!(details["percent"], 40);

    let help = call(&fake, "maya", &line(&task), Some(json!({"type": "help", "note": "where?"}))).await;
    assert_eq!(help.body["guide"]["instructions"], json!(["Apply"]));
    assert_eq!(help.body["help"]["contact"], "The platform's help centre.");
    assert_eq!(fake.told().last().unwrap().1, "You asked for help.", "what the user wrote is no headline");
    assert_eq!(fake.continued(), []);
    let kept = call(&fake, "maya", &format!("GET /tasks/{}", task.task_id), None).await.body;
    assert_eq!((&kept["help"]["note"], &kept["help"]["at"]), (&json!("where?"), &json!(NOW)));

    let done = json!({"type": "done", "proof": {"reference": "GIG-1"}});
    let answer = call(&fake, "maya", &line(&task), Some(done)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(fake.continued(), [(StepFunction::Manual, "side-income".to_owned(), Mode::Continue)]);
    let recorded = fake.task("run-2", "side-income", Slot::Ask).answer.unwrap().answer;
    assert_eq!(
        recorded,
        events::Answer::Done { proof: Proof { reference: "GIG-1".to_owned(), ..Proof::default() } }
    );
    let over = call(&fake, "maya", &line(&task), Some(json!({"type": "progress", "percent": 101}))).await;
    assert_eq!((over.status, over.fields()), (StatusCode::BAD_REQUEST, vec!["percent"]));
}

#[tokio::test]
async fn an_alert_says_what_happened_and_goes_on_with_the_answer() {
    let fake = Fake::new();
    let run = run_of("maya", "run-3", RunStatus::Paused, &[("bill-negotiation", StepStatus::WaitingUser)]);
    let mut record = record_of(&run, "bill-negotiation", &["bill_a", "bill_b"]);
    record.items[0].state = engine::ItemState::Done;
    record.items[0].summary = "Internet is $30 cheaper".to_owned();
    record.items[1].state = engine::ItemState::Failed { class: events::ErrorClass::Permission };
    let message = "The account requires additional verification.".to_owned();
    record.failure = Some(engine::Failure::new(events::ErrorClass::Permission, message.clone()));
    let task = task_of(&run, "bill-negotiation", TaskKind::Help, 1, Vec::new());
    fake.put(Record::Run(run)).await;
    fake.put(Record::Step(record)).await;
    fake.put(Record::Task(task.clone())).await;
    let shown = call(&fake, "maya", "GET /runs/run-3/tasks", None).await.body;
    let alert = &shown["tasks"][0]["alert"];
    assert_eq!(alert["what_happened"], message);
    assert_eq!(alert["done"], json!(["Internet is $30 cheaper"]));
    assert_eq!(alert["stuck"], json!(["Cancel bill_b"]));
    assert_eq!(alert["options"].as_array().unwrap().len(), 3);
    let go_on = json!({"type": "continue", "input": "4411"});
    assert_eq!(call(&fake, "maya", &line(&task), Some(go_on)).await.status, StatusCode::OK);
    assert_eq!(
        fake.continued(),
        [(StepFunction::SemiAutomated, "bill-negotiation".to_owned(), Mode::ContinueHelp)]
    );
}

#[tokio::test]
async fn a_table_that_is_down_is_not_the_callers_fault() {
    let (fake, task) = asking().await;
    fake.memory.fail_write(0);
    let answer = call(&fake, "maya", &line(&task), Some(approve(&task, 0))).await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "the table is down: nothing is known to be written"
    );
    assert_eq!(fake.task("run-1", "quick-wins", Slot::Ask), task);
}
