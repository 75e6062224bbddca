//! An address is used once its owner has said the code that was sent there.

use super::{browser, looks, sign_in};
use crate::household::{Household, awaited};
use crate::told::code_for;
use serde_json::json;

#[tokio::test]
async fn a_mailbox_is_given_and_confirmed() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("addresses").await;
    let mailbox = format!("{}@household.example", household.name);
    sign_in(&browser, &household).await;
    browser.open("/preferences").await;
    browser.fill("input[name='email.address']", &mailbox).await;
    browser.press("Save").await;
    // On its way at first; the page learns by itself that it was sent.
    browser.sees(".asks", &format!("We sent a code to {mailbox}")).await;
    looks::good(&browser, "preferences-code").await;

    let code = code_for(&mailbox).await;
    let wrong = if code.starts_with('1') { code.replacen('1', "2", 1) } else { format!("1{}", &code[1..]) };
    browser.fill("input[name='code']", &wrong).await;
    browser.press("Confirm").await;
    browser.sees(".notice.bad", "Code is not the one that was sent").await;
    browser.fill("input[name='code']", &code).await;
    browser.press("Confirm").await;
    awaited("a page that asks for no code", async || {
        let asks = "return document.querySelectorAll('.asks, .notice.bad').length";
        (browser.script(asks, json!([])).await == json!(0)).then_some(())
    })
    .await;
    browser.sees(".notice.good", "Saved.").await;
    let kept = "return document.querySelector(\"input[name='email.address']\").value";
    assert_eq!(browser.script(kept, json!([])).await, json!(mailbox));
    browser.close().await;
}
