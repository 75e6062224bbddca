//! What is too long for a record: kept apart and fetched, or refused before anything is done. And who takes too long.

use crate::world::{Stage, Twist};
use engine::{ItemState, StepStatus};
use events::{ErrorClass, Operation};
use jiff::SignedDuration;
use ports::Clock;
use ports::{Mode, Slot};
use serde_json::json;
use shell::Classified;

/// Findings of more than a record takes.
fn findings() -> Vec<String> {
    ["a", "b", "c", "d"].map(|it| it.repeat(600)).to_vec()
}

async fn audited() -> Stage {
    let stage = Stage::with(&["a"]).await;
    stage.world.provider.lock().unwrap().found = findings();
    stage
}

#[tokio::test]
async fn long_outputs_are_kept_apart_and_fetched_by_who_reads_them() {
    let stage = audited().await;
    let before = stage.world.memory.calls();
    stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.world.memory.calls() - before, 3, "as many calls of the table as ever");
    let record = stage.record("audit");
    assert!(record.outputs.is_empty());
    assert!(record.apart.unwrap().key.starts_with("runs/run-1/audit/"));
    assert_eq!(stage.world.memory.apart(), 1);

    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t1"))).await.unwrap();
    assert_eq!(stage.world.provider.lock().unwrap().inputs["found"], json!(findings()));
    // Which nobody reads are not fetched: this would fail.
    stage.world.memory.drop_apart();
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.entry("rules").status, StepStatus::Complete);
}

#[tokio::test]
async fn what_is_not_found_where_it_was_kept_is_a_defect() {
    let stage = audited().await;
    stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap();
    stage.world.memory.drop_apart();
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t1"))).await.unwrap();
    assert_eq!(stage.tokens(), [("t1".to_owned(), Err(ErrorClass::Defect))]);
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn outputs_that_cannot_be_kept_apart_stay_in_their_record() {
    let stage = audited().await;
    *stage.world.bucket_is_down.lock().unwrap() = true;
    stage.coordinator.work(&stage.work("audit", Mode::Step, None)).await.unwrap();
    let record = stage.record("audit");
    assert_eq!((&record.outputs["found"], record.apart), (&json!(findings()), None));
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t1"))).await.unwrap();
    assert_eq!(stage.world.provider.lock().unwrap().inputs["found"], json!(findings()));
}

#[tokio::test]
async fn outputs_over_several_executions_are_joined_wherever_they_are() {
    let ids = ["a", "b", "c", "d"].map(|it| it.repeat(120));
    let stage = Stage::with(&ids.each_ref().map(String::as_str)).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t1"))).await.unwrap();
    for (id, kept) in [(&ids[0], 0), (&ids[1], 0), (&ids[2], 0), (&ids[3], 1)] {
        assert_eq!(stage.world.memory.apart(), kept, "a short list stays");
        stage.answer("wins", Slot::Ask, stage.approve("wins", id)).await;
        stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    }
    assert_eq!(stage.entry("wins").status, StepStatus::Complete);
    // Three ids are long already, and all four are kept elsewhere: nothing is ever replaced.
    assert_eq!(stage.world.memory.apart(), 2);
    let apart = stage.record("wins").apart.unwrap();
    let outputs = apart.read(&stage.world.memory.kept(&apart).unwrap()).unwrap();
    assert_eq!(outputs["done"], json!(ids));
}

#[tokio::test]
async fn more_effects_than_a_step_may_have_are_a_defect_and_none_is_begun() {
    let ids: Vec<_> = (0..200).map(|it| format!("item-{it}")).collect();
    let stage = Stage::with(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!((failed.class(), stage.effects()), (ErrorClass::Defect, 0));
    assert_eq!(failed.message(), "Rules proposed 200 effects, 30 is the most");
}

#[tokio::test]
async fn a_proposal_that_cannot_be_recorded_is_a_defect_and_nothing_is_begun() {
    let stage = Stage::with(&["a", "b"]).await;
    for proposal in &mut stage.world.provider.lock().unwrap().proposals {
        proposal.evidence = vec!["a transaction".to_owned(); 1_000];
    }
    stage.world.memory.refuse_larger(20_000);
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!((failed.class(), stage.effects()), (ErrorClass::Defect, 0));
    assert_eq!(failed.message(), "more came of it than can be recorded");
    assert_eq!(stage.world.provider.lock().unwrap().asked, [Operation::Propose]);
}

#[tokio::test]
async fn an_effect_whose_end_cannot_be_recorded_is_undone_by_its_intent() {
    let stage = Stage::with(&["a"]).await;
    let memory = stage.world.memory.clone();
    let refuse: Box<dyn FnOnce() + Send> = Box::new(move || memory.refuse_larger(300));
    stage.world.provider.lock().unwrap().meanwhile.push_back((Operation::Execute, refuse));
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!((failed.class(), stage.effects()), (ErrorClass::Defect, 1));
    assert_eq!(stage.record("rules").items[0].state, ItemState::Executing);
    stage.world.memory.refuse_larger(usize::MAX);
    stage.pass(SignedDuration::from_secs(60));
    let mut undo = stage.work("rules", Mode::Undo, None);
    undo.step_id = None;
    undo.error = Some("Defect".to_owned());
    let undone = stage.coordinator.undo(&undo).await.unwrap();
    assert_eq!((undone.next, stage.effects()), ("RolledBack", 0));
}

#[tokio::test]
async fn no_piece_of_work_outlives_its_function() {
    let stage = Stage::with(&["a"]).await;
    // Each answer takes as long as it may; the first failure begins nothing, the second comes after the effect.
    stage.world.provider.lock().unwrap().takes = stage.coordinator.settings.agent_timeout;
    stage.twist([Twist::Fail(ErrorClass::ProviderUnavailable), Twist::LoseAnswer]);
    let mut attempts = 0;
    while stage.entry("rules").status != StepStatus::Complete {
        attempts += 1;
        let began = stage.world.now();
        if let Err(failed) = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await {
            assert!(failed.class().is_transient(), "attempt {attempts}: {failed}");
        }
        let took = stage.world.now().duration_since(began);
        assert!(took < SignedDuration::from_secs(120), "attempt {attempts} took {took}");
        assert!(attempts < 10, "it does not come to an end");
        stage.pass(SignedDuration::from_secs(60));
    }
    // The model of the provider panics on a second execution of one key.
    assert_eq!(stage.effects(), 1);
}
