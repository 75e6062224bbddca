//! Two parallel branches, a path taken because of a result, and all three types of step: a workflow that is no part of the catalog,
//! compiled and handed to the deployed functions as it is tried out locally (`infra/local/trial.py`).

use crate::household::Household;
use crate::{executions, root, turn};
use aws::{Aws, Table};
use demo::Auto;
use events::{EventType, RunId};
use ports::{Key, Read, Record};
use statemachines::{Budget, parse};
use std::collections::BTreeMap;
use std::path::PathBuf;

const WORKFLOW: &str = "fixture-parallel-paths";
const MACHINE: &str = "fixture-parallel-paths-v1";
const DEFINITION: &str = include_str!("../../../statemachines/fixtures/parallel-paths.yaml");

/// How each step ended: `complete` or `skipped`.
async fn outcomes(household: &Household, run: &RunId) -> BTreeMap<String, String> {
    let events = household.events(run).await;
    let ended = events.iter().filter(|it| it.event_type == EventType::StepCompleted);
    ended
        .map(|it| {
            let step = it.step_id.as_ref().unwrap().to_string();
            (step, it.data.details["outcome"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// How often the step Lambdas began each step, as they recorded it.
async fn attempts(run: &RunId) -> BTreeMap<String, u64> {
    let table = Table::from_env(&Aws::from_env().unwrap()).unwrap();
    let stored = table.read(&[Key::Run(run.clone())]).await.unwrap().remove(0);
    let Record::Run(run) = stored.record else { panic!("{stored:?} is no run") };
    run.steps.iter().map(|(step, entry)| (step.to_string(), u64::from(entry.attempt))).collect()
}

#[tokio::test]
async fn branches_run_side_by_side_with_one_transition_a_step() {
    let Some(_turn) = turn().await else { return };
    let household = Household::new("parallel").await;
    let run = household.started(WORKFLOW).await;
    let card = household.ended(&run, Auto::Approve).await;
    assert_eq!(card.status, "Completed", "{card:#?}");
    let outcomes = outcomes(&household, &run).await;
    let complete = ["audit", "earn", "haggle", "put-aside", "trim"];
    assert_eq!(outcomes, complete.map(|step| (step.to_owned(), "complete".to_owned())).into());

    // The local AWS does not tell of the states inside a Parallel: those are counted by what their handlers recorded.
    let entered = executions::states_entered(&household.aws, MACHINE, &run).await;
    let attempts = attempts(&run).await;
    let outside = ["audit", "earn"];
    let in_branches: u64 =
        attempts.iter().filter(|(step, _)| !outside.contains(&step.as_str())).map(|(_, count)| count).sum();
    assert_eq!(entered.len(), 3, "audit, the Parallel and earn: {entered:?}");
    assert_eq!(in_branches, 3, "{attempts:?}");
    let walked = Budget::of(&parse(WORKFLOW, DEFINITION).unwrap()).unwrap().happy_transitions;
    assert_eq!(entered.len() as u64 + in_branches, walked);
}

/// The project's household without the bills that could be negotiated.
fn without_bills() -> PathBuf {
    let text = std::fs::read_to_string(root().join("tests/sandbox/households/rivera.yaml")).unwrap();
    let (before, rest) = text.split_once("\nbills:").unwrap();
    let (_, after) = rest.split_once("\noffers:").unwrap();
    // Where it stays: the sandbox reads it again when it is started again.
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("without-bills.yaml");
    std::fs::write(&file, format!("{before}\noffers:{after}")).unwrap();
    file
}

#[tokio::test]
async fn a_path_is_left_out_where_the_result_before_it_says_so() {
    let Some(_turn) = turn().await else { return };
    let household = Household::of("no-bills", Some(without_bills())).await;
    let run = household.started(WORKFLOW).await;
    let card = household.ended(&run, Auto::Approve).await;
    assert_eq!(card.status, "Completed", "{card:#?}");
    let outcomes = outcomes(&household, &run).await;
    assert_eq!(outcomes["haggle"], "skipped");
    assert_eq!(outcomes["put-aside"], "complete", "what comes after it goes on");
}
