//! Every sample is valid by its generated schema and reads back as it was written; every kind of message has one.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

use events::{
    AchievementUnlocked, ActionsRecommended, AgentMessage, AgentRequest, AgentResponse, Answer, Envelope,
    Event, EventType, SimulationCompleted, UserTaskAnswer, UserTaskRequest, WorkflowEvent, WorkflowSelected,
    WorkflowSuggested, contracts, is_known,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every sample: the kind of message, what is behind the dot in the file's name, and the text.
fn samples() -> Vec<(String, String, Value)> {
    let mut samples: Vec<_> = std::fs::read_dir(folder("samples"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let (kind, variant) = name.split_once('.').unwrap_or((name, ""));
            let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            (kind.to_owned(), variant.to_owned(), value)
        })
        .collect();
    samples.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    samples
}

fn again<T: Serialize + DeserializeOwned>(value: &Value) -> Value {
    let message: T =
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error} in {value}"));
    serde_json::to_value(message).unwrap()
}

/// The same of an event, whose kind the contract knows.
fn enveloped<T: Event + DeserializeOwned>(value: &Value) -> Value {
    let kind = read::<Envelope<T>>(value).data.detail_type();
    assert!(is_known(kind), "{kind}");
    again::<Envelope<T>>(value)
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn every_sample_is_valid_and_reads_back_as_it_was_written() {
    for (kind, variant, value) in samples() {
        let path = folder("schemas").join(&kind).with_extension("json");
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{kind}.{variant}: {errors:?}");
        let back = match kind.as_str() {
            "achievement-unlocked" => enveloped::<AchievementUnlocked>(&value),
            "actions-recommended" => enveloped::<ActionsRecommended>(&value),
            "agent-message" => enveloped::<AgentMessage>(&value),
            "agent-request" => again::<AgentRequest>(&value),
            "agent-response" => again::<AgentResponse>(&value),
            "simulation-completed" => enveloped::<SimulationCompleted>(&value),
            "user-task-answer" => enveloped::<UserTaskAnswer>(&value),
            "user-task-request" => enveloped::<UserTaskRequest>(&value),
            "workflow-event" => enveloped::<WorkflowEvent>(&value),
            "workflow-selected" => enveloped::<WorkflowSelected>(&value),
            "workflow-suggested" => enveloped::<WorkflowSuggested>(&value),
            other => panic!("{other} is no kind of message"),
        };
        assert_eq!(back, value, "{kind}.{variant}");
    }
}

#[test]
fn every_kind_of_message_has_a_sample() {
    let kinds: BTreeSet<String> = samples().into_iter().map(|(kind, ..)| kind).collect();
    let expected: BTreeSet<String> = contracts().iter().map(|contract| contract.name.to_owned()).collect();
    assert_eq!(kinds, expected);
}

#[test]
fn every_kind_of_event_and_answer_has_a_sample_that_is_named_after_it() {
    let variants = |of: &str| -> BTreeSet<String> {
        samples().into_iter().filter(|(kind, ..)| kind == of).map(|(_, variant, _)| variant).collect()
    };
    let events: BTreeSet<String> = EventType::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(variants("workflow-event"), events);
    for (_, variant, value) in samples().iter().filter(|(kind, ..)| kind == "workflow-event") {
        let event: Envelope<WorkflowEvent> = read(value);
        assert_eq!(event.data.detail_type(), variant);
    }
    for (_, variant, value) in samples().iter().filter(|(kind, ..)| kind == "user-task-answer") {
        let answer: Envelope<UserTaskAnswer> = read(value);
        let name = match answer.data.answer {
            Answer::Approve { .. } => "approve",
            Answer::Modify { .. } => "modify",
            Answer::Skip { .. } => "skip",
            Answer::Progress { .. } => "progress",
            Answer::Help { .. } => "help",
            Answer::Done { .. } => "done",
            Answer::Continue { .. } => "continue",
            Answer::Override {} => "override",
            Answer::Grant {} => "grant",
            Answer::Deny {} => "deny",
            Answer::Stop {} => "stop",
        };
        assert_eq!(name, variant);
    }
    assert_eq!(variants("user-task-answer").len(), 11);
}

type Change = fn(&mut Value);

#[test]
fn the_schemas_refuse_what_the_types_refuse() {
    let (_, _, good) = samples().into_iter().find(|(kind, ..)| kind == "simulation-completed").unwrap();
    let schema = std::fs::read_to_string(folder("schemas/simulation-completed.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let wrong: [(&str, Change); 5] = [
        ("a field too many", |value| value["data"]["runway"] = Value::from(2)),
        ("a field too few", |value| drop(value["data"].as_object_mut().unwrap().remove("liquid"))),
        ("a fraction of a cent", |value| value["data"]["liquid"]["minor"] = Value::from(0.5)),
        ("a text for a number", |value| value["data"]["runway_months"] = Value::from("2.1")),
        ("no user", |value| drop(value.as_object_mut().unwrap().remove("user_id"))),
    ];
    for (what, change) in wrong {
        let mut value = good.clone();
        change(&mut value);
        assert!(!validator.is_valid(&value), "{what}");
        assert!(serde_json::from_value::<Envelope<SimulationCompleted>>(value).is_err(), "{what}");
    }
}
