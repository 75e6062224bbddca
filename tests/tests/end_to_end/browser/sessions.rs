//! Signing in and out.

use super::{browser, looks, sign_in};
use crate::household::Household;
use serde_json::json;

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("session").await;
    browser.open("/goals").await;
    browser.sees("h1", "Welcome back").await;
    let (bytes, moved) = looks::costs(&browser).await;
    assert!(bytes > 0 && bytes < 100_000, "{bytes} bytes");
    assert!(moved <= 0.1, "things move by {moved}");
    looks::good(&browser, "sign-in").await;
    browser.fill("[name=name]", &household.name).await;
    browser.fill("[name=password]", "not it").await;
    browser.press("Sign in").await;
    browser.sees("[role=alert]", "do not go together").await;
    looks::good(&browser, "sign-in-refused").await;
    browser.fill("[name=password]", &household.password()).await;
    browser.press("Sign in").await;
    // Where one wanted to go.
    browser.sees("h1", "Goals").await;
    assert_eq!(browser.script("return document.cookie", json!([])).await, "", "a script reads the tokens");
    browser.press("More").await;
    browser.press("Sign out").await;
    browser.sees("h1", "Welcome back").await;
    browser.open("/goals").await;
    browser.sees("h1", "Welcome back").await;
    sign_in(&browser, &household).await;
    browser.close().await;
}

#[tokio::test]
async fn a_newcomer_chooses_a_password_and_is_in() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("newcomer").await;
    household.aws.set_password(&household.name, "Given-out-2026", false).await.unwrap();
    browser.open("/goals").await;
    browser.fill("[name=name]", &household.name).await;
    browser.fill("[name=password]", "Given-out-2026").await;
    browser.press("Sign in").await;
    browser.sees("h1", "Choose your password").await;
    looks::good(&browser, "choose-password").await;
    browser.fill("[name=password]", "Quiet-harbour-7").await;
    browser.fill("[name=again]", "Quiet-harbour-8").await;
    browser.press("Save and sign in").await;
    browser.sees("[role=alert]", "The two passwords are not the same").await;
    browser.fill("[name=password]", "Quiet-harbour-7").await;
    browser.fill("[name=again]", "Quiet-harbour-7").await;
    browser.press("Save and sign in").await;
    browser.sees("h1", "Goals").await;
    browser.press("More").await;
    browser.press("Sign out").await;
    browser.sees("h1", "Welcome back").await;
    browser.fill("[name=name]", &household.name).await;
    browser.fill("[name=password]", "Quiet-harbour-7").await;
    browser.press("Sign in").await;
    browser.sees("h1", "Your household").await;
    browser.close().await;
}
