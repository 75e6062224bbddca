//! Where the other side says no to more than an item: to looking, to saying what happened, to a proof.

use crate::recovery::{grouped, undo};
use crate::world::{Stage, Twist};
use engine::{FailedGroup, ItemState, StepStatus};
use events::{Answer, ErrorClass, Operation, Proof};
use jiff::SignedDuration;
use ports::{Mode, Slot};
use shell::Classified;
use statemachines::{OnGroupFailure, Workflow};

const NO: &str = "told to fail: Declined";

/// `instead` does what another step cannot do.
fn with_fallback(workflow: &mut Workflow, of: &str) {
    let step = workflow.steps.iter_mut().find(|step| step.id.as_str() == of).unwrap();
    let mut instead = step.clone();
    instead.id = "instead".try_into().unwrap();
    instead.depends_on.clear();
    step.fallback = Some(instead.id.clone());
    workflow.steps.push(instead);
}

fn declines(stage: &Stage, question: Option<Operation>) {
    stage.world.provider.lock().unwrap().declines = question;
}

#[tokio::test]
async fn a_step_that_is_declined_as_a_whole_is_left_out_and_the_run_goes_on() {
    let stage = Stage::with(&["a"]).await;
    declines(&stage, Some(Operation::Propose));
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    let entry = stage.entry("rules");
    assert_eq!((entry.status, entry.diverted), (StepStatus::Skipped, false));
    assert!(stage.told(NO), "the user is told what was not done");
}

#[tokio::test]
async fn what_was_approved_and_is_declined_when_it_is_looked_at_again_is_not_done() {
    let stage = Stage::with(&["a", "b"]).await;
    stage.coordinator.work(&stage.work("wins", Mode::Step, Some("t"))).await.unwrap();
    declines(&stage, Some(Operation::Propose));
    stage.answer("wins", Slot::Ask, stage.approve("wins", "a")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    let item = stage.record("wins").items[0].clone();
    assert_eq!((item.state, item.summary.as_str()), (ItemState::Declined, NO));
    assert!(stage.tokens().is_empty(), "the other one is still asked about");
    stage.answer("wins", Slot::Ask, Stage::skip("b")).await;
    stage.coordinator.work(&stage.work("wins", Mode::Continue, None)).await.unwrap();
    assert_eq!((stage.entry("wins").status, stage.effects()), (StepStatus::Complete, 0));
    assert_eq!(stage.tokens(), [("t".to_owned(), Ok(()))]);
}

#[tokio::test]
async fn an_item_that_fails_because_it_is_declined_is_declined() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::FailItems(ErrorClass::Declined)]);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.record("rules").items[0].state, ItemState::Declined);
}

#[tokio::test]
async fn a_step_that_is_declined_as_a_whole_is_replaced_by_its_fallback() {
    let stage = Stage::of(&["a"], |workflow| with_fallback(workflow, "rules")).await;
    declines(&stage, Some(Operation::Propose));
    for _ in 0..2 {
        let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
        assert_eq!(failed.class(), ErrorClass::Declined, "the machine takes the fallback");
    }
    assert!(stage.entry("rules").diverted);
    declines(&stage, None);
    stage.coordinator.work(&stage.work("instead", Mode::Step, None)).await.unwrap();
    assert_eq!(stage.entry("instead").status, StepStatus::Complete);
}

#[tokio::test]
async fn a_group_whose_member_is_declined_as_a_whole_counts_for_nothing() {
    let stage = Stage::of(&["a"], grouped(OnGroupFailure::Continue)).await;
    stage.coordinator.work(&stage.work("bills", Mode::Step, Some("t"))).await.unwrap();
    declines(&stage, Some(Operation::Propose));
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::Declined);
    assert_eq!(undo(&stage, "Declined", Some("both")).await, "Continue");
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn a_member_with_a_fallback_of_its_own_that_is_done_in_part_undoes_its_group() {
    let stage = Stage::of(&["a", "b"], |workflow| {
        grouped(OnGroupFailure::Continue)(workflow);
        with_fallback(workflow, "bills");
    })
    .await;
    stage.half_done("bills", "t").await;
    assert_eq!(stage.tokens(), [("t".to_owned(), Err(ErrorClass::Declined))]);
    // For what was declined the machine takes the fallback, which finds that the group has failed.
    let refused = stage.coordinator.work(&stage.work("instead", Mode::Step, Some("i"))).await;
    assert!(refused.is_ok() && stage.tokens()[1].1 == Err(ErrorClass::Ending), "{refused:?}");
    assert_eq!(undo(&stage, "Ending", Some("both")).await, "Continue");
    assert_eq!((stage.effects(), stage.run().failed_groups["both"]), (0, FailedGroup::Undone));
}

#[tokio::test]
async fn who_does_not_say_what_happened_leaves_it_open() {
    let stage = Stage::with(&["a"]).await;
    stage.twist([Twist::LoseAnswer]);
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    stage.pass(SignedDuration::from_secs(60));
    stage.world.provider.lock().unwrap().probe_fails = Some(ErrorClass::Declined);
    let failed = stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap_err();
    assert_eq!(failed.class(), ErrorClass::ProviderUnavailable, "it is asked again, and then a person is");
    stage.world.provider.lock().unwrap().probe_fails = None;
    stage.coordinator.work(&stage.work("rules", Mode::Step, None)).await.unwrap();
    assert_eq!((stage.record("rules").items[0].state.clone(), stage.effects()), (ItemState::Done, 1));
}

#[tokio::test]
async fn a_proof_that_is_declined_can_be_given_again() {
    let stage = Stage::with(&[]).await;
    stage.coordinator.work(&stage.work("gig", Mode::Step, Some("t"))).await.unwrap();
    let proof = || Proof { item_id: None, reference: "APP-1".to_owned(), file: None };
    stage.world.provider.lock().unwrap().proofs.insert(proof().reference);
    for (declined, status) in [(true, StepStatus::WaitingUser), (false, StepStatus::Complete)] {
        declines(&stage, declined.then_some(Operation::Verify));
        stage.answer("gig", Slot::Ask, Answer::Done { proof: proof() }).await;
        stage.coordinator.work(&stage.work("gig", Mode::Continue, None)).await.unwrap();
        assert_eq!(stage.entry("gig").status, status);
    }
}
