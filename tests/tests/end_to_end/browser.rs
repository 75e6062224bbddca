//! The web console in a real browser: headless Chromium, driven as a person would.

mod addresses;
mod answering;
mod driver;
mod journey;
mod looks;
mod operating;
mod pages;
mod sessions;

use crate::household::Household;
use crate::{BROWSER, on_local_aws};
use driver::Browser;
use tokio::sync::SemaphorePermit;

/// A browser of its own for a test, with its turn. `None`: there is no local AWS, or no browser, and the test says so.
async fn browser() -> Option<(SemaphorePermit<'static>, Browser)> {
    if !on_local_aws() {
        return None;
    }
    let turn = BROWSER.acquire().await.unwrap();
    if let Some(browser) = Browser::start().await {
        return Some((turn, browser));
    }
    assert!(
        std::env::var_os("BROWSER").is_none_or(|it| it != "required"),
        "chromium and chromium-driver are needed"
    );
    println!("skipped: needs chromium and chromium-driver");
    None
}

/// The household's user, signed in by the form.
async fn sign_in(browser: &Browser, household: &Household) {
    browser.open("").await;
    browser.fill("[name=name]", &household.name).await;
    browser.fill("[name=password]", &household.password()).await;
    browser.press("Sign in").await;
    browser.sees("h1", "Your household").await;
}
