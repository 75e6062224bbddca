//! Telling of progress inside a step: an event of the run that changes no state.

use crate::app::App;
use engine::{Out, Run, RunEvent};
use events::{EventType, Severity, StepId};
use ports::{PortError, Report};
use serde_json::{Map, Value, json};

/// How a step comes along.
pub(crate) struct Progress<'a> {
    /// The step.
    pub step: &'a StepId,
    /// How far it is, in percent.
    pub percent: u8,
    /// One line.
    pub headline: String,
    /// The agent's figures, by name.
    pub figures: Option<Map<String, Value>>,
}

/// Writes it down. `false`: the run is gone, or works in another epoch.
pub(crate) async fn report<P: Report>(
    app: &App<P>,
    run: &Run,
    progress: Progress<'_>,
) -> Result<bool, PortError> {
    let mut details = Map::new();
    details.insert("percent".to_owned(), json!(progress.percent));
    details.insert("headline".to_owned(), json!(progress.headline));
    if let Some(figures) = progress.figures {
        details.insert("figures".to_owned(), Value::Object(figures));
    }
    let event = RunEvent {
        kind: EventType::StepProgress,
        step: Some(progress.step.clone()),
        severity: Severity::Info,
        // How far the step is, the card reckons in by itself.
        progress: run.progress,
        message: progress.headline,
        details,
        user_action: None,
        lasted: 0,
    };
    app.ports.report(&run.run_id, run.epoch, Out::Run(event)).await
}
