//! The Emergency Fund Builder on the local AWS, from simulation event to finished workflow: the demo is the user.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Whether the local AWS is there to run on.
fn on_local_aws() -> bool {
    let there = std::env::var_os("E2E").is_some();
    if !there {
        println!("skipped: needs the local AWS; `make test` has it");
    }
    there
}

/// The demo's program, beside this test's own.
fn demo() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("demo")
}

/// Runs the demo with these settings; its output is shown when it does not end as told.
fn run(settings: &[(&str, &str)]) -> (Output, String) {
    let mut command = Command::new(demo());
    for name in ["HOUSEHOLD", "PERSON", "AS_OF", "FAULT", "AUTO"] {
        command.env_remove(name);
    }
    let output = command.envs(settings.iter().copied()).output().expect("the demo is built");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        println!("{settings:?}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    (output, text)
}

/// What the run confirmed a month, in cents, as the demo tells at its end.
fn saved(text: &str) -> i64 {
    let figure = text.rsplit_once("Savings so far: $").and_then(|(_, rest)| rest.split_whitespace().next());
    figure.expect("the demo tells what was saved").replace([',', '.'], "").parse().expect("an amount")
}

/// Every effect the providers carried out for the last run.
async fn ledger() -> Vec<Value> {
    let url = format!("{}/admin/ledger", std::env::var("SANDBOX_URL").unwrap());
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    let mut ledger: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(ledger["effects"].take()).unwrap()
}

fn keys(ledger: &[Value]) -> BTreeSet<&str> {
    ledger.iter().map(|effect| effect["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_way_of_answering_completes_and_more_approvals_save_more() {
    if !on_local_aws() {
        return;
    }
    let mut confirmed = Vec::new();
    for auto in ["approve", "mixed", "skip"] {
        let (output, text) = run(&[("AUTO", auto)]);
        assert!(output.status.success(), "{auto} does not complete");
        assert!(text.contains("Emergency Fund Builder is Completed."), "{auto}");
        let effects = ledger().await;
        assert_eq!(keys(&effects).len(), effects.len(), "{auto}: an effect happened twice");
        confirmed.push(saved(&text));
    }
    assert!(confirmed[0] > confirmed[1] && confirmed[1] > 0, "{confirmed:?}");
    assert_eq!(confirmed[2], 0, "something was saved without the user's word");

    // An answer that is lost after its effect is probed, never repeated.
    let (output, text) = run(&[("AUTO", "approve"), ("FAULT", "answer-lost")]);
    assert!(output.status.success(), "a lost answer ends the run");
    assert_eq!(saved(&text), confirmed[0], "a lost answer changes what is saved");
    let effects = ledger().await;
    assert_eq!(keys(&effects).len(), effects.len(), "a lost answer doubled an effect");

    // A provider that is down for two calls is waited for.
    let (output, _) = run(&[("AUTO", "skip"), ("FAULT", "unavailable")]);
    assert!(output.status.success(), "a provider that was down ends the run");
}
