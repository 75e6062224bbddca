//! Bringing a run to an end from outside its execution.

use crate::failed::Failed;
use engine::{Change, Out, Run, apply};
use jiff::Timestamp;
use ports::{Commit, CommitError, Key, Read, Record, StepFunction, Stored, Write};
use statemachines::{Catalog, Step, StepKind, Workflow};

/// How often one change is decided again because the run changed meanwhile.
const TRIES: u32 = 8;

/// Applies one change to a run, conditional on what was read, decided again when that changed.
///
/// # Errors
/// [`Failed::Illegal`] when the run does not allow it (any more), [`Failed::Missing`] when there is no such run or definition.
pub async fn change_run<P: Read + Commit>(
    ports: &P,
    catalog: &Catalog,
    key: &Key,
    change: &Change,
    now: Timestamp,
) -> Result<Run, Failed> {
    change_run_beside(ports, catalog, key, change, None, now).await
}

/// The same together with another write, or not at all.
///
/// # Errors
/// The same, and [`Failed::Contended`] when what the other write is about has changed.
pub async fn change_run_beside<P: Read + Commit>(
    ports: &P,
    catalog: &Catalog,
    key: &Key,
    change: &Change,
    beside: Option<&Write>,
    now: Timestamp,
) -> Result<Run, Failed> {
    for _ in 0..TRIES {
        let Some(Stored { record: Record::Run(run), rev, .. }) =
            ports.read(std::slice::from_ref(key)).await?.pop()
        else {
            return Err(Failed::missing("run"));
        };
        let workflow = definition(catalog, &run)?;
        let (run, events) = apply(&run, workflow, change, now)?;
        let write = Write::update(Record::Run(run.clone()), rev).telling(events.into_iter().map(Out::Run));
        match ports.commit([write].into_iter().chain(beside.cloned()).collect()).await {
            Ok(()) => return Ok(run),
            Err(CommitError::Conflict { index: 0 }) => {}
            Err(CommitError::Conflict { .. }) => return Err(Failed::Contended(1)),
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}

/// The definition that a run is pinned to.
///
/// # Errors
/// [`Failed::Missing`] when the catalog no longer has it.
pub fn definition<'a>(catalog: &'a Catalog, run: &Run) -> Result<&'a Workflow, Failed> {
    let (id, version) = (&run.workflow_id, run.version);
    catalog.get(id, version).ok_or_else(|| Failed::missing(format!("version {version} of workflow {id}")))
}

/// The function that carries out a step.
#[must_use]
pub fn function_of(step: &Step) -> StepFunction {
    match step.kind {
        StepKind::Automated => StepFunction::Automated,
        StepKind::SemiAutomated => StepFunction::SemiAutomated,
        StepKind::Manual => StepFunction::Manual,
    }
}
