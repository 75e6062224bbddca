//! Every other page: whole, small, still, and good to everybody.

use super::{browser, looks, sign_in};
use crate::household::Household;
use serde_json::json;

#[tokio::test]
async fn every_page_is_small_still_and_good_to_everybody() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("pages").await;
    sign_in(&browser, &household).await;
    let (bytes, moved) = looks::costs(&browser).await;
    assert!(bytes < 100_000, "{bytes} bytes");
    assert!(moved <= 0.1, "things move by {moved}");
    looks::good(&browser, "home-empty").await;
    household.recommended().await;
    for (path, title, name) in [
        ("", "Your household", "home"),
        ("/runs", "Runs", "runs-empty"),
        ("/tasks", "To do", "tasks-empty"),
        ("/goals", "Goals", "goals"),
        ("/consents", "Permissions", "consents"),
        ("/notices", "Notifications", "notices"),
        ("/impact", "Impact", "impact-empty"),
        ("/achievements", "Achievements", "achievements-empty"),
        ("/preferences", "Notification settings", "preferences"),
        ("/no-such-page", "There is nothing here", "nothing"),
    ] {
        browser.open(path).await;
        browser.sees("h1", title).await;
        let (bytes, moved) = looks::costs(&browser).await;
        assert!(bytes < 100_000, "{path}: {bytes} bytes");
        assert!(moved <= 0.1, "{path}: things move by {moved}");
        looks::good(&browser, name).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn what_a_form_refuses_stays_written() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("forms").await;
    sign_in(&browser, &household).await;
    let value = async |css: &str| {
        browser.script("return document.querySelector(arguments[0]).value", json!([css])).await
    };
    // The household has a goal already, whose form is shut.
    let new = |field: &str| format!("#new ~ form [name={field}]");
    browser.open("/goals").await;
    browser.fill(&new("name"), "House").await;
    browser.fill(&new("target"), "much").await;
    browser.press("Save").await;
    browser.sees(".notice.bad", "Target amount must be an amount").await;
    assert_eq!((value(&new("name")).await, value(&new("target")).await), (json!("House"), json!("much")));
    looks::good(&browser, "goals-refused").await;
    browser.fill(&new("target"), "1500").await;
    browser.press("Save").await;
    browser.sees(".notice.good", "Saved.").await;
    browser.sees("main", "$1,500.00").await;

    browser.zone("America/Phoenix").await;
    browser.open("/preferences").await;
    assert_eq!(value("[name=zone]").await, "America/Phoenix", "the browser's own, as none was chosen");
    browser.fill("[name='sms.address']", "5550100").await;
    browser.fill("[name=zone]", "Europe/Berlin").await;
    browser.press("Save").await;
    browser.sees(".notice.bad", "Phone number must be a number with its country").await;
    assert_eq!(value("[name='sms.address']").await, "5550100");
    looks::good(&browser, "preferences-refused").await;
    browser.fill("[name='sms.address']", "").await;
    browser.press("Save").await;
    browser.sees(".notice.good", "Saved.").await;
    assert_eq!(value("[name=zone]").await, "Europe/Berlin");
    assert_eq!(browser.path().await, "/preferences", "that it was saved is said once");
    browser.close().await;
}

/// What has the focus lies under nothing: on a phone the bar at the bottom stays where it is.
#[tokio::test]
async fn what_has_the_focus_is_to_be_seen() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("focus").await;
    sign_in(&browser, &household).await;
    browser.open("/preferences").await;
    let covered = "
        document.querySelectorAll('main details').forEach(it => it.open = true);
        const bar = document.querySelector('.first').getBoundingClientRect().top;
        const all = [...document.querySelectorAll('main :is(input:not([type=hidden]), select, button, summary)')];
        return all.filter(it => {
            it.focus();
            return it.getBoundingClientRect().bottom > bar;
        }).map(it => it.outerHTML)";
    let covered = browser.script(covered, json!([])).await;
    assert_eq!(covered, json!([]), "under the bar");
    browser.close().await;
}
