//! Two providers that can stand in for each other: when the second takes over, and when never.

use crate::world::{Stage, Twist};
use engine::{ItemState, StepStatus};
use events::{ErrorClass, Operation};
use jiff::SignedDuration;
use ports::Mode;
use shell::Classified;

const FIRST: &str = "savings";
const SECOND: &str = "savings-partner";

async fn stage() -> Stage {
    let providers = vec![FIRST.to_owned(), SECOND.to_owned()];
    Stage::of(&["a", "b"], |workflow| workflow.steps[3].providers = providers).await
}

impl Stage {
    /// At which provider each effect is in force.
    fn places(&self) -> Vec<String> {
        let provider = self.world.provider.lock().unwrap();
        provider.places.values().map(|place| place.clone().unwrap_or_default()).collect()
    }

    fn asked(&self) -> Vec<Operation> {
        self.world.provider.lock().unwrap().asked.clone()
    }

    async fn set_up(&self) -> Result<(), ErrorClass> {
        let work = self.work("rules", Mode::Step, None);
        self.coordinator.work(&work).await.map_err(|failed| failed.class())
    }
}

#[tokio::test]
async fn the_first_provider_is_the_one_that_is_used() {
    let stage = stage().await;
    stage.set_up().await.unwrap();
    assert_eq!(stage.places(), [FIRST, FIRST]);
    assert_eq!(stage.record("rules").items[0].provider.as_deref(), Some(FIRST));
}

#[tokio::test]
async fn what_cannot_be_proposed_at_one_is_proposed_and_done_at_the_other() {
    let stage = stage().await;
    stage.world.provider.lock().unwrap().down.insert(FIRST.to_owned());
    stage.set_up().await.unwrap();
    assert_eq!(stage.places(), [SECOND, SECOND]);
    let message = stage.told("2 of 2 done (at savings-partner, as savings did not answer)");
    assert!(message, "the user is told where");

    // It is undone where it was done; the model knows nothing of it anywhere else.
    let mut undo = stage.work("rules", Mode::Undo, None);
    undo.step_id = None;
    undo.error = Some("Critical".to_owned());
    assert_eq!(stage.coordinator.undo(&undo).await.unwrap().next, "RolledBack");
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn what_had_no_effect_at_one_goes_to_the_other_in_the_same_attempt() {
    for class in [ErrorClass::ProviderUnavailable, ErrorClass::RateLimited] {
        let stage = stage().await;
        stage.twist([Twist::FailItems(class)]);
        stage.set_up().await.unwrap();
        assert_eq!(stage.places(), [SECOND, SECOND]);
        assert_eq!(stage.asked(), [Operation::Propose, Operation::Execute, Operation::Execute]);
        assert_eq!(stage.entry("rules").attempt, 1);
    }
    // Another failure is no reason to go elsewhere.
    let stage = stage().await;
    stage.twist([Twist::FailItems(ErrorClass::Validation)]);
    assert_eq!(stage.set_up().await, Err(ErrorClass::Validation));
    assert_eq!(stage.effects(), 0);
}

#[tokio::test]
async fn what_nobody_knows_is_probed_first() {
    use Operation::{Execute, Probe, Propose};
    let stage = stage().await;
    stage.twist([Twist::Unknown { done: false }]);
    stage.set_up().await.unwrap();
    assert_eq!(stage.asked(), [Propose, Execute, Probe, Execute]);
    assert_eq!(stage.places(), [SECOND, SECOND]);

    let stage = self::stage().await;
    stage.twist([Twist::Unknown { done: true }]);
    stage.set_up().await.unwrap();
    assert_eq!(stage.asked(), [Propose, Execute, Probe], "found, and done nowhere else");
    assert_eq!(stage.places(), [FIRST, FIRST]);
}

#[tokio::test]
async fn after_what_is_unsafe_nothing_begins_here_or_elsewhere() {
    use Operation::{Execute, Propose};
    let stage = stage().await;
    stage.twist([Twist::FailEach(&[ErrorClass::Critical, ErrorClass::ProviderUnavailable])]);
    // Also not when the platform tries once more because the answer got lost.
    for _ in 0..2 {
        assert_eq!(stage.set_up().await, Err(ErrorClass::Critical));
        assert_eq!(stage.asked(), [Propose, Execute]);
    }
    assert!(stage.places().is_empty());
}

#[tokio::test]
async fn what_stays_unknown_is_never_done_elsewhere() {
    let stage = stage().await;
    stage.twist([Twist::Unknown { done: true }]);
    stage.world.provider.lock().unwrap().probe_fails = Some(ErrorClass::ProviderUnavailable);
    assert_eq!(stage.set_up().await, Err(ErrorClass::ProviderUnavailable));
    assert_eq!(stage.places(), [FIRST, FIRST]);
    assert!(stage.record("rules").items.iter().all(|item| item.state == ItemState::Unknown));
    // Once it can be asked again, it is found where it was begun.
    stage.world.provider.lock().unwrap().probe_fails = None;
    stage.pass(SignedDuration::from_secs(60));
    stage.set_up().await.unwrap();
    assert_eq!(stage.entry("rules").status, StepStatus::Complete);
    assert_eq!(stage.places(), [FIRST, FIRST]);
}

#[tokio::test]
async fn a_provider_that_is_not_linked_is_never_asked() {
    let stage = stage().await;
    stage.unlink(SECOND).await;
    stage.twist([Twist::FailItems(ErrorClass::ProviderUnavailable)]);
    assert_eq!(stage.set_up().await, Err(ErrorClass::ProviderUnavailable));
    assert_eq!(stage.asked(), [Operation::Propose, Operation::Execute]);
    stage.set_up().await.unwrap();
    assert_eq!(stage.places(), [FIRST, FIRST], "tried again where it was");
}
