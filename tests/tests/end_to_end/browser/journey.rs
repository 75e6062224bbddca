//! From what is recommended to what it brought, by clicking.

use super::{Browser, browser, looks, sign_in};
use crate::household::Household;
use serde_json::json;

#[tokio::test]
async fn a_workflow_is_started_watched_and_finished_by_clicking() {
    let Some((_turn, browser)) = browser().await else { return };
    let household = Household::new("clicks").await;
    household.recommended().await;
    sign_in(&browser, &household).await;
    browser.sees("main", "the trigger is below 3.0").await;
    browser.press("Not for me").await;
    browser.sees("main", "You declined this").await;
    browser.press("Start Emergency Fund Builder").await;
    browser.sees("h1", "Emergency Fund Builder").await;
    // Whatever comes from here on comes without the page being loaded again.
    browser.script("window.same = true", json!([])).await;
    browser.sees(".task h2", "Approve, change or skip").await;
    // The socket says what changes; without it the page asks every other second.
    let connected = "return 'connected' in document.body.dataset";
    browser.awaits("a socket", async || browser.script(connected, json!([])).await == true).await;
    looks::good(&browser, "run-asks").await;
    let unread = browser.text("#unread").await;

    approve_modify_and_skip(&browser).await;
    to_the_manual_step(&browser).await;
    assert!(progress(&browser).await >= 50, "the card moved");
    looks::good(&browser, "run-guides").await;
    prove(&browser, &household).await;

    browser.sees(".run-state", "Completed").await;
    assert_eq!(progress(&browser).await, 100);
    browser.sees("main", "Over a year").await;
    browser
        .awaits("the count of what is told meanwhile", async || browser.text("#unread").await != unread)
        .await;
    assert_eq!(browser.script("return window.same", json!([])).await, true, "the page was loaded again");
    looks::good(&browser, "run-completed").await;
    browser.press("Report and timeline").await;
    browser.sees("h1", "Report: Emergency Fund Builder").await;
    browser.sees("main", "What happened").await;
    looks::good(&browser, "report").await;
    for (path, words, name) in [
        ("/runs", "Completed", "runs"),
        ("/impact", "Run by run", "impact"),
        ("/achievements", "Unlocked", "achievements"),
        ("/notices", "completed", "notices-some"),
    ] {
        browser.open(path).await;
        browser.sees("main", words).await;
        looks::good(&browser, name).await;
    }
    // Every page counts what is unread.
    browser.sees("#unread", "unread").await;
    browser.press("Mark all as read").await;
    let read = browser.awaits("that nothing is unread", async || {
        browser.text("#unread").await.is_empty() && !browser.text("main").await.contains("Mark all as read")
    });
    read.await;
    browser.sees("h1", "Notifications").await;
    browser.close().await;
}

async fn progress(browser: &Browser) -> u64 {
    browser.text(".ring").await.split_whitespace().collect::<String>().trim_end_matches('%').parse().unwrap()
}

/// The first question: one thing approved, one changed, which is then shown again and approved, one left out, the rest too.
async fn approve_modify_and_skip(browser: &Browser) {
    let changed = browser
        .script(
            "return [...document.querySelectorAll('.item')].findIndex(it => it.querySelector('.modify select option:nth-child(2)')) + 1",
            json!([]),
        )
        .await
        .as_u64()
        .unwrap();
    assert!(changed > 1, "the first is no thing that can be changed");
    let place = format!(".items > :nth-child({changed})");
    let before = browser.text(&format!("{place} h3")).await;
    browser.press_in(&place, "Change").await;
    let other = browser
        .script(
            "return document.querySelector(arguments[0] + ' select option:last-child').textContent",
            json!([place]),
        )
        .await;
    browser.choose(&format!("{place} select"), other.as_str().unwrap()).await;
    browser.press_in(&place, "Show me the change").await;
    // It is shown again as it will be then.
    browser.sees(".items", "Approve").await;
    let changed = browser.awaits("the change", async || {
        !browser.text(".items").await.contains(&before)
            && !browser.text(".task .decided").await.contains("Changed")
    });
    changed.await;
    browser.press_in(".items > :nth-child(1)", "Approve").await;
    browser.sees(".items", "Approved").await;
    browser.press_in(".items > :nth-child(2)", "Skip").await;
    browser.sees(".items", "Left out").await;
    browser.press("Skip all that are left").await;
}

/// Takes what is offered until the manual step.
async fn to_the_manual_step(browser: &Browser) {
    approve_until(browser, ".manual").await;
}

/// Approves whatever is offered until this is to be seen.
pub(super) async fn approve_until(browser: &Browser, css: &str) {
    let shown = browser.awaits(css, async || {
        let is_shown = !browser.text(css).await.is_empty();
        if !is_shown {
            // What is put anew in this very moment is tried again.
            let _ = browser.pressed(".task", "Approve").await;
        }
        is_shown
    });
    shown.await;
}

/// Asks for help, tells how it comes along, and proves the application that was made at the platform.
async fn prove(browser: &Browser, household: &Household) {
    browser.press("I need help").await;
    browser.fill("[name=note][rows]", "Which gig pays soonest?").await;
    browser.press("Ask for help").await;
    browser.sees(".notice", "Those who run this service see that you ask for help with this step.").await;
    browser.sees(".task", "Which gig pays soonest?").await;
    browser.sees(".task", "Who helps on the other side: The platform's help centre.").await;
    browser.press("Note how far you are").await;
    browser.fill("[name=percent]", "40").await;
    browser.press("Save").await;
    browser.sees(".task .bar", "40 %").await;
    arrange(browser, household).await;
    let gig = browser
        .script("return document.querySelector('[name=item_id] option:nth-child(2)').value", json!([]))
        .await;
    let title = browser
        .script("return document.querySelector('[name=item_id] option:nth-child(2)').textContent", json!([]))
        .await;
    let application =
        household.sandbox.apply(&household.linked.token, gig.as_str().unwrap(), "by-hand").await.unwrap();
    household.sandbox.submit(&household.linked.token, &application, "by-hand").await.unwrap();
    browser.choose("[name=item_id]", title.as_str().unwrap()).await;
    // The file is all that is shown as proof; the platform is asked for the application.
    browser.press("It is done").await;
}

/// Puts the step off, moves its due date, leaves a note, and uploads a file that proves it.
async fn arrange(browser: &Browser, household: &Household) {
    browser.press("Snooze, move the due date, or leave a note").await;
    browser.press("Snooze it").await;
    browser.sees(".task", "Snoozed until").await;
    browser.fill("[name=hand_over]", "Ask Maya for the password").await;
    browser.press("Save the note").await;
    browser.sees(".task", "Note: Ask Maya for the password").await;
    let late = "const due = document.querySelector('[name=due]');
        due.value = '2099-01-01';
        due.dispatchEvent(new Event('input', { bubbles: true }))";
    browser.script(late, json!([])).await;
    browser.press("Move the due date").await;
    browser.sees(".notice.bad", "Due on").await;
    let due = browser.script("return document.querySelector('[name=due]').value", json!([])).await;
    assert_eq!(due, "2099-01-01", "what was refused stays written");
    let due = browser.script("return document.querySelector('[name=due]').min = new Date(Date.now() + 3 * 864e5).toISOString().slice(0, 10)", json!([]));
    let due = due.await;
    browser.script("document.querySelector('[name=due]').value = arguments[0]", json!([due])).await;
    browser.press("Move the due date").await;
    browser.sees(".notice.good", "Noted").await;
    let run = browser.path().await;
    browser.open("/tasks").await;
    browser.sees("main", "Nothing waits for you now").await;
    browser.sees("[aria-labelledby=later]", "Back ").await;
    looks::good(browser, "tasks-put-off").await;
    browser.open("").await;
    assert!(!browser.text("main").await.contains("waits for you"), "what was put off waits");
    browser.open(&run).await;
    browser.press("Add a file that proves it").await;
    browser.sees("h1", "Add a file").await;
    looks::good(browser, "proof").await;
    let name = format!("My proof {}.txt", std::process::id());
    let file = std::env::temp_dir().join(&name);
    std::fs::write(&file, "the platform's confirmation").unwrap();
    browser.fill("[name=file]", file.to_str().unwrap()).await;
    browser.press("Upload").await;
    browser.sees(".checks", "received").await;
    std::fs::remove_file(file).unwrap();
    browser.sees(".checks", &name).await;
    fetch(browser, household, &name).await;
    browser.open(&run).await;
    browser.sees(".checks", "received").await;
    browser.script("window.same = true", json!([])).await;
}

/// The file can be had again, under its own name, by its owner and by nobody else.
async fn fetch(browser: &Browser, household: &Household, name: &str) {
    let href =
        browser.script("return document.querySelector('.checks a').getAttribute('href')", json!([])).await;
    let (_, path) = href.as_str().unwrap().split_once("/console").unwrap();
    let path = path.replace("/files/", "/proofs/");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let api = std::env::var("API_URL").unwrap();
    let call = |token: &str| client.get(format!("{api}{path}")).bearer_auth(token).send();
    let led = call(household.token()).await.unwrap();
    assert_eq!(led.status(), 303, "{path}");
    let file = client.get(led.headers()["location"].to_str().unwrap()).send().await.unwrap();
    let saved = file.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(saved, format!("attachment; filename*=UTF-8''{}", name.replace(' ', "%20")));
    assert_eq!(file.text().await.unwrap(), "the platform's confirmation");
    let stranger = Household::new("stranger").await;
    assert_eq!(call(stranger.token()).await.unwrap().status(), 404);
}
