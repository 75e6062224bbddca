//! What a user's runs have brought, achievements, and what was declined.

use crate::outside::{Fake, call, dollars, now};
use crate::reading::recommend;
use axum::http::StatusCode;
use engine::{Achieved, DatedImpact, Goal, Goals, ImpactLine, Realised, RunImpact};
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
        completed_at: now(),
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
    assert_eq!(all["goals"], json!([{"name": "Three months", "tenths_of_percent": 100}]));
    let last = &all["series"][1];
    assert_eq!((&last["date"], &last["realised"]), (&json!("2026-09-01"), &json!(dollars(30))));
    assert_eq!(all["runs"][0]["lines"][0]["realised"]["evidence"], json!(["simulation:s"]));
    assert_eq!(call(&fake, "noah", "GET /impact", None).await.body["runs"], json!([]));
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
