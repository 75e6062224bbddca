//! The prover is held to account: the same workflow, with as much to do, the same failures and the same answers, tells the same events
//! in the same order in its virtual time and on the local AWS.
//!
//! Compared is what was stored of each run: every event's kind and step, and the states and outcomes in it. Left out is what depends on
//! an agent's words, which the model of the agents does not have: reports while they work, what was brought and what was declined; and
//! what `completion` tells after the end. What a step tells several times in a row, such as a question for each of its items, counts
//! once: how many answers are taken in one go is a matter of time. Retries count each. What the local AWS does otherwise (no jitter, branches awaited) moves
//! times alone.

use crate::household::{Household, awaited};
use crate::turn;
use aws::{Aws, Table};
use demo::Auto;
use demo::wire::Card;
use events::{ErrorClass, EventType, Operation, RunId, WorkflowEvent};
use ports::{Key, Read, Record};
use prove::fault::{Act, HowAnswer, Twist};
use prove::provider::{Findings, Found};
use prove::{Case, Fault, Stage};
use serde_json::{Value, json};
use statemachines::{Catalog, Workflow, parse};
use std::collections::BTreeMap;

const EMERGENCY: &str = "emergency-fund-builder";

fn emergency() -> Workflow {
    Catalog::embedded().unwrap().latest(&EMERGENCY.parse().unwrap()).unwrap().clone()
}

/// What a run has told, as it is compared.
fn told(events: &[WorkflowEvent]) -> Vec<String> {
    let mut lines: Vec<String> = events.iter().filter_map(line).collect();
    once(&mut lines);
    lines
}

/// What is told several times in a row, once; but for retries.
fn once(lines: &mut Vec<String>) {
    let retrying = EventType::StepRetrying.as_str();
    lines.dedup_by(|next, line| next == line && !line.starts_with(retrying));
}

fn line(event: &WorkflowEvent) -> Option<String> {
    let step = event.step_id.as_ref().map(ToString::to_string);
    let (details, kind) = (&event.data.details, event.event_type.as_str());
    let word = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    Some(match event.event_type {
        EventType::StepProgress
        | EventType::SavingsAchieved
        | EventType::RiskReduced
        | EventType::GoalProgressed
        | EventType::PartialSuccess => return None,
        EventType::RunStateChanged => format!("{kind} {} {}", word("from"), word("to")),
        EventType::StepCompleted | EventType::StepFailed => {
            format!("{kind} {} {}", step.unwrap_or_default(), word("outcome"))
        }
        _ => format!("{kind} {}", step.unwrap_or_default()),
    })
}

/// What each of a run's steps found to do.
async fn findings(run: &RunId, workflow: &Workflow) -> Findings {
    let table = Table::from_env(&Aws::from_env().unwrap()).unwrap();
    let keys: Vec<Key> = workflow.steps.iter().map(|step| Key::Step(run.clone(), step.id.clone())).collect();
    let found = |stored: ports::Stored| match stored.record {
        Record::Step(record) => {
            let asks = record.items.iter().filter(|item| item.must_ask).count();
            Some((record.step_id, Found { items: record.items.len(), asks }))
        }
        _ => None,
    };
    table.read(&keys).await.unwrap().into_iter().filter_map(found).collect()
}

/// What goes wrong, as the prover names it.
type Faults = fn(&Stage) -> Vec<Fault>;

/// Plays a run again in virtual time.
fn simulated(workflow: Workflow, findings: Findings, usual: HowAnswer, faults: Faults) -> Vec<String> {
    let id = workflow.id.to_string();
    let stage = Stage::of(workflow).unwrap().like(findings, usual);
    let faults = faults(&stage);
    let verdict = stage.run(&Case { workflow: id, faults, seed: 1 }, false);
    let wrong: Vec<_> = verdict.wrong.iter().filter(|it| !is_meant(&stage, it)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    told(&stage.events())
}

/// One workflow is defective on purpose: it reads an output that is not there, and is rolled back for no other reason.
fn is_meant(stage: &Stage, wrong: &str) -> bool {
    let meant = ["a function says that there is a defect: input", "nothing gives a reason for RolledBack"];
    stage.workflow().id.as_str() == "hard-failure" && meant.iter().any(|it| wrong.starts_with(it))
}

/// The number of the first question of a kind to a step's agent.
fn question(stage: &Stage, before: &[Fault], step: &str, op: Operation) -> u64 {
    let workflow = stage.workflow().id.to_string();
    let points = stage.run(&Case { workflow, faults: before.to_vec(), seed: 1 }, false).points;
    points.agents.iter().position(|it| it.step.as_str() == step && it.op == op).unwrap() as u64
}

fn nothing(_: &Stage) -> Vec<Fault> {
    Vec::new()
}

/// The first attempt to read the transactions fails.
fn unavailable(stage: &Stage) -> Vec<Fault> {
    let at = question(stage, &[], "expense-audit", Operation::Propose);
    vec![Fault::Agent(at, Twist::Fail(ErrorClass::ProviderUnavailable))]
}

/// A biller freezes the account, and then no subscription can be restored.
fn undo_fails(stage: &Stage) -> Vec<Fault> {
    let at = question(stage, &[], "bill-negotiation", Operation::Execute);
    let critical = Fault::Agent(at, Twist::FailItem(ErrorClass::Critical));
    let at = question(stage, std::slice::from_ref(&critical), "quick-wins", Operation::Compensate);
    vec![critical, Fault::Agent(at, Twist::Always(ErrorClass::ProviderUnavailable))]
}

/// The savings service says no to one rule of a group.
fn half_done(stage: &Stage) -> Vec<Fault> {
    vec![Fault::Agent(question(stage, &[], "put-aside", Operation::Execute), Twist::Decline)]
}

/// The user cancels while the first question waits.
fn cancelled(stage: &Stage) -> Vec<Fault> {
    let workflow = stage.workflow().id.to_string();
    let points = stage.run(&Case { workflow, faults: Vec::new(), seed: 1 }, false).points;
    vec![Fault::Act(points.questions[0], Act::Cancel)]
}

fn same(what: &str, live: &[WorkflowEvent], simulated: &[String]) {
    let live = told(live);
    let line = |it: &Vec<String>| it.join("\n  ");
    assert_eq!(
        live,
        simulated,
        "{what}, on the local AWS:\n  {}\nsimulated:\n  {}",
        line(&live),
        simulated.join("\n  ")
    );
}

/// Lets a household's providers fail, runs the workflow to its end, and plays the same again.
async fn compare(name: &str, rules: &[(Value, Value)], auto: Auto, usual: HowAnswer, faults: Faults) {
    let household = Household::new(name).await;
    for (matching, fault) in rules {
        household.sandbox.fault(&household.name, matching.clone(), fault).await.unwrap();
    }
    tells_the_same(&household, auto, usual, faults).await;
}

/// Runs the workflow to its end, and plays the same again; the run.
async fn tells_the_same(household: &Household, auto: Auto, usual: HowAnswer, faults: Faults) -> RunId {
    let run = household.started(EMERGENCY).await;
    household.ended(&run, auto).await;
    let live = household.events(&run).await;
    let findings = findings(&run, &emergency()).await;
    same(&household.name, &live, &simulated(emergency(), findings, usual, faults));
    run
}

/// Runs the workflow to its end with everything approved and nothing in its way; the run.
pub(crate) async fn approved_tells_the_same(household: &Household) -> RunId {
    tells_the_same(household, Auto::Approve, HowAnswer::ApproveAll, nothing).await
}

#[tokio::test]
async fn an_approved_run_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    compare("same-approved", &[], Auto::Approve, HowAnswer::ApproveAll, nothing).await;
}

#[tokio::test]
async fn a_run_with_everything_left_out_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    compare("same-skipped", &[], Auto::Skip, HowAnswer::SkipAll, nothing).await;
}

#[tokio::test]
async fn a_failure_that_passes_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    let sync = json!({ "method": "POST", "path_prefix": "/transactions/sync", "skip": 0, "times": 1 });
    let down = json!({ "kind": "status", "status": 503 });
    compare("same-unavailable", &[(sync, down)], Auto::Approve, HowAnswer::ApproveAll, unavailable).await;
}

#[tokio::test]
async fn an_undo_that_fails_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    let frozen = json!({ "method": "POST", "path_prefix": "/billers/", "skip": 0, "times": 1 });
    let restores = json!({
        "method": "POST", "path_prefix": "/subscriptions/", "path_suffix": "/restore", "skip": 0, "times": null,
    });
    let rules = [
        (frozen, json!({ "kind": "account_frozen" })),
        (restores, json!({ "kind": "status", "status": 503 })),
    ];
    compare("same-undo-fails", &rules, Auto::Approve, HowAnswer::ApproveAll, undo_fails).await;
}

/// What fails in an all-or-nothing group undoes the group, and nothing else.
#[tokio::test]
async fn a_group_that_fails_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    let workflow = parse("half-done.yaml", include_str!("half-done.yaml")).unwrap();
    let household = Household::new("same-group").await;
    let rule = json!({ "method": "POST", "path_prefix": "/savings/rules", "skip": 0, "times": 1 });
    household.sandbox.fault(&household.name, rule, &json!({ "kind": "refused" })).await.unwrap();
    let run = household.started("half-done").await;
    let card = household.ended(&run, Auto::Approve).await;
    assert_eq!(card.status, "Completed", "{card:#?}");
    let effects = household.effects().await;
    let happened = |operation: &str| effects.iter().filter(|it| it["operation"] == operation).count();
    let changed = happened("subscription.cancel") + happened("subscription.downgrade");
    assert!(changed > 0 && happened("subscription.restore") == changed, "{effects:?}");
    assert_eq!(happened("savings.delete_rule"), happened("savings.create_rule"));
    assert!(happened("biller.accept_offer") > 0 && happened("biller.revert") == 0, "{effects:?}");
    let live = household.events(&run).await;
    let findings = findings(&run, &workflow).await;
    same("same-group", &live, &simulated(workflow, findings, HowAnswer::ApproveAll, half_done));
}

#[tokio::test]
async fn a_run_that_is_cancelled_while_it_waits_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("same-cancelled").await;
    let run = household.started(EMERGENCY).await;
    let waits = |card: &Card| card.current.iter().any(|it| it.waiting_user);
    let question = async || waits(&household.api.card(&run).await.unwrap()).then_some(());
    awaited("a question", question).await;
    household.api.end(&run, "cancel").await.unwrap();
    household.ended(&run, Auto::Approve).await;
    let live = household.events(&run).await;
    let findings = findings(&run, &emergency()).await;
    same("same-cancelled", &live, &simulated(emergency(), findings, HowAnswer::ApproveAll, cancelled));
}

#[tokio::test]
async fn a_hard_failure_tells_the_same() {
    let Some(_turn) = turn().await else { return };
    let workflow = parse("hard-failure.yaml", include_str!("hard-failure.yaml")).unwrap();
    let household = Household::new("same-hard").await;
    let run = household.started("hard-failure").await;
    household.ended(&run, Auto::Approve).await;
    let live = household.events(&run).await;
    let findings = findings(&run, &workflow).await;
    same("same-hard", &live, &simulated(workflow, findings, HowAnswer::ApproveAll, nothing));
}

/// Branches run side by side: what each step tells is compared, and what the run tells, each in its own order.
#[tokio::test]
async fn parallel_branches_tell_the_same() {
    let Some(_turn) = turn().await else { return };
    let text = include_str!("../../../statemachines/fixtures/parallel-paths.yaml");
    let workflow = parse("parallel-paths.yaml", text).unwrap();
    let household = Household::new("same-parallel").await;
    let run = household.started("fixture-parallel-paths").await;
    household.ended(&run, Auto::Approve).await;
    let findings = findings(&run, &workflow).await;
    let by_subject = |lines: Vec<String>| {
        let mut subjects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines {
            let subject = line.split(' ').nth(1).filter(|_| line.starts_with("step."));
            subjects.entry(subject.unwrap_or("run").to_owned()).or_default().push(line);
        }
        subjects.values_mut().for_each(once);
        subjects
    };
    let live = by_subject(told(&household.events(&run).await));
    assert_eq!(live, by_subject(simulated(workflow, findings, HowAnswer::ApproveAll, nothing)));
}
