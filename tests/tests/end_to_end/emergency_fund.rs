//! The Emergency Fund Builder on the local AWS, from simulation event to finished workflow: the demo is the user.

use crate::household::Household;
use crate::{executions, turn};
use demo::sandbox::Sandbox;
use demo::{Auto, Settings};
use serde_json::Value;
use statemachines::{Budget, Catalog};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The demo's program, beside this test's own.
fn demo() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("demo")
}

/// Runs the demo with these settings; its output is shown when the test fails.
fn run(settings: &[(&str, &str)]) -> (Output, String) {
    let mut command = Command::new(demo());
    for name in ["HOUSEHOLD", "PERSON", "AS_OF", "FAULT", "AUTO"] {
        command.env_remove(name);
    }
    let output = command.envs(settings.iter().copied()).output().expect("the demo is built");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{settings:?}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    (output, text)
}

/// What the run confirmed a month, in cents, as the demo tells at its end.
fn saved(text: &str) -> i64 {
    let figure = text.rsplit_once("Savings so far: $").and_then(|(_, rest)| rest.split_whitespace().next());
    figure.expect("the demo tells what was saved").replace([',', '.'], "").parse().expect("an amount")
}

/// Every effect the providers carried out for the user whom the demo set up.
async fn ledger(text: &str) -> Vec<Value> {
    let sandbox = Sandbox::new(&Settings::from_env().unwrap()).unwrap();
    let user = text.split_whitespace().find(|word| word.starts_with("demo-"));
    let user = user.expect("the demo tells how to sign in");
    let mut ledger = sandbox.look(&format!("/admin/ledger?user={user}")).await.unwrap();
    serde_json::from_value(ledger["effects"].take()).unwrap()
}

fn keys(ledger: &[Value]) -> BTreeSet<&str> {
    ledger.iter().map(|effect| effect["key"].as_str().unwrap()).collect()
}

/// A demo that completes without an effect too many; what it saved.
async fn completes(settings: &[(&str, &str)]) -> i64 {
    let (output, text) = run(settings);
    assert!(output.status.success(), "{settings:?} does not complete");
    assert!(text.contains("Emergency Fund Builder is Completed."), "{settings:?}");
    let effects = ledger(&text).await;
    assert_eq!(keys(&effects).len(), effects.len(), "{settings:?}: an effect happened twice");
    let saved = saved(&text);
    assert!(saved == 0 || !effects.is_empty(), "{settings:?}: saved without an effect");
    saved
}

#[tokio::test]
async fn every_way_of_answering_completes_and_more_approvals_save_more() {
    let Some(_turn) = turn().await else { return };
    let mut saved = Vec::new();
    for auto in ["approve", "mixed", "skip"] {
        saved.push(completes(&[("AUTO", auto)]).await);
    }
    assert!(saved[0] > saved[1] && saved[1] > 0, "{saved:?}");
    assert_eq!(saved[2], 0, "something was saved without the user's word");

    // An answer that is lost after its effect is probed, never repeated.
    let despite = completes(&[("AUTO", "approve"), ("FAULT", "answer-lost")]).await;
    assert_eq!(despite, saved[0], "a lost answer changes what is saved");
    // A provider that is down for two calls is waited for.
    completes(&[("AUTO", "skip"), ("FAULT", "unavailable")]).await;
}

/// What a user may bring: a ledger, and a table of transactions.
#[tokio::test]
async fn a_ledger_and_a_table_complete() {
    let Some(_turn) = turn().await else { return };
    for name in ["okafor.beancount", "okafor.csv"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("sandbox/households").join(name);
        let saved = completes(&[("HOUSEHOLD", file.to_str().unwrap()), ("AUTO", "approve")]).await;
        assert!(saved > 0, "{name} saves nothing");
    }
}

#[tokio::test]
async fn a_run_takes_one_transition_a_step() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("transitions").await;
    let run = household.started("emergency-fund-builder").await;
    assert_eq!(household.ended(&run, Auto::Approve).await.status, "Completed");
    let entered = executions::states_entered(&household.aws, "emergency-fund-builder-v1", &run).await;
    let steps = ["expense-audit", "quick-wins", "bill-negotiation", "automation-setup", "side-income"];
    assert_eq!(entered, steps);
    let catalog = Catalog::embedded().unwrap();
    let workflow = catalog.latest(&"emergency-fund-builder".parse().unwrap()).unwrap();
    assert_eq!(entered.len() as u64, Budget::of(workflow).unwrap().happy_transitions);
}
