//! What an agent's Lambda must not link: the AWS SDK, and everything that knows of runs, tables and machines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Prefixes of the SDK's crates.
const SDK: [&str; 6] = ["aws-config", "aws-credential", "aws-runtime", "aws-sdk", "aws-smithy", "aws-types"];

/// Ours that only step Lambdas and their like may use.
const NOT_FOR_AGENTS: [&str; 6] = ["aws", "coordinator", "engine", "ports", "sandbox", "statemachines"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// Names of the crates that a package links, with TLS as it is packaged for AWS.
fn linked_by(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--features", "tls", "--package", package])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn agents() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("functions/agents")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().expect("a name")).collect()
}

#[test]
fn no_agent_links_the_aws_sdk_or_the_engine() {
    let agents = agents();
    assert!(agents.len() >= 5, "{agents:?}");
    for agent in &agents {
        let linked = linked_by(agent);
        assert!(linked.contains("lambda_runtime") && linked.contains("rustls"), "{agent}: {linked:?}");
        let wrong = |name: &&String| {
            SDK.iter().any(|prefix| name.starts_with(prefix)) || NOT_FOR_AGENTS.contains(&name.as_str())
        };
        let wrong: Vec<&String> = linked.iter().filter(wrong).collect();
        assert!(wrong.is_empty(), "{agent} links {wrong:?}");
    }
}
