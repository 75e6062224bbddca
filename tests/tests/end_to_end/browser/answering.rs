//! Answers under way: an alert, two tabs, a lost connection, no scripts; and the confirmed result.

use super::journey::approve_until;
use super::{Browser, browser, looks, sign_in};
use crate::household::Household;
use crate::{PROVIDERS, on_local_aws};
use events::RunId;
use serde_json::json;

/// A household whose run asks for the first time, its user signed in on the page of that question.
async fn asked(browser: &Browser, name: &str) -> (Household, RunId) {
    let household = Household::new(name).await;
    let run = household.started("emergency-fund-builder").await;
    sign_in(browser, &household).await;
    browser.open(&format!("/runs/{run}")).await;
    browser.sees(".task h2", "Approve, change or skip").await;
    (household, run)
}

/// The address of the question that is shown.
async fn question(browser: &Browser) -> String {
    let id = browser.script("return document.querySelector('article.task').id", json!([])).await;
    format!("/tasks/{}", id.as_str().unwrap().strip_prefix("task-").unwrap())
}

#[tokio::test]
async fn the_confirmed_result_is_read_back() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
    asked(&browser, "confirmed").await;
    browser.open("").await;
    browser.sees("main", "One thing waits for you").await;
    looks::good(&browser, "home-waits").await;
    browser.press("Answer now").await;
    browser.sees("h1", "To do").await;
    looks::good(&browser, "tasks").await;
    let question = question(&browser).await;
    browser.open(&question).await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".notice.good", "Approved").await;
    browser.sees(".confirmed", "Done").await;
    browser.sees(".confirmed", "Reference").await;
    browser.sees(".confirmed", "Can be undone").await;
    looks::good(&browser, "task-confirmed").await;
    browser.close().await;
}

#[tokio::test]
async fn two_tabs_answer_the_same_question() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
    asked(&browser, "tabs").await;
    browser.open("/tasks").await;
    browser.sees("h1", "To do").await;
    browser.new_tab().await;
    browser.open("/tasks").await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.tab(0).await;
    browser.press_in(".items > :nth-child(1)", "Skip").await;
    browser.sees(".notice.bad", "It was approved by you at").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.close().await;
}

#[tokio::test]
async fn without_a_connection_nothing_is_lost_and_it_comes_back() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
    asked(&browser, "offline").await;
    browser.offline(true).await;
    browser.sees("#connection", "No connection").await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees("#connection", "This could not be sent, so nothing was changed").await;
    browser.sees(".items > :nth-child(1)", "Approve").await;
    browser.offline(false).await;
    let begun = std::time::Instant::now();
    while !browser.text("#connection").await.is_empty() {
        assert!(begun.elapsed().as_secs() < 30, "it does not find back");
    }
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.close().await;
}

#[tokio::test]
async fn a_recovery_alert_leads_on() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
    let (household, run) = asked(&browser, "alert").await;
    let calls = json!({ "method": "POST", "path_prefix": "/billers/", "skip": 0, "times": 1 });
    household.sandbox.fault(&household.name, calls, &json!({ "kind": "needs_verification" })).await.unwrap();
    browser.press("Skip all that are left").await;
    approve_until(&browser, ".alert").await;
    browser.sees(".alert", "Workflow paused - need your help").await;
    for part in
        ["What happened", "What's been done", "Stuck:", "Your options", "Impact so far", "Time invested"]
    {
        browser.sees(".alert", part).await;
    }
    browser.sees(".run-state", "Needs your help").await;
    looks::good(&browser, "run-alert").await;
    browser.press_in(".option.go", "Provide").await;
    let card = household
        .until(&run, demo::Auto::Approve, |card| card.status == "Executing" || card.has_ended())
        .await;
    assert_ne!(card.status, "Failed");
    browser.sees(".run-state", "Under way").await;
    browser.press("End it").await;
    browser.press("Stop and keep").await;
    browser.sees(".run-state", "Stopped").await;
    looks::good(&browser, "run-stopped").await;
    browser.close().await;
}

#[tokio::test]
async fn without_scripts_everything_can_be_answered() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
    let (_household, _run) = asked(&browser, "plain").await;
    let question = question(&browser).await;
    browser.without_scripts().await;
    browser.open(&question).await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.press_in(".items > :nth-child(2)", "Skip").await;
    browser.sees(".items > :nth-child(2)", "Left out").await;
    assert_eq!(browser.path().await, question);
    browser.close().await;
}
