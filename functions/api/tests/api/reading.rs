//! What a user sees: recommendations, runs, cards, events, the catalog; and nothing of anyone else's.

use crate::outside::{Fake, asking, call, dollars, now, run_of, user};
use axum::http::StatusCode;
use engine::{Card, Completion, LiveImpact, Recommendation, Run, RunStatus, StepStatus, UserRun};
use events::{ActionsRecommended, SimulationCompleted};
use jiff::SignedDuration;
use ports::Record;
use serde_json::{Value, json};

pub async fn recommend(fake: &Fake, owner: &str, id: &str) {
    let simulation: SimulationCompleted = serde_json::from_value(json!({
        "simulation_id": "sim-1", "as_of": "2026-06-30", "runway_months": 2.1, "runway_months_lean": 2.4,
        "liquid": dollars(4200), "monthly_essential_outflow": dollars(2000), "monthly_outflow": dollars(2600),
        "monthly_income": dollars(3000), "unrealised_losses": dollars(0), "accounts_linked": 2
    }))
    .unwrap();
    let actions: ActionsRecommended = serde_json::from_value(json!({
        "recommendation_id": id, "simulation_id": "sim-1", "as_of": "2026-06-30",
        "actions": [
            {"workflow_id": "emergency-fund-builder", "version": 1, "name": "Emergency Fund Builder",
             "category": "emergency", "rank": 1, "score": 0.9, "reasons": ["runway is 2.1 months"], "available": true},
            {"workflow_id": "debt-avalanche-accelerator", "version": 1, "name": "Debt Avalanche Accelerator",
             "category": "optimize", "rank": 2, "score": 0.1, "reasons": ["22.9 %"], "available": false}
        ]
    }))
    .unwrap();
    fake.put(Record::Recommendation(Recommendation {
        recommendation_id: id.parse().unwrap(),
        user_id: user(owner),
        simulation,
        actions,
        made_at: now(),
    }))
    .await;
}

async fn line(fake: &Fake, owner: &str, id: &str, status: RunStatus) {
    put_line(fake, run_of(owner, id, status, &[])).await;
}

async fn put_line(fake: &Fake, run: Run) {
    let line = UserRun {
        user_id: run.user_id.clone(),
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        queued_at: run.queued_at,
    };
    fake.put(Record::Run(run)).await;
    fake.put(Record::UserRun(line)).await;
}

#[tokio::test]
async fn recommendations_come_in_pages() {
    let fake = Fake::new();
    for (owner, id) in [("maya", "rec-1"), ("maya", "rec-2"), ("maya", "rec-3"), ("noah", "rec-4")] {
        recommend(&fake, owner, id).await;
    }
    let first = call(&fake, "maya", "GET /recommendations?limit=2", None).await;
    let ids = |answer: &Value| -> Vec<String> {
        let list = answer["recommendations"].as_array().unwrap();
        list.iter().map(|it| it["recommendation_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&first.body), ["rec-3", "rec-2"]);
    assert_eq!(first.body["next"], "rec-2");
    assert!(first.body["recommendations"][0].get("simulation").is_none());
    let rest = call(&fake, "maya", "GET /recommendations?limit=2&after=rec-2", None).await;
    assert_eq!(ids(&rest.body), ["rec-1"]);
    assert!(rest.body.get("next").is_none());
    let one = call(&fake, "maya", "GET /recommendations/rec-3", None).await;
    assert_eq!(one.body["simulation"]["runway_months"], 2.1);
    assert_eq!(one.body["actions"][1]["available"], false);
}

#[tokio::test]
async fn wrong_pages_are_named() {
    let fake = Fake::new();
    for (path, fields) in [
        ("/runs?limit=0&x=1", vec!["limit", "x"]),
        ("/recommendations?limit=many", vec!["limit"]),
        ("/runs?limit=201", vec!["limit"]),
    ] {
        let answer = call(&fake, "maya", &format!("GET {path}"), None).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.fields(), fields, "{path}");
    }
    line(&fake, "maya", "run-1", RunStatus::Executing).await;
    let answer = call(&fake, "maya", "GET /runs/run-1/events?after=soon", None).await;
    assert_eq!((answer.status, answer.fields()), (StatusCode::BAD_REQUEST, vec!["after"]));
}

#[tokio::test]
async fn runs_are_the_callers_own() {
    let fake = Fake::new();
    line(&fake, "maya", "run-1", RunStatus::Executing).await;
    line(&fake, "maya", "run-2", RunStatus::Completed).await;
    line(&fake, "noah", "run-3", RunStatus::Executing).await;
    let answer = call(&fake, "maya", "GET /runs", None).await;
    let runs: Vec<_> = answer.body["runs"].as_array().unwrap().iter().map(|it| &it["run_id"]).collect();
    assert_eq!(runs, ["run-2", "run-1"]);
    assert_eq!(answer.body["runs"][0]["status"], "Completed");
    assert_eq!(answer.body["runs"][1]["name"], "Emergency Fund Builder");
}

/// The card knows how far the steps under way are; the run itself only what is settled.
#[tokio::test]
async fn a_run_under_way_is_as_far_in_the_list_as_on_its_card() {
    let fake = Fake::new();
    line(&fake, "maya", "run-1", RunStatus::Executing).await;
    fake.put(Record::Card(folded())).await;
    let list = call(&fake, "maya", "GET /runs", None).await.body;
    assert_eq!(list["runs"][0]["progress"], 57);
}

#[tokio::test]
async fn runs_come_in_pages_the_newest_first() {
    let fake = Fake::new();
    // Their names tell nothing of their age.
    for (id, minutes) in [("run-c", 0), ("run-a", 7), ("run-d", 3), ("run-b", 3)] {
        let mut run = run_of("maya", id, RunStatus::Completed, &[]);
        run.queued_at = run.queued_at.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        put_line(&fake, run).await;
    }
    let ids = |page: &Value| -> Vec<String> {
        let runs = page["runs"].as_array().unwrap();
        runs.iter().map(|it| it["run_id"].as_str().unwrap().to_owned()).collect()
    };
    for limit in 1..=5 {
        let (mut all, mut path) = (Vec::new(), format!("/runs?limit={limit}"));
        loop {
            let page = call(&fake, "maya", &format!("GET {path}"), None).await.body;
            all.extend(ids(&page));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/runs?limit={limit}&after={next}");
        }
        assert_eq!(all, ["run-a", "run-d", "run-b", "run-c"], "pages of {limit}");
    }
    let strange = call(&fake, "maya", "GET /runs?after=nothing", None).await.body;
    assert_eq!(ids(&strange).len(), 4, "after what is no place of the list is its beginning");
}

#[tokio::test]
async fn what_is_anothers_is_answered_as_what_is_not() {
    let (fake, task) = asking().await;
    recommend(&fake, "maya", "rec-1").await;
    let id = task.task_id.as_str().to_owned();
    let other = "nothing:quick-wins:ask:1";
    let body = json!({"type": "skip"});
    let token = json!({"access_token": "t"});
    for (method, path, unknown, body) in [
        ("GET", "/recommendations/rec-1".to_owned(), "/recommendations/rec-9".to_owned(), None),
        ("GET", "/runs/run-1".to_owned(), "/runs/run-9".to_owned(), None),
        ("GET", "/runs/run-1/events".to_owned(), "/runs/run-9/events".to_owned(), None),
        ("GET", "/runs/run-1/tasks".to_owned(), "/runs/a%20b/tasks".to_owned(), None),
        ("POST", "/runs/run-1/cancel".to_owned(), "/runs/run-9/cancel".to_owned(), None),
        ("GET", format!("/tasks/{id}"), format!("/tasks/{other}"), None),
        ("POST", format!("/tasks/{id}/answers"), format!("/tasks/{other}/answers"), Some(body)),
        ("DELETE", "/links/plaid".to_owned(), "/links/none".to_owned(), None),
        ("DELETE", "/consents/read_transactions".to_owned(), "/consents/none".to_owned(), None),
    ] {
        // What is Maya's own, so that it exists.
        call(&fake, "maya", "PUT /links/plaid", Some(token.clone())).await;
        call(&fake, "maya", "PUT /consents/read_transactions", Some(json!({}))).await;
        let before = fake.memory.all();
        let another = call(&fake, "noah", &format!("{method} {path}"), body.clone()).await;
        let nothing = call(&fake, "noah", &format!("{method} {unknown}"), body).await;
        assert_eq!(another.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(another.body, nothing.body, "{method} {path}");
        assert_eq!(fake.memory.all(), before, "{method} {path} changed something");
    }
    let tasks = call(&fake, "noah", "GET /tasks", None).await;
    assert_eq!(tasks.body["tasks"], json!([]));
}

#[tokio::test]
async fn a_card_is_built_until_it_is_folded() {
    let fake = Fake::new();
    let steps = [("expense-audit", StepStatus::Complete), ("quick-wins", StepStatus::WaitingUser)];
    let run = run_of("maya", "run-1", RunStatus::Executing, &steps);
    fake.put(Record::Run(run.clone())).await;
    let card = call(&fake, "maya", "GET /runs/run-1", None).await.body;
    assert_eq!(card["status"], "Executing");
    assert_eq!(card["completed"][0]["step_id"], "expense-audit");
    assert_eq!(card["current"][0]["waiting_user"], true);
    assert_eq!(card["upcoming"].as_array().unwrap().len(), 3);
    assert!(card.get("completion").is_none());

    fake.put(Record::Card(folded())).await;
    let card = call(&fake, "maya", "GET /runs/run-1", None).await.body;
    assert_eq!((&card["progress"], &card["behind"]), (&json!(57), &json!(false)));
    assert_eq!(card["remaining_seconds"], json!({"min": 60, "max": 720}));
    assert_eq!(card["current"][0]["figures"]["Promised a month"]["minor"], 3000);

    let ended = run_of("maya", "run-1", RunStatus::Completed, &steps);
    fake.put(Record::Run(ended)).await;
    fake.put(Record::Completion(Completion {
        run_id: run.run_id,
        user_id: run.user_id,
        impact: LiveImpact { confirmed: Some(dollars(30)), ..LiveImpact::default() },
        suggestion: None,
    }))
    .await;
    let card = call(&fake, "maya", "GET /runs/run-1", None).await.body;
    assert_eq!(card["status"], "Completed", "the run's state is ahead of the card");
    assert_eq!((&card["current"], &card["upcoming"]), (&json!([]), &json!([])), "nothing is under way");
    assert_eq!(card["remaining_seconds"], json!({"min": 0, "max": 0}));
    assert_eq!(card["completion"]["impact"]["confirmed"]["minor"], 3000);

    // What is seen on a statement later is in the card alone, and in the report.
    let mut seen = folded();
    seen.impact.realised = Some(dollars(28));
    let line = json!({"kind": "savings", "stage": "realised", "monthly": dollars(28), "label": "Seen", "evidence": ["t"]});
    seen.impact.items = vec![serde_json::from_value(line).unwrap()];
    fake.put(Record::Card(seen)).await;
    let card = call(&fake, "maya", "GET /runs/run-1", None).await.body;
    let report = call(&fake, "maya", "GET /runs/run-1/report", None).await.body;
    for impact in [&card["completion"]["impact"], &report["impact"]] {
        assert_eq!(
            (&impact["realised"]["minor"], &impact["lines"][0]["label"]),
            (&json!(2800), &json!("Seen"))
        );
    }
}

pub fn folded() -> Card {
    serde_json::from_value(json!({
        "run_id": "run-1", "user_id": "maya", "workflow_id": "emergency-fund-builder", "name": "Emergency Fund Builder",
        "status": "Executing", "progress": 57, "remaining_seconds": [60, 720], "started_at": "2026-07-01T12:00:00Z",
        "current": [{"step_id": "bill-negotiation", "name": "Bill Negotiation", "agent": "Bill Negotiator",
            "status": "On hold with retention dept", "percent": 40, "waiting_user": false,
            "since": "2026-07-01T12:00:00Z", "figures": [["Promised a month", dollars(30)]]}],
        "completed": [], "upcoming": [{"step_id": "side-income", "name": "Side Income"}],
        "impact": {"items": []}, "seq": 9
    }))
    .unwrap()
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_marked_and_not_in_the_way() {
    let fake = crate::reports::attention().await;
    let run_id: events::RunId = "run-1".parse().unwrap();
    fake.put(Record::UnreadEvent { run_id, seq: 2 }).await;
    let page = call(&fake, "maya", "GET /runs/run-1/events", None).await.body;
    assert_eq!((page["events"].as_array().unwrap().len(), &page["unread"]), (1, &json!([2])));
    assert_eq!(page["next"], 2, "whoever reads on is not given it for ever");
    let report = call(&fake, "maya", "GET /runs/run-1/report", None).await;
    assert_eq!((report.status, report.body["timeline"].as_array().unwrap().len()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn events_are_read_on_from_a_number() {
    let fake = Fake::new();
    line(&fake, "maya", "run-1", RunStatus::Executing).await;
    for seq in 1..=12 {
        let event = json!({
            "workflowId": "emergency-fund-builder", "runId": "run-1", "seq": seq, "timestamp": 0,
            "type": "step.progress", "severity": "info", "data": {"progress": seq, "message": "on"},
            "metrics": {"duration": 0}
        });
        fake.put(Record::Event(serde_json::from_value(event).unwrap())).await;
    }
    let page = call(&fake, "maya", "GET /runs/run-1/events?after=9&limit=2", None).await.body;
    assert_eq!((&page["events"][0]["seq"], &page["next"]), (&json!(10), &json!(11)));
    let none = call(&fake, "maya", "GET /runs/run-1/events?after=12", None).await.body;
    assert_eq!((&none["events"], &none["next"]), (&json!([]), &json!(12)));
}

#[tokio::test]
async fn the_catalog_says_what_can_be_selected() {
    let list = call(&Fake::new(), "maya", "GET /workflows", None).await.body;
    let status = |id: &str| {
        let list = list["workflows"].as_array().unwrap();
        list.iter().find(|it| it["workflow_id"] == id).unwrap()["status"].clone()
    };
    assert_eq!(status("emergency-fund-builder"), "available");
    assert_eq!(status("investment-tax-harvester"), "planned");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_said_in_our_own_words() {
    let fake = Fake::new();
    for (line, status) in
        [("GET /nowhere", StatusCode::NOT_FOUND), ("DELETE /runs", StatusCode::METHOD_NOT_ALLOWED)]
    {
        let answer = call(&fake, "maya", line, None).await;
        assert_eq!(answer.status, status, "{line}");
        assert_eq!(answer.content_type, "application/problem+json", "{line}");
    }
}
