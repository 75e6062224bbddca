//! Every check finds its mistake, with the place and a way out, and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

use events::Choice;
use statemachines::{
    Definition, Level, Prerequisite, Published, Reversibility, RollbackStep, Seconds, Status, Step, StepKind,
    Trigger, Validation, Workflow, check, check_names,
};
use std::collections::BTreeSet;
use std::path::Path;

fn read(folder: &str) -> Vec<Definition> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            Definition::read(name, &std::fs::read_to_string(path).unwrap()).unwrap()
        })
        .collect()
}

fn fixture(name: &str) -> Definition {
    read("fixtures").into_iter().find(|it| it.file == format!("fixtures/{name}.yaml")).unwrap()
}

fn step<'a>(workflow: &'a mut Workflow, id: &str) -> &'a mut Step {
    workflow.steps.iter_mut().find(|step| step.id.as_str() == id).unwrap()
}

#[test]
fn the_catalog_has_no_findings() {
    let findings = check(&read("catalog"), &Published::new());
    assert!(
        findings.is_empty(),
        "{}",
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_fixtures_have_no_findings() {
    let findings = check(&read("fixtures"), &Published::new());
    let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", all.join("\n"));
}

type Change = fn(&mut Workflow);

/// Check, the fixture `parallel-paths` changed, where, and a word of what is said.
const MISTAKES: &[(&str, Change, &str, &str)] = &[
    ("action-names", |w| step(w, "audit").actions.clear(), "steps[audit].actions", "no action"),
    (
        "action-names",
        |w| {
            let again = step(w, "audit").actions[0].clone();
            step(w, "audit").actions.push(again);
        },
        "steps[audit].actions",
        "stands twice",
    ),
    (
        "agents",
        |w| step(w, "audit").agent = "spending-analyser".parse().unwrap(),
        "steps[audit].agent",
        "no agent `spending-analyser`",
    ),
    ("agents", |w| drop(w.agents.remove(0)), "steps[audit].agent", "not among"),
    ("agents", |w| w.agents[0].capacity = 0, "agents[spending-analyzer]", "capacity of 0"),
    (
        "consents",
        |w| step(w, "audit").consents.push("read_mail".into()),
        "steps[audit].consents",
        "no consent `read_mail`",
    ),
    (
        "consents",
        |w| {
            w.prerequisites
                .retain(|it| !matches!(it, Prerequisite::Consent { consent } if consent == "move_money"));
        },
        "steps[put-aside].consents",
        "no prerequisite",
    ),
    ("consents", |w| step(w, "earn").consents.clear(), "steps[earn].consents", "needs no consent"),
    ("group", |w| step(w, "earn").group = Some("alone".into()), "steps[earn].group", "only member"),
    (
        "irreversible",
        |w| {
            step(w, "haggle").group = Some("pair".into());
            step(w, "put-aside").group = Some("pair".into());
            step(w, "haggle").reversibility = Some(Reversibility::Irreversible);
            step(w, "haggle").undo = None;
        },
        "steps[haggle].reversibility",
        "`put-aside` of its group may still fail",
    ),
    ("names", |w| w.id = "Fixture_1".parse().unwrap(), "id", "cannot name a state machine"),
    (
        "names",
        |w| {
            step(w, "haggle").group = Some("next".into());
            step(w, "put-aside").group = Some("next".into());
        },
        "steps[haggle].group",
        "cannot name a group",
    ),
    ("order", |w| step(w, "audit").depends_on.push("earn".parse().unwrap()), "steps", "wait for each other"),
    ("order", |w| step(w, "trim").depends_on.push("audti".parse().unwrap()), "steps[trim]", "`audti`"),
    (
        "order",
        |w| step(w, "earn").fallback = Some("trim".parse().unwrap()),
        "steps[trim]",
        "cannot be a fallback",
    ),
    ("order", |w| step(w, "haggle").when = Some("1 > 2".into()), "steps[haggle].when", "never run"),
    (
        "output-types",
        |w| drop(step(w, "audit").outputs.insert("extra".into(), "Reducible[]".into())),
        "steps[audit].outputs.extra",
        "no type `Reducible[]`",
    ),
    (
        "prerequisites",
        |w| {
            w.prerequisites
                .push(Prerequisite::Check { check: "acounts.linked > 0".into(), otherwise: "Link.".into() });
        },
        "prerequisites[5].check",
        "`acounts`",
    ),
    ("providers", |w| w.external_dependencies.push("plad".into()), "externalDependencies", "`plad`"),
    (
        "providers",
        |w| step(w, "put-aside").providers.push("quotes".into()),
        "steps[put-aside].providers",
        "`quotes` is no external dependency",
    ),
    (
        "providers",
        |w| step(w, "put-aside").providers.extend(["plaid".into(), "plaid".into()]),
        "steps[put-aside].providers",
        "`plaid` stands there twice",
    ),
    ("providers", |w| step(w, "trim").providers.push("plaid".into()), "steps[trim].providers", "never asks"),
    (
        "providers",
        |w| w.prerequisites.push(Prerequisite::Link { link: "broker".into() }),
        "prerequisites",
        "no external dependency",
    ),
    ("retry", |w| step(w, "audit").retry.attempts = 0, "steps[audit].retryPolicy.attempts", "0 attempts"),
    ("retry", |w| step(w, "audit").retry.backoff = 0.5, "steps[audit].retryPolicy.backoff", "backoff of 0.5"),
    (
        "retry",
        |w| step(w, "audit").retry.max_delay = Seconds(2),
        "steps[audit].retryPolicy.maxDelay",
        "not longer than the first",
    ),
    (
        "rollback-plan",
        |w| {
            w.rollback_plan = ["trim", "haggle", "put-aside", "earn", "audit"]
                .map(|step| RollbackStep { step: step.parse().unwrap(), reason: String::new() })
                .to_vec();
        },
        "rollbackPlan[audit]",
        "no undo",
    ),
    (
        "status",
        |w| {
            step(w, "audit").agent = "debt-analyst".parse().unwrap();
            w.agents[0].agent = "debt-analyst".parse().unwrap();
            step(w, "audit").outputs.insert("debts".into(), "Debt[]".into());
        },
        "status",
        "`debt-analyst` is still planned",
    ),
    (
        "step-expressions",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "stpes[\"audit\"]".into())),
        "steps[trim].inputs.x",
        "`stpes`",
    ),
    (
        "step-expressions",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "simulation.runway".into())),
        "steps[trim].inputs.x",
        "`simulation.runway`",
    ),
    (
        "step-expressions",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "roudn1(1.0)".into())),
        "steps[trim].inputs.x",
        "`roudn1`",
    ),
    (
        "step-expressions",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "1 +".into())),
        "steps[trim].inputs.x",
        "no CEL",
    ),
    (
        "step-expressions",
        |w| {
            step(w, "audit")
                .validations
                .push(Validation { check: "outputs.x > 1".into(), otherwise: "x".into() });
        },
        "steps[audit].validations[0].check",
        "`outputs.x`",
    ),
    (
        "step-references",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "steps[\"adit\"].bills".into())),
        "steps[trim].inputs.x",
        "no step `adit`",
    ),
    (
        "step-references",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "steps[\"audit\"].bill".into())),
        "steps[trim].inputs.x",
        "no output `bill`",
    ),
    (
        "step-references",
        |w| drop(step(w, "trim").inputs.insert("x".into(), "steps[\"put-aside\"].rules".into())),
        "steps[trim].inputs.x",
        "not settled before",
    ),
    (
        "step-references",
        |w| drop(step(w, "put-aside").inputs.insert("x".into(), "steps[\"haggle\"].negotiated".into())),
        "steps[put-aside].inputs.x",
        "may be skipped",
    ),
    (
        "timeout",
        |w| step(w, "audit").timeout = Seconds(120),
        "steps[audit].timeout",
        "before the step function",
    ),
    ("timeout", |w| step(w, "audit").timeout = Seconds(700), "steps[audit].timeout", "too long"),
    (
        "timeout",
        |w| step(w, "audit").expected_duration = Seconds(0),
        "steps[audit].expectedDuration",
        "no time",
    ),
    ("triggers", |w| w.triggers.clear(), "triggers", "nothing ever recommends"),
    ("triggers", |w| w.triggers[0].score = "\"high\"".into(), "triggers[0]", "a number is needed"),
    (
        "triggers",
        |w| w.triggers[0].reason = "simulation.as_off".into(),
        "triggers[0].reason",
        "`simulation.as_off`",
    ),
    ("undo", |w| step(w, "haggle").undo = None, "steps[haggle].undo", "nothing says how"),
    ("undo", |w| step(w, "haggle").reversibility = None, "steps[haggle].undo", "no effects"),
    (
        "undo",
        |w| step(w, "earn").reversibility = Some(Reversibility::Irreversible),
        "steps[earn].undo",
        "irreversible and yet",
    ),
    ("wait", |w| step(w, "trim").interaction = None, "steps[trim].userInteraction", "without a deadline"),
    ("wait", |w| step(w, "haggle").may_ask = false, "steps[haggle].userInteraction", "never asks"),
    ("wait", |w| step(w, "trim").may_ask = true, "steps[trim].mayAsk", "only automated"),
    (
        "wait",
        |w| step(w, "trim").interaction.as_mut().unwrap().remind.push(Seconds(86_400)),
        "steps[trim].userInteraction.remind",
        "too late",
    ),
    (
        "wait",
        |w| step(w, "trim").interaction.as_mut().unwrap().choices = vec![Choice::Approve],
        "steps[trim].userInteraction.choices",
        "both approve and skip",
    ),
    (
        "wait",
        |w| step(w, "earn").interaction.as_mut().unwrap().choices.push(Choice::Stop),
        "steps[earn].userInteraction.choices",
        "Stop is no choice",
    ),
    ("whole-run", |w| w.max_age = Seconds(2 * 86_400 - 1), "maxAge", "may wait 2d"),
    ("whole-run", |w| w.estimated_duration.min = Seconds(90_000), "estimatedDuration", "more than the most"),
];

#[test]
fn every_check_finds_its_mistake() {
    for (name, change, path, what) in MISTAKES {
        let mut definition = fixture("parallel-paths");
        change(&mut definition.workflow);
        let findings = check(&[definition], &Published::new());
        let found =
            findings.iter().find(|it| it.check == *name && it.path == *path && it.what.contains(what));
        let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let found = found.unwrap_or_else(|| panic_with(name, path, what, &all));
        assert!(!found.help.is_empty(), "{found}");
        assert!(findings.is_sorted());
    }
}

fn panic_with(name: &str, path: &str, what: &str, all: &[String]) -> ! {
    panic!("{name} at {path:?} with {what:?} is not among:\n{}", all.join("\n"))
}

#[test]
fn a_wait_that_holds_up_an_unrelated_step_is_a_warning() {
    let mut definition = fixture("not-series-parallel");
    definition.workflow.steps[1].kind = StepKind::Manual;
    definition.workflow.steps[1].interaction = fixture("manual").workflow.steps[0].interaction.clone();
    let findings = check(&[definition], &Published::new());
    let found: Vec<_> = findings.iter().map(|it| (it.check, it.severity, it.path.as_str())).collect();
    assert_eq!(found, [("wait-blocks", Level::Warning, "steps[c]")]);
}

#[test]
fn a_workflow_too_large_for_the_platform_is_refused() {
    let mut definition = fixture("effects");
    let model = definition.workflow.steps[0].clone();
    definition.workflow.steps = (0..40)
        .map(|i| {
            let mut step = model.clone();
            step.id = format!("save-{i}").parse().unwrap();
            step
        })
        .collect();
    let findings = check(&[definition], &Published::new());
    assert!(findings.iter().any(|it| it.check == "budget" && it.what.contains("history events")));
    assert!(findings.iter().any(|it| it.check == "budget" && it.what.contains("dollars")));
}

#[test]
fn versions_are_found_by_their_file_and_never_change() {
    let definition = Definition { file: "catalog/fixture-once/1.yaml".into(), ..fixture("once") };
    let key = "fixture-once/1".to_owned();
    let checks = |definitions: &[Definition], published: &Published| -> Vec<String> {
        check(definitions, published).iter().map(|it| format!("{} {}", it.check, it.file)).collect()
    };
    let one = std::slice::from_ref(&definition);
    assert!(checks(one, &Published::from([(key.clone(), definition.digest.clone())])).is_empty());
    assert_eq!(
        checks(one, &Published::from([(key.clone(), "other".into())])),
        ["published catalog/fixture-once/1.yaml"]
    );
    assert_eq!(
        checks(&[], &Published::from([(key, "other".into())])),
        ["published-missing catalog/fixture-once/1.yaml"]
    );
    let moved = Definition { file: "catalog/fixture-once/2.yaml".into(), ..definition.clone() };
    assert_eq!(
        checks(&[definition, moved], &Published::new()),
        ["file-name catalog/fixture-once/2.yaml", "version-twice catalog/fixture-once/2.yaml"]
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let mut definition = fixture("parallel-paths");
    let workflow = &mut definition.workflow;
    workflow.status = Status::Available;
    workflow.triggers = Vec::<Trigger>::new();
    workflow.max_age = Seconds(1);
    step(workflow, "trim").interaction = None;
    step(workflow, "audit").timeout = Seconds(1);
    workflow.external_dependencies.push("plad".into());
    let checks: BTreeSet<&str> = check(&[definition], &Published::new()).iter().map(|it| it.check).collect();
    assert_eq!(checks, BTreeSet::from(["providers", "timeout", "triggers", "wait", "whole-run"]));
}

#[test]
fn every_check_is_tried_here() {
    let elsewhere = ["budget", "file-name", "published", "version-twice", "wait-blocks"];
    let tried: BTreeSet<&str> = MISTAKES.iter().map(|(name, ..)| *name).chain(elsewhere).collect();
    assert_eq!(tried, check_names().collect());
}
