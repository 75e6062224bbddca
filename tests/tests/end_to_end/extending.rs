//! A new workflow with a new agent touches its own files and one line of the registry; everything else follows by generating.
//!
//! Played on a copy of the sources. It needs no local AWS, but it compiles, and so waits for `make test` like the others.

use crate::{on_local_aws, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is made and not written.
const NOT_SOURCES: [&str; 3] = [".git", ".local", "target"];

/// The registry of agents, and the line that the new one stands before.
const REGISTRY: &str = "statemachines/src/registry.rs";
const NEXT_LINE: &str = "    agent(\"bill-negotiator\"";
const LINE: &str = "    agent(\"balance-watcher\", \"Balance Watcher\", &[]),\n";

/// Written by hand.
const WORKFLOW: &str = "statemachines/catalog/balance-watch/1.yaml";
const AGENT: &str = "functions/agents/balance-watcher/";

/// Written by `make generate` and by cargo.
const GENERATED: [&str; 3] =
    ["Cargo.lock", "infra/template.yaml", "statemachines/generated/balance-watch-v1.asl.json"];

/// Every file of a source tree, by its path in it.
fn files(tree: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(tree: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(tree).unwrap().to_str().unwrap().to_owned();
            if NOT_SOURCES.contains(&name.as_str()) || name.ends_with("__pycache__") {
                continue;
            }
            if path.is_dir() {
                collect(tree, &path, found);
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(tree, tree, &mut found);
    found
}

fn write(tree: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = tree.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What is written by hand: the agent begins as a copy of another, the workflow as a copy of a fixture.
fn extend(tree: &Path, before: &BTreeMap<String, Vec<u8>>) {
    let renamed = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).unwrap();
        text.replace("spending-analyzer", "balance-watcher")
            .replace("spending_analyzer", "balance_watcher")
            .replace("SpendingAnalyzer", "BalanceWatcher")
            .replace("Spending Analyzer", "Balance Watcher")
    };
    for (name, bytes) in before {
        if let Some(rest) = name.strip_prefix("functions/agents/spending-analyzer/") {
            write(tree, &format!("{AGENT}{rest}"), renamed(bytes));
        }
    }
    let workflow = renamed(&before["statemachines/fixtures/automated.yaml"]);
    write(tree, WORKFLOW, workflow.replace("id: fixture-automated\n", "id: balance-watch\n"));
    let registry = std::str::from_utf8(&before[REGISTRY]).unwrap();
    write(tree, REGISTRY, registry.replacen(NEXT_LINE, &format!("{LINE}{NEXT_LINE}"), 1));
}

/// Runs a command in the tree. It has its own target folder: cargo takes two crates for the same when they stand at the same place
/// of their workspaces, and what is compiled here would pass for the project's.
fn run(tree: &Path, command: &str) {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap().join("extended");
    // The others are not to be slowed down by the compiler.
    let output = Command::new("nice")
        .args(["-n", "19"])
        .args(command.split(' '))
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    // A test tells its failure on the one, and cargo what it means on the other.
    let [said, told] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{command}: {said}{told}");
}

#[test]
fn a_new_workflow_and_agent_touch_their_own_files_and_one_line() {
    if !on_local_aws() {
        return;
    }
    let tree = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("extended");
    if tree.exists() {
        fs::remove_dir_all(&tree).unwrap();
    }
    let before = files(root());
    before.iter().for_each(|(name, bytes)| write(&tree, name, bytes));
    extend(&tree, &before);

    for command in [
        "cargo run --quiet --package statemachines --bin catalog -- generate",
        "python3 infra/generate.py",
        // And it holds: the definition, the machine, the template, the registry, the agent.
        "cargo run --quiet --package statemachines --bin catalog -- check",
        "cargo run --quiet --package statemachines --bin catalog -- generate --check",
        "python3 infra/generate.py --check",
        "cargo build --quiet --package balance-watcher",
        // No test of what reads the catalog knows what else is in it.
        "cargo test --quiet --package statemachines --test registry --test tool",
        "cargo test --quiet --lib --package statemachines --package engine --package recommend --package completion",
    ] {
        run(&tree, command);
    }

    let after = files(&tree);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let written: Vec<&str> = changed
        .map(String::as_str)
        .filter(|name| !GENERATED.contains(name) && !name.starts_with(AGENT))
        .collect();
    assert_eq!(written, [WORKFLOW, REGISTRY]);
    let [old, new] = [&before, &after].map(|tree| std::str::from_utf8(&tree[REGISTRY]).unwrap());
    assert_eq!(new.replacen(LINE, "", 1), old, "one line more");
    assert!(
        GENERATED.iter().all(|name| before.get(*name) != after.get(*name)),
        "all of it is generated anew"
    );
}
