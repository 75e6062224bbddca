//! What a record has to tell: the events to store and the entries for the bus. Pure.

use engine::{Out, Run};
use events::{Envelope, Event, EventType, Resource, StepId, UserId, WorkflowEvent};
use jiff::Timestamp;
use ports::{BusEntry, Record, Stored, Write};
use statemachines::Cost;
use std::ops::RangeInclusive;

/// The largest detail that fits into a call of the bus with all that goes along (256 KiB).
const LARGEST_DETAIL: usize = 250 * 1024;

/// What a record has to tell.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// Events of a run, to be stored.
    pub(crate) writes: Vec<Write>,
    /// Entries for the bus, in order.
    pub(crate) entries: Vec<BusEntry>,
}

/// Why a record can never be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Poison {
    /// The image is none of ours.
    #[error("the image cannot be read")]
    Unreadable,
    /// An event of another kind of record.
    #[error("the record is not of the kind that tells this")]
    WrongRecord,
    /// More events than numbers.
    #[error("the record has fewer numbers than events")]
    Unnumbered,
    /// An event that no bus takes.
    #[error("an event is too large for the bus")]
    TooLarge,
}

/// Numbers what a record tells and wraps it. `at` is when the record changed.
pub(crate) fn prepare(stored: &Stored, out: Vec<Out>, at: Timestamp) -> Result<Prepared, Poison> {
    let mut prepared = Prepared::default();
    let before = stored.seq.checked_sub(out.len() as u64).ok_or(Poison::Unnumbered)?;
    for (seq, out) in (before + 1..).zip(out) {
        let entry = match (out, &stored.record) {
            (Out::Run(event), Record::Run(run)) => {
                let mut event = event.numbered(run.run_id.clone(), run.workflow_id.clone(), seq, at);
                event.metrics.resources_used = used(run, &event);
                if is_end(&event) {
                    event.metrics.cost_incurred = run.fees(event.step_id.as_ref());
                }
                prepared.writes.push(Write::create(Record::Event(event.clone())));
                entry(format!("{}-{seq}", run.run_id), at, &run.user_id, event)?
            }
            (Out::Recommended(actions), Record::Recommendation(it)) => {
                entry(it.recommendation_id.to_string(), it.made_at, &it.user_id, actions)?
            }
            (Out::Suggested(next), Record::Completion(it)) => {
                entry(format!("{}-suggestion", it.run_id), at, &it.user_id, next)?
            }
            (Out::Unlocked(unlocked), Record::Achievement(it)) => {
                entry(format!("{}-{}", it.user_id, unlocked.achievement_id), at, &it.user_id, unlocked)?
            }
            _ => return Err(Poison::WrongRecord),
        };
        prepared.entries.push(entry);
    }
    Ok(prepared)
}

/// Says of each number of a run that what it stood for is lost, and in which state the run is.
pub(crate) fn lost(run: &Run, numbers: RangeInclusive<u64>, at: Timestamp) -> Result<Prepared, Poison> {
    let mut prepared = Prepared::default();
    for seq in numbers {
        let event = engine::lost(run).numbered(run.run_id.clone(), run.workflow_id.clone(), seq, at);
        prepared.writes.push(Write::create(Record::Event(event.clone())));
        prepared.entries.push(entry(format!("{}-{seq}", run.run_id), at, &run.user_id, event)?);
    }
    Ok(prepared)
}

fn is_end(event: &WorkflowEvent) -> bool {
    matches!(
        event.event_type,
        EventType::StepCompleted
            | EventType::StepFailed
            | EventType::WorkflowCompleted
            | EventType::WorkflowFailed
    )
}

/// What an end took: the attempts of the step, or of all steps, how often a person helped, and of a whole run what that cost here.
fn used(run: &Run, event: &WorkflowEvent) -> Vec<Resource> {
    let ends = is_end(event);
    let of_event = |step: &StepId| ends && event.step_id.as_ref().is_none_or(|it| it == step);
    let entries = || run.steps.iter().filter(|(step, _)| of_event(step)).map(|(_, entry)| entry);
    let attempts = entries().map(|entry| entry.attempt).fold(0, u32::saturating_add);
    let helped = entries().map(|entry| entry.helped).fold(0, u32::saturating_add);
    let whole = ends && event.step_id.is_none();
    let cost = Cost::counted(attempts.into(), helped.into(), event.seq);
    let cost = if whole { u32::try_from(cost).unwrap_or(u32::MAX) } else { 0 };
    [("attempt", attempts), ("help", helped), (Resource::CLOUD_COST, cost)]
        .into_iter()
        .filter(|(_, calls)| *calls > 0)
        .map(|(name, calls)| Resource { name: name.to_owned(), calls })
        .collect()
}

fn entry<T: Event>(id: String, time: Timestamp, user: &UserId, fact: T) -> Result<BusEntry, Poison> {
    let detail_type = fact.detail_type().to_owned();
    let envelope = Envelope::new(id, time, user.clone(), fact);
    let detail = serde_json::to_value(envelope).map_err(|_| Poison::Unreadable)?;
    if detail.to_string().len() > LARGEST_DETAIL {
        return Err(Poison::TooLarge);
    }
    Ok(BusEntry { detail_type, detail })
}
