//! Undoing by hand what no agent could undo, and the page of those who operate the system.

use super::{browser, looks, sign_in};
use crate::household::Household;
use crate::operating::make_operator;
use demo::Auto;
use demo::wire::Card;
use jiff::Timestamp;
use serde_json::{Value, json};

const SIMULATION: &str = include_str!("../../../../events/samples/simulation-completed.json");

/// Calls under this path, so many times; `None`: always.
fn calls(path: &str, suffix: Option<&str>, times: Option<u32>) -> Value {
    let mut calls = json!({ "method": "POST", "path_prefix": path, "skip": 0, "times": times });
    if let Some(suffix) = suffix {
        calls["path_suffix"] = json!(suffix);
    }
    calls
}

#[tokio::test]
async fn what_could_not_be_undone_is_undone_by_hand() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("hands").await;
    let down = json!({ "kind": "status", "status": 503 });
    for (matching, fault) in [
        (calls("/billers/", None, Some(1)), json!({ "kind": "account_frozen" })),
        (calls("/subscriptions/", Some("/restore"), None), down),
    ] {
        household.sandbox.fault(&household.name, matching, &fault).await.unwrap();
    }
    let run = household.started("emergency-fund-builder").await;
    let card = household.until(&run, Auto::Approve, Card::has_ended).await;
    assert_eq!(card.status, "NeedsAttention", "{card:#?}");

    sign_in(&browser, &household).await;
    browser.press("Answer now").await;
    browser.sees(".task", "This could not be undone for you").await;
    browser.sees(".task", "What proves it").await;
    looks::good(&browser, "task-by-hand").await;
    // It is reversed at the provider, by hand; each is told as done, and the provider is asked.
    household.sandbox.no_faults(&household.name).await.unwrap();
    for effect in household.effects().await {
        if effect["operation"].as_str().unwrap().starts_with("subscription.") && effect["undo_of"].is_null() {
            let of = |name: &str| effect[name].as_str().unwrap().to_owned();
            household.sandbox.restore(&household.linked.token, &of("subject"), &of("key")).await.unwrap();
        }
    }
    while browser.text(".items .choices").await.contains("It is reversed") {
        browser.fill(".items .choices [name=reference]", "CALL-4711").await;
        browser.press_in(".items .choices", "It is reversed").await;
        browser.sees(".notice.good", "checked").await;
        browser.open("/tasks").await;
    }
    browser.open(&format!("/runs/{run}")).await;
    browser.sees(".run-state", "Undone").await;
    looks::good(&browser, "run-rolled-back").await;
    browser.press("Report and timeline").await;
    browser.sees("main", "What happened").await;
    looks::good(&browser, "report-rolled-back").await;
    browser.close().await;
}

#[tokio::test]
async fn an_operator_sees_how_it_is_and_has_a_failure_tried_again() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("operator").await;
    let run = household.started("emergency-fund-builder").await;
    let mut event: Value = serde_json::from_str(SIMULATION).unwrap();
    let id = format!("seen-{}", Timestamp::now().as_microsecond());
    event["id"] = json!(id);
    event["user_id"] = json!(id);
    event["data"]["runway_months"] = json!("not a number");
    household.aws.put("household.simulation", "simulation.completed", &event).await.unwrap();

    sign_in(&browser, &household).await;
    browser.open("/operation").await;
    browser.sees("main", "Only those who operate").await;
    make_operator(&household.aws, &household.name).await;
    // Who one is, is said when one signs in.
    browser.press("More").await;
    browser.press("Sign out").await;
    sign_in(&browser, &household).await;
    browser.open("/operation").await;
    browser.sees("#live + *", run.as_str()).await;
    let shown = browser.awaits("the failure", async || {
        browser.open("/operation").await;
        browser.text("main").await.contains(&id)
    });
    shown.await;
    browser.sees("main", "Validation: detail.data.runway_months").await;
    looks::good(&browser, "operation").await;
    let card = browser
        .script(
            "const cards = [...document.querySelectorAll('[aria-labelledby=given-up] li')];
            return cards.findIndex(it => it.innerText.includes(arguments[0])) + 1",
            json!([id]),
        )
        .await;
    browser.press_in(&format!("[aria-labelledby=given-up] li:nth-child({card})"), "Try it again").await;
    browser.sees("h1", "Operation").await;
    household.api.end(&run, "stop").await.unwrap();
    browser.close().await;
}
