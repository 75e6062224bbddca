//! Answers under way: an alert, two tabs, a lost connection, no scripts; and the confirmed result.

use super::journey::approve_until;
use super::{Browser, browser, looks, sign_in};
use crate::household::Household;
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
    let Some((_turn, browser)) = browser().await else { return };
    let (_household, run) = asked(&browser, "confirmed").await;
    browser.open("").await;
    browser.sees("main", "One thing waits for you").await;
    looks::good(&browser, "home-waits").await;
    browser.press("Answer now").await;
    browser.sees("h1", "To do").await;
    looks::good(&browser, "tasks").await;
    browser.sees(".items > :nth-child(1)", "Can be undone as long as the provider allows it").await;
    let question = question(&browser).await;
    browser.script("window.same = true", json!([])).await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".notice.good", "Approved").await;
    browser.sees(".confirmed", "Done").await;
    browser.sees(".confirmed", "Reference").await;
    browser.sees(".confirmed", "Can be undone").await;
    assert_eq!(browser.script("return window.same", json!([])).await, true, "the page was loaded again");
    // Wherever the question is shown.
    for page in [question.as_str(), &format!("/runs/{run}")] {
        browser.open(page).await;
        browser.sees(".confirmed", "Reference").await;
    }
    browser.open(&question).await;
    browser.press_in(".items > :nth-child(2)", "Approve").await;
    browser.sees(".items > :nth-child(2)", "Reference").await;
    looks::good(&browser, "task-confirmed").await;
    browser.close().await;
}

#[tokio::test]
async fn two_tabs_answer_the_same_question() {
    let Some((_turn, browser)) = browser().await else { return };
    asked(&browser, "tabs").await;
    browser.open("/tasks").await;
    browser.sees("h1", "To do").await;
    // What the other tab answers would be shown here at once, and there would be nothing left to press.
    browser.script("htmx.trigger = () => {}", json!([])).await;
    browser.new_tab().await;
    browser.open("/tasks").await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.tab(0).await;
    browser.press_in(".items > :nth-child(1)", "Skip").await;
    browser.sees(".notice.bad", "It was approved by you. That was").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.close().await;
}

#[tokio::test]
async fn without_a_connection_nothing_is_lost_and_it_comes_back() {
    let Some((_turn, browser)) = browser().await else { return };
    asked(&browser, "offline").await;
    browser.offline(true).await;
    browser.sees("#connection", "No connection").await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees("#connection", "This could not be sent, so nothing was changed").await;
    browser.sees(".items > :nth-child(1)", "Approve").await;
    browser.offline(false).await;
    browser.awaits("the connection", async || browser.text("#connection").await.is_empty()).await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;
    browser.close().await;
}

#[tokio::test]
async fn what_is_not_known_is_not_denied_and_what_is_shown_stays() {
    let Some((_turn, browser)) = browser().await else { return };
    asked(&browser, "unknown").await;
    // The connection breaks once the answer is on its way.
    let breaks = "window.send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) {
            if (body) this.onerror(new ProgressEvent('error')); else window.send.call(this, body);
        }";
    browser.script(breaks, json!([])).await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees("#connection", "We do not know whether this arrived").await;
    browser.script("XMLHttpRequest.prototype.send = window.send", json!([])).await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items > :nth-child(1)", "Approved").await;

    // Asking anew is refused, and by nobody who makes pages.
    let refuses = "window.opens = XMLHttpRequest.prototype.open;
        XMLHttpRequest.prototype.open = function (verb, url, ...more) {
            const nowhere = document.body.dataset.base + '/no-such-address';
            window.opens.call(this, verb, verb === 'GET' ? nowhere : url, ...more);
        };
        htmx.trigger('#run', 'run-changed')";
    browser.script(refuses, json!([])).await;
    browser.sees("#connection", "What you see may be old").await;
    browser.sees(".items > :nth-child(2)", "Approve").await;
    assert!(!browser.text("main").await.contains("There is no such address"));
    browser.script("XMLHttpRequest.prototype.open = window.opens", json!([])).await;
    browser.press_in(".items > :nth-child(2)", "Skip").await;
    browser.sees(".items > :nth-child(2)", "Left out").await;
    browser.awaits("the connection", async || browser.text("#connection").await.is_empty()).await;
    browser.close().await;
}

#[tokio::test]
async fn a_recovery_alert_leads_on() {
    let Some((_turn, browser)) = browser().await else { return };
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
    let Some((_turn, browser)) = browser().await else { return };
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
