//! Time limits nest: who is waited for ends before the wait does, and the wait before whoever waits.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use aws::patience;
use coordinator::Settings;
use statemachines::AGENTS;
use statemachines::compile::STEP_FUNCTION_TIMEOUT;
use std::path::Path;
use std::time::Duration;

/// The functions that call agents.
const CALLERS: [&str; 5] = ["automated", "semi-automated", "manual", "compensate", "dispatch"];

/// `Timeout` of a function in the template, its own or everybody's.
fn timeout(function: &str) -> Duration {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../infra/template.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    let of = |part: &str| {
        let value = part.lines().find_map(|line| line.trim().strip_prefix("Timeout: "));
        value.map(|seconds| Duration::from_secs(seconds.parse().unwrap()))
    };
    let code = format!("CodeUri: ../target/lambda/{function}/\n");
    let (_, after) = text.split_once(&code).unwrap_or_else(|| panic!("no function {function}"));
    // Up to the next resource.
    let own = after.split("\n\n").next().and_then(of);
    own.or_else(|| of(&text)).unwrap()
}

#[test]
fn an_agent_ends_before_its_caller_stops_listening_and_that_before_the_caller_itself() {
    let listening = Duration::try_from(Settings::default().agent_timeout).unwrap();
    for agent in AGENTS.iter().filter(|agent| agent.implemented) {
        assert!(timeout(agent.name) < listening, "{}", agent.name);
    }
    for caller in CALLERS {
        assert!(2 * listening < timeout(caller), "{caller} has an agent propose and act");
        assert_eq!(timeout(caller), Duration::from_secs(STEP_FUNCTION_TIMEOUT.into()), "{caller}");
    }
}

#[test]
fn an_invoked_function_ends_before_the_wait_for_it_and_that_before_who_waits() {
    for (caller, function) in [("api", "start"), ("watchdog", "dispatch"), ("watchdog", "compensate")] {
        assert!(timeout(function) < patience(function), "{function}");
        assert!(patience(function) < timeout(caller), "{caller} waits for {function}");
    }
}
