//! Every other page: whole, small, still, and good to everybody.

use super::{browser, looks, sign_in};
use crate::household::Household;
use crate::{PROVIDERS, on_local_aws};

#[tokio::test]
async fn every_page_is_small_still_and_good_to_everybody() {
    if !on_local_aws() {
        return;
    }
    let Some((_turn, browser)) = browser().await else { return };
    let _providers = PROVIDERS.read().await;
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
        ("/consents", "What you allow", "consents"),
        ("/notices", "What you were told", "notices"),
        ("/impact", "Impact", "impact-empty"),
        ("/achievements", "Achievements", "achievements-empty"),
        ("/preferences", "How you are told", "preferences"),
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
