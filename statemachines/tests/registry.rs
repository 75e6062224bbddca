//! The registry names the agents that there are, and they are called alike everywhere.

#![expect(clippy::disallowed_methods, reason = "a test may read the sources")]

use statemachines::{AGENTS, CONSENTS, Catalog, PROVIDERS, agent_named, allowed_by, is_output_type};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn implemented_agents_are_the_folders_of_functions_agents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("functions/agents");
    let folders: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let registered: BTreeSet<String> =
        AGENTS.iter().filter(|agent| agent.implemented).map(|agent| agent.name.to_owned()).collect();
    assert_eq!(folders, registered, "src/registry.rs has one line per agent");
}

#[test]
fn names_stand_once_and_lists_are_sorted() {
    let names: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
    let once: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(once.len(), names.len());
    assert!(CONSENTS.is_sorted());
    assert!(PROVIDERS.is_sorted());
    for agent in AGENTS {
        let title: Vec<String> = agent.title.split(' ').map(str::to_lowercase).collect();
        assert_eq!(title.join("-"), agent.name, "the name is the title in lower case");
        assert_eq!(agent_named(agent.name), Some(agent));
    }
}

#[test]
fn every_figure_to_be_followed_is_sent_by_its_agent() {
    let agents = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("functions/agents");
    let sources = |agent: &str| -> String {
        let files = std::fs::read_dir(agents.join(agent).join("src")).unwrap();
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    };
    for workflow in Catalog::embedded().unwrap().iter() {
        let there = |agent: &str| agent_named(agent).is_some_and(|agent| agent.implemented);
        for step in workflow.steps.iter().filter(|step| there(step.agent.as_str())) {
            for event in &step.tracking_events {
                let name = format!("\"{}\"", event.figure);
                assert!(sources(step.agent.as_str()).contains(&name), "{} does not send {name}", step.agent);
            }
        }
    }
}

#[test]
fn types_are_basic_or_an_agents_record_or_a_list_of_them() {
    for good in ["Money", "Text", "Bill", "Bill[]", "ReducibleExpense[]", "Number[]"] {
        assert!(is_output_type(good), "{good}");
    }
    for bad in ["", "[]", "bill", "Bill[][]", "Unknown", "Money []"] {
        assert!(!is_output_type(bad), "{bad}");
    }
}

#[test]
fn every_consent_has_words() {
    for scope in CONSENTS {
        assert_ne!(allowed_by(&[scope]), scope.replace('_', " "));
    }
    let both = allowed_by(&["move_money", "trade"]);
    assert_eq!(both, "set up transfers into your savings and to place orders with your broker");
}
