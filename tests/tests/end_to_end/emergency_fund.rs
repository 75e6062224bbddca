//! The Emergency Fund Builder on the local AWS, from simulation event to finished workflow: the demo is the user.

use crate::household::Household;
use crate::{PROVIDERS, executions, on_local_aws};
use demo::sandbox::Sandbox;
use demo::{Auto, Settings};
use serde_json::Value;
use statemachines::{Budget, Catalog};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

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

/// Every effect the providers carried out for the last run of the demo.
async fn ledger() -> Vec<Value> {
    let sandbox = Sandbox::new(&Settings::from_env().unwrap()).unwrap();
    let users = sandbox.look("/admin/users").await.unwrap();
    let users = users["users"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
    // They are named after the time.
    let last = users.filter(|name| name.starts_with("demo-")).max().expect("the demo set up a user");
    let mut ledger = sandbox.look(&format!("/admin/ledger?user={last}")).await.unwrap();
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
    let providers = PROVIDERS.read().await;
    let mut confirmed = Vec::new();
    for auto in ["approve", "mixed", "skip"] {
        let (output, text) = run(&[("AUTO", auto)]);
        assert!(output.status.success(), "{auto} does not complete");
        assert!(text.contains("Emergency Fund Builder is Completed."), "{auto}");
        let effects = ledger().await;
        // What needs nobody's word, a savings rule, is set up whatever is answered.
        assert!(!effects.is_empty(), "{auto}");
        assert_eq!(keys(&effects).len(), effects.len(), "{auto}: an effect happened twice");
        confirmed.push(saved(&text));
    }
    assert!(confirmed[0] > confirmed[1] && confirmed[1] > 0, "{confirmed:?}");
    assert_eq!(confirmed[2], 0, "something was saved without the user's word");

    // From here on faults strike, and the demo clears those of others.
    drop(providers);
    let _providers = PROVIDERS.write().await;
    // An answer that is lost after its effect is probed, never repeated.
    let (output, text) = run(&[("AUTO", "approve"), ("FAULT", "answer-lost")]);
    assert!(output.status.success(), "a lost answer ends the run");
    assert_eq!(saved(&text), confirmed[0], "a lost answer changes what is saved");
    let effects = ledger().await;
    assert!(!effects.is_empty());
    assert_eq!(keys(&effects).len(), effects.len(), "a lost answer doubled an effect");

    // A provider that is down for two calls is waited for.
    let (output, _) = run(&[("AUTO", "skip"), ("FAULT", "unavailable")]);
    assert!(output.status.success(), "a provider that was down ends the run");
}

#[tokio::test]
async fn a_run_takes_one_transition_a_step() {
    if !on_local_aws() {
        return;
    }
    let _providers = PROVIDERS.read().await;
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
