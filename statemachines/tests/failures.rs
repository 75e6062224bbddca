//! Every failure of every state of every machine leads where it must: tried again, asked about, or undone to a declared end.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read files, and fail when they cannot"
)]

use events::ErrorClass;
use serde_json::{Value, json};
use statemachines::asl::Machine;
use statemachines::compile::{MAX_HELP_ROUNDS, PLATFORM_ERRORS};
use statemachines::simulate::{Call, End, Run, Tasks, simulate};
use statemachines::{Budget, Catalog, Workflow, compile, parse};
use std::collections::BTreeMap;
use std::path::Path;

fn workflows() -> Vec<Workflow> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let fixtures = files.iter().map(|path| parse("", &std::fs::read_to_string(path).unwrap()).unwrap());
    Catalog::embedded().unwrap().iter().cloned().chain(fixtures).collect()
}

/// A household and its functions, as far as a machine can tell: what steps have done is undone latest first.
#[derive(Default)]
struct World {
    /// By state: the errors it raises, one per call; then it works.
    errors: BTreeMap<String, Vec<String>>,
    /// States that never work.
    broken: BTreeMap<String, String>,
    effects: Vec<String>,
    stuck: Vec<String>,
    helped: BTreeMap<String, u32>,
    calls: Vec<(String, Value)>,
    /// What the undo answers when nothing is left to undo.
    end: String,
}

impl World {
    fn new() -> Self {
        Self { end: "RolledBack".to_owned(), ..Self::default() }
    }

    fn failing(state: &str, errors: &[&str]) -> Self {
        let errors = errors.iter().map(|error| (*error).to_owned()).collect();
        Self { errors: BTreeMap::from([(state.to_owned(), errors)]), ..Self::new() }
    }

    fn run(&mut self, workflow: &Workflow) -> (Machine, Run) {
        let machine = compile(workflow).unwrap();
        let input = json!({"run_id": "run-1", "user_id": "user-1", "epoch": 1});
        let run = simulate(&machine, &input, self).unwrap();
        (machine, run)
    }
}

impl Tasks for World {
    fn call(&mut self, call: &Call) -> Result<Value, String> {
        let (state, payload) = (call.state.as_str(), &call.payload);
        self.calls.push((state.to_owned(), payload.clone()));
        assert_eq!(payload["run_id"], "run-1");
        if let Some(error) = self.broken.get(state) {
            return Err(error.clone());
        }
        if let Some(errors) = self.errors.get_mut(state).filter(|errors| !errors.is_empty()) {
            return Err(errors.remove(0));
        }
        match payload["mode"].as_str().unwrap() {
            "step" => {
                self.effects.push(state.to_owned());
                Ok(json!({}))
            }
            "help" => {
                let rounds = self.helped.entry(state.to_owned()).or_default();
                *rounds += 1;
                if *rounds > MAX_HELP_ROUNDS { Err("Critical".to_owned()) } else { Ok(json!({})) }
            }
            "undo" => {
                self.effects.pop();
                let next = if self.effects.is_empty() { self.end.clone() } else { "Undo".to_owned() };
                Ok(json!({ "next": next }))
            }
            _ => {
                self.stuck.extend(self.effects.pop());
                let next = if self.effects.is_empty() { "NeedsAttention" } else { "Undo" };
                Ok(json!({ "next": next }))
            }
        }
    }
}

fn on_path(workflow: &Workflow) -> Vec<String> {
    workflow
        .steps
        .iter()
        .filter(|step| !workflow.is_fallback(&step.id) && step.group.is_none())
        .map(|step| step.id.to_string())
        .collect()
}

fn retried(workflow: &Workflow, step: &str) -> bool {
    workflow.steps.iter().any(|it| it.id.as_str() == step && it.retry.attempts > 1)
}

#[test]
fn without_failures_every_machine_succeeds_in_its_counted_transitions() {
    for workflow in workflows() {
        let (_, run) = World::new().run(&workflow);
        assert_eq!(run.end, Some(End::Succeeded), "{}", workflow.id);
        assert_eq!(run.transitions, Budget::of(&workflow).unwrap().happy_transitions, "{}", workflow.id);
    }
}

#[test]
fn an_error_that_goes_away_is_tried_again_and_nobody_is_asked() {
    let mut errors: Vec<&str> = PLATFORM_ERRORS.to_vec();
    errors.extend(["Timeout", "ProviderUnavailable", "RateLimited", "AgentBusy", "Interrupted"]);
    for workflow in workflows() {
        for step in on_path(&workflow).iter().filter(|step| retried(&workflow, step)) {
            for error in &errors {
                let mut world = World::failing(step, &[error]);
                let (_, run) = world.run(&workflow);
                assert_eq!(run.end, Some(End::Succeeded), "{} {step} {error}", workflow.id);
                assert!(world.helped.is_empty(), "{} {step} {error}", workflow.id);
                assert_eq!(run.transitions, Budget::of(&workflow).unwrap().happy_transitions + 1);
            }
        }
    }
}

#[test]
fn an_error_that_needs_a_person_asks_and_then_goes_on_at_the_same_step() {
    for workflow in workflows() {
        for step in on_path(&workflow) {
            for error in ["Validation", "Permission"] {
                let mut world = World::failing(&step, &[error]);
                let (_, run) = world.run(&workflow);
                assert_eq!(run.end, Some(End::Succeeded), "{} {step} {error}", workflow.id);
                let help = format!("{step}.help");
                let asked = world.calls.iter().find(|(state, _)| *state == help).unwrap();
                assert_eq!(asked.1["error"], error);
                let after = run.entered.iter().skip_while(|state| **state != help).nth(1);
                assert_eq!(after, Some(&step));
            }
        }
    }
}

#[test]
fn an_outside_system_that_stays_down_asks_and_never_rolls_back_by_itself() {
    for workflow in workflows() {
        for step in on_path(&workflow) {
            for error in ["ProviderUnavailable", "Lambda.Unknown", "Runtime.ExitError"] {
                let attempts = workflow.step(&step.parse().unwrap()).unwrap().retry.attempts as usize;
                let mut world = World::failing(&step, &vec![error; attempts]);
                let (_, run) = world.run(&workflow);
                assert_eq!(run.end, Some(End::Succeeded), "{} {step} {error}", workflow.id);
                assert_eq!(world.helped[&format!("{step}.help")], 1, "{} {step} {error}", workflow.id);
            }
        }
    }
}

#[test]
fn whatever_else_happens_everything_done_is_undone_and_the_end_has_a_name() {
    for workflow in workflows() {
        for step in on_path(&workflow) {
            for error in ["Critical", "Defect", "Ending", "alloc::string::String"] {
                let mut world = World::failing(&step, &[error]);
                let (_, run) = world.run(&workflow);
                assert_eq!(
                    run.end,
                    Some(End::Failed("RolledBack".to_owned())),
                    "{} {step} {error}",
                    workflow.id
                );
                assert!(world.effects.is_empty(), "{} {step} {error}: {:?}", workflow.id, world.effects);
                let (_, payload) = world.calls.iter().find(|(state, _)| state == "undo").unwrap();
                assert_eq!(payload["error"], error);
            }
        }
    }
}

#[test]
fn a_wait_that_times_out_and_a_help_that_cannot_be_shown_tell_the_undo_why() {
    for workflow in workflows() {
        for step in on_path(&workflow) {
            let definition = workflow.step(&step.parse().unwrap()).unwrap();
            let help = format!("{step}.help");
            let mut cases = vec![(help, "Lambda.Unknown", Some(step.clone()))];
            if definition.waits() {
                cases.push((step.clone(), "States.Timeout", None));
            }
            for (state, error, first_fails) in cases {
                let mut world = World { end: "Stopped".to_owned(), ..World::new() };
                world.broken.insert(state.clone(), error.to_owned());
                if let Some(step) = first_fails {
                    world.errors.insert(step, vec!["Validation".to_owned()]);
                }
                let (_, run) = world.run(&workflow);
                assert_eq!(run.end, Some(End::Succeeded), "{} {state}", workflow.id);
                let (_, payload) = world.calls.iter().find(|(state, _)| state == "undo").unwrap();
                assert_eq!(payload["error"], error, "{} {state}", workflow.id);
            }
        }
    }
}

#[test]
fn the_undo_says_how_the_run_ends() {
    let workflow = workflows().into_iter().find(|it| it.id.as_str() == "emergency-fund-builder").unwrap();
    for (answer, end) in [
        ("RolledBack", End::Failed("RolledBack".to_owned())),
        ("Failed", End::Failed("Failed".to_owned())),
        ("Stopped", End::Succeeded),
        ("Whatever", End::Failed("NeedsAttention".to_owned())),
    ] {
        let mut world = World { end: answer.to_owned(), ..World::failing("side-income", &["Ending"]) };
        assert_eq!(world.run(&workflow).1.end, Some(end), "{answer}");
    }
}

#[test]
fn an_undo_that_fails_is_recorded_and_the_others_are_still_undone() {
    for workflow in workflows().iter().filter(|workflow| on_path(workflow).len() > 1) {
        let steps = on_path(workflow);
        let last = steps.last().unwrap();
        let mut world = World::failing(last, &["Critical"]);
        world.errors.insert("undo".to_owned(), vec!["Critical".to_owned()]);
        let (_, run) = world.run(workflow);
        assert!(matches!(run.end, Some(End::Failed(_))), "{}", workflow.id);
        assert!(world.effects.is_empty(), "{}", workflow.id);
        let (_, payload) = world.calls.iter().find(|(state, _)| state == "undo.failed").unwrap();
        assert_eq!((&payload["error"], &payload["undo_error"]), (&json!("Critical"), &json!("Critical")));
    }
}

#[test]
fn an_undo_that_cannot_even_be_recorded_needs_attention() {
    for workflow in workflows() {
        let step = on_path(&workflow).first().cloned();
        let Some(step) = step else { continue };
        let mut world = World::failing(&step, &["Critical"]);
        world.broken.insert("undo".to_owned(), "Defect".to_owned());
        world.broken.insert("undo.failed".to_owned(), "Lambda.Unknown".to_owned());
        let (_, run) = world.run(&workflow);
        assert_eq!(run.end, Some(End::Failed("NeedsAttention".to_owned())), "{}", workflow.id);
    }
}

#[test]
fn a_step_that_is_never_helped_ends_within_the_worst_case() {
    for workflow in workflows() {
        for step in on_path(&workflow) {
            for error in ["Validation", "ProviderUnavailable", "Lambda.Unknown"] {
                let mut world = World::new();
                world.broken.insert(step.clone(), error.to_owned());
                let (_, run) = world.run(&workflow);
                assert_eq!(run.end, Some(End::Failed("RolledBack".to_owned())), "{} {step}", workflow.id);
                assert!(run.transitions <= Budget::of(&workflow).unwrap().worst_transitions);
            }
        }
    }
}

#[test]
fn a_no_of_the_other_side_takes_the_fallback_once() {
    let workflow = workflows().into_iter().find(|it| it.id.as_str() == "fixture-fallback").unwrap();
    let (_, run) = World::failing("ask-first", &["Declined"]).run(&workflow);
    assert_eq!(run.end, Some(End::Succeeded));
    assert_eq!(run.entered, ["ask-first", "ask-second", "after"]);
}

#[test]
fn a_failing_member_undoes_its_group_and_the_run_goes_on_after_it() {
    for name in ["fixture-group", "fixture-group-in-branch"] {
        let workflow = workflows().into_iter().find(|it| it.id.as_str() == name).unwrap();
        let mut world = World { end: "Continue".to_owned(), ..World::failing("two", &["Critical"]) };
        let (_, run) = world.run(&workflow);
        assert_eq!(run.end, Some(End::Succeeded), "{name}");
        assert!(run.entered.contains(&"undo.both".to_owned()), "{name}: {:?}", run.entered);
        assert!(!run.entered.contains(&"undo".to_owned()), "{name}: {:?}", run.entered);
        let (_, payload) = world.calls.iter().find(|(state, _)| state == "undo.both").unwrap();
        assert_eq!(payload["group"], "both");

        // When the whole run is ending, the group's loop hands over to the run's.
        let mut world = World { end: "Leave".to_owned(), ..World::failing("two", &["Ending"]) };
        let (_, run) = world.run(&workflow);
        assert!(run.entered.contains(&"undo".to_owned()), "{name}: {:?}", run.entered);
    }
}

#[test]
fn every_class_of_error_is_tried_here() {
    let transient = ["Timeout", "ProviderUnavailable", "RateLimited", "AgentBusy", "Interrupted"];
    let rest = ["Validation", "Permission", "Declined", "Critical", "Defect", "Ending"];
    let mut tried: Vec<&str> = transient.into_iter().chain(rest).collect();
    let mut all: Vec<&str> = ErrorClass::ALL.iter().map(|class| class.as_str()).collect();
    tried.sort_unstable();
    all.sort_unstable();
    assert_eq!(tried, all);
}
