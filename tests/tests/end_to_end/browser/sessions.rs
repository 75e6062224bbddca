//! Signing in and out.

use super::{browser, looks, sign_in};
use crate::household::Household;
use crate::{PROVIDERS, on_local_aws};
use serde_json::json;

#[tokio::test]
async fn whoever_signs_out_is_out() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
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
