//! What a user's runs have brought, achievements, and what was declined.

use crate::console::get;
use crate::outside::{Fake, call, dollars, now};
use crate::reading::recommend;
use axum::http::StatusCode;
use engine::{Achieved, DatedImpact, Goal, Goals, ImpactLine, Realised, RunImpact, RunStatus};
use events::{AchievementUnlocked, ImpactKind, ImpactStage};
use money::{Currency, Money};
use ports::{Commit, Record, Write};
use serde_json::{Value, json};

fn impact(run: &str) -> RunImpact {
    let dated = |cents, kind, realised: Option<Realised>| DatedImpact {
        line: ImpactLine {
            step_id: Some("quick-wins".parse().unwrap()),
            kind,
            stage: ImpactStage::Confirmed,
            monthly: Money::usd(cents),
            months: None,
            label: "Cancelled".to_owned(),
            evidence: vec!["t1".to_owned()],
        },
        promised_at: now(),
        confirmed_at: Some(now()),
        realised,
    };
    let seen = Realised {
        monthly: Money::usd(1_500),
        on: "2026-09-01".parse().unwrap(),
        evidence: vec!["simulation:s".to_owned()],
    };
    RunImpact {
        user_id: "maya".parse().unwrap(),
        run_id: run.parse().unwrap(),
        workflow_id: "emergency-fund-builder".parse().unwrap(),
        name: "Emergency Fund Builder".to_owned(),
        queued_at: now(),
        as_of: Some("2026-07-01".parse().unwrap()),
        ended_at: now(),
        status: RunStatus::Completed,
        currency: Currency::USD,
        lines: vec![dated(2_000, ImpactKind::Savings, Some(seen)), dated(3_000, ImpactKind::SetAside, None)],
        goal: None,
    }
}

#[tokio::test]
async fn impact_is_added_up_over_runs_with_dates_and_evidence() {
    let fake = Fake::new();
    let none = call(&fake, "maya", "GET /impact", None).await.body;
    assert_eq!((&none["runs"], &none["series"]), (&json!([]), &json!([])));
    let goal = Goal {
        name: "Three months".to_owned(),
        kind: "emergency-fund".to_owned(),
        target: Money::usd(1_200_000),
        saved: Money::usd(0),
    };
    let goals = Goals { user_id: "maya".parse().unwrap(), goals: vec![goal] };
    for record in [Record::Impact(impact("run-1")), Record::Impact(impact("run-2")), Record::Goals(goals)] {
        fake.memory.commit(vec![Write::create(record)]).await.unwrap();
    }
    let all = call(&fake, "maya", "GET /impact", None).await.body;
    assert_eq!(all["totals"]["confirmed"], json!(dollars(40)));
    assert_eq!(all["totals"]["realised"], json!(dollars(30)));
    // (20 + 30) x 2 x 12 of 12,000.
    assert_eq!(all["goals"], json!([{"name": "Three months", "tenths_of_percent": 40}]));
    let last = &all["series"][1];
    assert_eq!((&last["date"], &last["realised"]), (&json!("2026-09-01"), &json!(dollars(30))));
    assert_eq!(all["runs"][0]["lines"][0]["realised"]["evidence"], json!(["simulation:s"]));
    assert_eq!(call(&fake, "noah", "GET /impact", None).await.body["runs"], json!([]));
}

#[tokio::test]
async fn an_offer_is_told_with_its_end_and_counts_until_then() {
    let fake = Fake::new();
    let mut run = impact("run-1");
    let mut offer = |index: usize, at: &str, label: &str| {
        let line = &mut run.lines[index];
        line.line = ImpactLine {
            kind: ImpactKind::Savings,
            months: Some(6),
            label: label.to_owned(),
            ..line.line.clone()
        };
        (line.promised_at, line.confirmed_at) = (at.parse().unwrap(), Some(at.parse().unwrap()));
        line.realised = None;
    };
    offer(0, "2025-12-01T12:00:00Z", "Over");
    offer(1, "2026-05-01T12:00:00Z", "Under way");
    fake.memory.commit(vec![Write::create(Record::Impact(run))]).await.unwrap();
    let all = call(&fake, "maya", "GET /impact", None).await.body;
    assert_eq!(all["totals"]["confirmed"], json!(dollars(30)));
    assert_eq!(all["totals"]["annual"], json!(dollars(120)), "four months are left of it");
    let lines = &all["runs"][0]["lines"];
    assert_eq!((&lines[0]["months"], &lines[0]["ends"]), (&json!(6), &json!("2026-06-01")));
    let last = all["series"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["date"], &last["confirmed"]), (&json!("2026-06-01"), &json!(dollars(30))));
    let page = get(&fake, "maya", "/impact").await.body;
    for words in ["for 6 months, which ended on <time", "for 6 months, until <time"] {
        assert_eq!(page.matches(words).count(), 1, "{words}: {page}");
    }
}

#[tokio::test]
async fn only_savings_are_awaited_on_a_statement() {
    let fake = Fake::new();
    let mut run = impact("run-1");
    run.lines[0].realised = None;
    run.lines[1].line.kind = ImpactKind::Income;
    (run.lines[1].line.stage, run.lines[1].confirmed_at) = (ImpactStage::Promised, None);
    fake.memory.commit(vec![Write::create(Record::Impact(run))]).await.unwrap();
    let page = get(&fake, "maya", "/impact").await.body;
    assert_eq!(page.matches("not seen on a statement yet").count(), 1, "{page}");
    assert!(page.contains("Extra income a month, promised"), "{page}");
}

#[tokio::test]
async fn what_a_stopped_run_kept_counts_and_one_that_was_undone_is_not_shown() {
    let fake = Fake::new();
    let later = now() + jiff::SignedDuration::from_hours(1);
    let stopped = RunImpact { status: RunStatus::Stopped, ended_at: later, ..impact("run-1") };
    let undone = RunImpact { status: RunStatus::RolledBack, lines: Vec::new(), ..impact("run-2") };
    for it in [stopped, undone, impact("run-3")] {
        fake.memory.commit(vec![Write::create(Record::Impact(it))]).await.unwrap();
    }
    let all = call(&fake, "maya", "GET /impact", None).await.body;
    assert_eq!(all["totals"]["confirmed"], json!(dollars(40)));
    assert_eq!(all["series"][0]["agreed"], json!(dollars(40)));
    let runs: Vec<_> =
        all["runs"].as_array().unwrap().iter().map(|it| (&it["run_id"], &it["status"])).collect();
    let [stopped, completed] = runs[..] else { panic!("{runs:?}") };
    assert_eq!(stopped, (&json!("run-1"), &json!("Stopped")), "the latest first");
    assert_eq!(completed, (&json!("run-3"), &json!("Completed")));
}

#[tokio::test]
async fn achievements_are_told_with_those_to_come() {
    let fake = Fake::new();
    let locked = |body: &Value| body["locked"].as_array().unwrap().len();
    let before = call(&fake, "maya", "GET /achievements", None).await.body;
    assert_eq!(before["unlocked"], json!([]));
    let unlocked = AchievementUnlocked {
        achievement_id: "first-step".to_owned(),
        name: "First Step".to_owned(),
        description: "It.".to_owned(),
        reason: "it brought something".to_owned(),
        run_id: None,
    };
    let record = Achieved { user_id: "maya".parse().unwrap(), unlocked, at: now() };
    fake.memory.commit(vec![Write::create(Record::Achievement(record))]).await.unwrap();
    let after = call(&fake, "maya", "GET /achievements", None).await.body;
    assert_eq!((&after["unlocked"][0]["id"], locked(&after)), (&json!("first-step"), locked(&before) - 1));
    assert_eq!(locked(&call(&fake, "noah", "GET /achievements", None).await.body), locked(&before));
}

#[tokio::test]
async fn a_recommended_workflow_can_be_declined() {
    let fake = Fake::new();
    recommend(&fake, "maya", "rec-1").await;
    let path = "POST /recommendations/rec-1/declines";
    let body = |workflow: &str| Some(json!({"workflow_id": workflow}));
    let declined = call(&fake, "maya", path, body("emergency-fund-builder")).await;
    assert_eq!(declined.status, StatusCode::OK, "{}", declined.body);
    assert_eq!(declined.body["declined"][0]["workflow_id"], "emergency-fund-builder");
    assert_eq!(call(&fake, "maya", "GET /declines", None).await.body, declined.body);
    for (who, body, status) in [
        ("maya", body("unheard-of"), StatusCode::UNPROCESSABLE_ENTITY),
        ("maya", Some(json!({})), StatusCode::BAD_REQUEST),
        ("noah", body("emergency-fund-builder"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(call(&fake, who, path, body).await.status, status);
    }
}
