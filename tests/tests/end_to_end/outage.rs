//! The providers go away in the middle of a run, and come back.

use crate::household::Household;
use crate::{alone, root};
use demo::Auto;
use demo::wire::Card;
use events::EventType;
use std::process::Command;
use std::time::Duration;

/// How long the providers are away.
const OUTAGE: Duration = Duration::from_secs(5);

/// The providers while they are stopped; they are started again whatever becomes of the test.
pub(crate) struct Stopped;

impl Stopped {
    pub(crate) fn now() -> Self {
        sandbox("stop");
        Self
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        sandbox("start");
    }
}

/// Stops or starts the process; it keeps its state in a file.
fn sandbox(action: &str) {
    let command = ["infra/local/local.py", "sandbox", action];
    let status = Command::new("python3").args(command).current_dir(root()).status().unwrap();
    assert!(status.success(), "the sandbox does not {action}");
}

#[tokio::test]
async fn a_run_outlives_an_outage_of_the_providers() {
    let Some(_alone) = alone().await else { return };
    let household = Household::new("outage").await;
    let run = household.started("emergency-fund-builder").await;
    let asking = |card: &Card| card.current.iter().any(|it| it.name == "Quick Wins" && it.waiting_user);
    household.until(&run, Auto::Approve, asking).await;
    let stopped = Stopped::now();
    let (card, ()) = tokio::join!(household.ended(&run, Auto::Approve), async {
        tokio::time::sleep(OUTAGE).await;
        drop(stopped);
    });
    assert_eq!(card.status, "Completed", "{card:#?}");

    let events = household.events(&run).await;
    let retried = events.iter().filter(|it| it.event_type == EventType::StepRetrying);
    let steps: Vec<_> = retried.filter_map(|it| it.step_id.as_ref()).map(ToString::to_string).collect();
    assert!(steps.contains(&"quick-wins".to_owned()), "retried: {steps:?}");
    let effects = household.effects().await;
    let keys: std::collections::BTreeSet<_> = effects.iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert!(!effects.is_empty());
    assert_eq!(keys.len(), effects.len(), "an effect happened twice");
}
