//! What an agent's Lambda must not link: the AWS SDK, and everything that knows of runs, tables and machines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Prefixes of the SDK's crates.
const SDK: [&str; 6] = ["aws-config", "aws-credential", "aws-runtime", "aws-sdk", "aws-smithy", "aws-types"];

/// Ours that only step Lambdas and their like may use.
const NOT_FOR_AGENTS: [&str; 6] = ["aws", "coordinator", "engine", "ports", "sandbox", "statemachines"];

struct Graph {
    names: BTreeMap<String, String>,
    /// What a package links in a normal build, by id.
    links: BTreeMap<String, Vec<String>>,
    agents: Vec<String>,
}

fn graph() -> Graph {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--all-features", "--manifest-path", root])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let (mut names, mut agents) = (BTreeMap::new(), Vec::new());
    for package in list(&metadata["packages"]) {
        let id = text(&package["id"]);
        if text(&package["manifest_path"]).contains("/functions/agents/") {
            agents.push(id.clone());
        }
        names.insert(id, text(&package["name"]));
    }
    let mut links = BTreeMap::new();
    for node in list(&metadata["resolve"]["nodes"]) {
        let normal = |dep: &Value| list(&dep["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        let linked =
            list(&node["deps"]).iter().filter(|dep| normal(dep)).map(|dep| text(&dep["pkg"])).collect();
        links.insert(text(&node["id"]), linked);
    }
    Graph { names, links, agents }
}

impl Graph {
    fn linked_by(&self, id: &str) -> BTreeSet<&str> {
        let (mut found, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if found.insert(self.names[id].as_str()) {
                open.extend(self.links[id].iter().map(String::as_str));
            }
        }
        found
    }
}

#[test]
fn no_agent_links_the_aws_sdk_or_the_engine() {
    let graph = graph();
    assert!(graph.agents.len() >= 5, "{:?}", graph.agents);
    for agent in &graph.agents {
        let linked = graph.linked_by(agent);
        assert!(linked.contains("lambda_runtime") && linked.contains("agent"), "{agent}: {linked:?}");
        let wrong: Vec<&&str> = linked
            .iter()
            .filter(|name| SDK.iter().any(|prefix| name.starts_with(prefix)) || NOT_FOR_AGENTS.contains(name))
            .collect();
        assert!(wrong.is_empty(), "{agent} links {wrong:?}");
    }
}
