//! What the compiler makes: goldens of small workflows with one feature each, the same bytes every time, and random workflows whose
//! machines are walked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

mod random;
mod walk;

use proptest::prelude::*;
use statemachines::{Catalog, Workflow, compile, parse};
use std::path::Path;
use walk::Walk;

fn fixture(name: &str) -> Workflow {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).with_extension("yaml");
    parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn fixtures() -> Vec<(String, Workflow)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.iter().map(|name| (name.clone(), fixture(name))).collect()
}

#[test]
fn fixtures_compile_to_their_goldens() {
    for (name, workflow) in fixtures() {
        insta::assert_snapshot!(name, compile(&workflow).unwrap().to_text().unwrap());
    }
}

#[test]
fn every_machine_runs_every_step_after_what_it_depends_on() {
    let catalog = Catalog::embedded().unwrap();
    for workflow in catalog.iter().chain(&fixtures().into_iter().map(|(_, w)| w).collect::<Vec<_>>()) {
        Walk::check(workflow, &compile(workflow).unwrap());
    }
}

#[test]
fn the_same_workflow_gives_the_same_bytes() {
    let texts = || -> Vec<String> {
        let catalog = Catalog::embedded().unwrap();
        catalog.iter().map(|workflow| compile(workflow).unwrap().to_text().unwrap()).collect()
    };
    let first = texts();
    for _ in 0..5 {
        assert_eq!(texts(), first);
    }
}

#[test]
fn a_machine_reads_back_as_it_was_written() {
    for (name, workflow) in fixtures() {
        let machine = compile(&workflow).unwrap();
        let text = machine.to_text().unwrap();
        assert_eq!(serde_json::from_str::<statemachines::asl::Machine>(&text).unwrap(), machine, "{name}");
    }
}

#[test]
fn the_happy_path_is_one_transition_a_step_and_one_a_parallel() {
    for (name, steps, parallels) in [
        ("automated", 1, 0),
        ("sequence", 3, 0),
        ("diamond", 4, 1),
        ("not-series-parallel", 4, 2),
        ("nested", 5, 2),
        ("fallback", 2, 0),
        ("group", 4, 0),
        ("parallel-paths", 5, 1),
    ] {
        let workflow = fixture(name);
        let walk = Walk::check(&workflow, &compile(&workflow).unwrap());
        assert_eq!((walk.steps, walk.parallels), (steps, parallels), "{name}");
        let explanation = statemachines::Budget::of(&workflow).unwrap();
        assert_eq!(explanation.happy_transitions, u64::from(steps + parallels), "{name}");
    }
}

#[test]
fn workflows_without_an_order_say_why() {
    let with = |change: &dyn Fn(&mut Workflow)| {
        let mut workflow = fixture("sequence");
        change(&mut workflow);
        let errors = compile(&workflow).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let id = |name: &str| name.parse().unwrap();
    assert_eq!(
        with(&|w| w.steps[0].depends_on.push(id("third"))),
        "the steps `first`, `second`, `third` wait for each other"
    );
    assert_eq!(with(&|w| w.steps[0].depends_on.push(id("first"))), "the steps `first` wait for each other");
    assert_eq!(
        with(&|w| w.steps[1].depends_on.push(id("fourth"))),
        "step `second` names `fourth`, which is no step of this workflow"
    );
    assert_eq!(
        with(&|w| w.steps[1].id = id("first")),
        "there are two steps `first`; step `third` names \
        `second`, which is no step of this workflow"
    );
    assert!(with(&|w| w.steps[0].fallback = Some(id("second"))).contains("another step depends on it"));
    assert!(with(&|w| w.steps[2].fallback = Some(id("third"))).contains("lead back"));
    assert_eq!(with(&|w| w.steps.clear()), "there is no step that runs by itself");
    assert_eq!(
        with(&|w| {
            w.steps[0].group = Some("both".into());
            w.steps[2].group = Some("both".into());
        }),
        "step `second` runs between members of the group `both` but is none"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_workflows_compile_to_machines_that_keep_their_order(plan in random::plan()) {
        let workflow = random::workflow(&fixture("sequence"), &plan);
        let machine = compile(&workflow).unwrap();
        let walk = Walk::check(&workflow, &machine);
        prop_assert_eq!(walk.steps as usize, workflow.steps.len());
        prop_assert_eq!(compile(&workflow).unwrap().to_text().unwrap(), machine.to_text().unwrap());
    }
}
