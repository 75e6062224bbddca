//! Outputs that are kept apart from their step's record: put there before the record is written, fetched where a step reads them.

use crate::failed::Failed;
use crate::step::Attempt;
use crate::view::View;
use crate::{Coordinator, StepPorts, inputs};
use engine::{Apart, StepRecord};
use ports::{FetchApart, KeepApart, PortError};
use std::collections::BTreeSet;

/// A step's record as it is written. What is kept apart and then not referred to, because the write is refused, is in nobody's
/// way; and what cannot be kept there for now stays in the record.
pub(crate) async fn written(ports: &impl KeepApart, view: &View, record: &StepRecord) -> StepRecord {
    let Some(text) = record.long_outputs() else { return record.clone() };
    let apart = Apart::of(record, &text);
    let before = view.steps.get(&record.step_id).and_then(|it| it.apart.as_ref());
    if before == Some(&apart) {
        return record.parted(apart);
    }
    match ports.keep_apart(record, &apart, text).await {
        Ok(true) => record.parted(apart),
        Ok(false) => StepRecord { apart: None, ..record.clone() },
        Err(error) => {
            tracing::warn!(run.id = %record.run_id, error = %error, "outputs in run {} stay in their record", record.run_id);
            StepRecord { apart: None, ..record.clone() }
        }
    }
}

impl<P: StepPorts> Coordinator<P> {
    /// Fetches what an attempt reads of outputs that are kept apart: its step's inputs and condition, and what it gave so far.
    pub(crate) async fn fetch(&self, attempt: &mut Attempt<'_>) -> Result<(), Failed> {
        if attempt.view.steps.values().all(|record| record.apart.is_none()) {
            return Ok(());
        }
        let mut wanted: BTreeSet<String> = inputs::read_by(attempt.step)
            .filter(|it| {
                let record = attempt.view.steps.get(it.step.as_str());
                let here = |name| record.is_some_and(|record| record.outputs.contains_key(name));
                !it.output.as_ref().is_some_and(here)
            })
            .map(|it| it.step)
            .collect();
        wanted.insert(attempt.step.id.to_string());
        for id in wanted {
            if let Some(record) = attempt.view.steps.get_mut(id.as_str()) {
                fetch(&self.ports, record).await?;
            }
        }
        if let Some(own) = attempt.view.steps.get(&attempt.step.id) {
            attempt.record.outputs.clone_from(&own.outputs);
            // It has them all again; where they were, the view knows.
            attempt.record.apart = None;
        }
        Ok(())
    }
}

async fn fetch(ports: &impl FetchApart, record: &mut StepRecord) -> Result<(), PortError> {
    if let Some(apart) = &record.apart {
        let text = ports.fetch_apart(apart).await?;
        let outputs = apart.read(&text).ok_or_else(|| PortError::Unreadable { key: apart.key.clone() })?;
        record.outputs.extend(outputs);
    }
    Ok(())
}
