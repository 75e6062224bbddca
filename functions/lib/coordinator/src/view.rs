//! Everything a step's work looks at, read in one call.

use crate::failed::Failed;
use engine::{Access, Run, RunContext, StepEntry, StepRecord, Task};
use events::StepId;
use jiff::Timestamp;
use ports::{Clock, Key, Read, Record, Slot, StepWork};
use serde_json::{Map, Value};
use statemachines::{Names, Step, Workflow};
use std::collections::BTreeMap;

/// A run as one step's work sees it.
#[derive(Clone, Debug)]
pub struct View {
    /// When it was read: when the piece of work began.
    pub read_at: Timestamp,
    /// The control record.
    pub run: Run,
    /// Its revision.
    pub run_rev: u64,
    /// The simulation's figures.
    pub simulation: Value,
    /// What the user allows.
    pub access: Access,
    /// The records of all steps that have one.
    pub steps: BTreeMap<StepId, StepRecord>,
    /// Their revisions.
    pub step_revs: BTreeMap<StepId, u64>,
    /// The open or last questions of this step, with their revisions.
    pub tasks: BTreeMap<Slot, (Task, u64)>,
}

impl View {
    /// Reads the view of a step's work; of the undo loop's when it has no step.
    ///
    /// # Errors
    /// [`Failed::Missing`] when there is no such run, [`Failed::Port`] when it cannot be read.
    pub async fn read(
        ports: &(impl Read + Clock),
        work: &StepWork,
        workflow: &Workflow,
    ) -> Result<Self, Failed> {
        let read_at = ports.now();
        let run_id = &work.run_id;
        let mut keys =
            vec![Key::Run(run_id.clone()), Key::Context(run_id.clone()), Key::Access(work.user_id.clone())];
        keys.extend(workflow.steps.iter().map(|step| Key::Step(run_id.clone(), step.id.clone())));
        if let Some(step) = &work.step_id {
            keys.extend(
                [Slot::Ask, Slot::Help, Slot::Undo].map(|slot| Key::Task(run_id.clone(), step.clone(), slot)),
            );
        }
        let mut run = None;
        let mut simulation = Value::Null;
        let mut access = Access::none(work.user_id.clone());
        let mut steps = BTreeMap::new();
        let mut step_revs = BTreeMap::new();
        let mut tasks = BTreeMap::new();
        for stored in ports.read(&keys).await? {
            match stored.record {
                Record::Run(it) => run = Some((it, stored.rev)),
                Record::Context(RunContext { simulation: it, .. }) => simulation = it,
                Record::Access(it) => access = it,
                Record::Step(it) => {
                    step_revs.insert(it.step_id.clone(), stored.rev);
                    steps.insert(it.step_id.clone(), it);
                }
                Record::Task(it) => {
                    tasks.insert(Slot::of(it.kind), (it, stored.rev));
                }
                _ => {}
            }
        }
        let (run, run_rev) = run.ok_or_else(|| Failed::missing(format!("run {run_id}")))?;
        if run.user_id != work.user_id {
            return Err(Failed::missing(format!("run {run_id} of this user")));
        }
        Ok(Self { read_at, run, run_rev, simulation, access, steps, step_revs, tasks })
    }

    /// The record of a step; a new one where there is none.
    pub fn record(&self, step: &StepId) -> StepRecord {
        self.steps
            .get(step)
            .cloned()
            .unwrap_or_else(|| StepRecord::new(self.run.run_id.clone(), step.clone()))
    }

    /// The control record's entry of a step.
    pub fn entry(&self, step: &StepId) -> StepEntry {
        self.run.entry(step)
    }

    /// What conditions and inputs that name this read of `simulation` and `steps["<id>"].<output>`.
    /// An output that a step did not give reads as null, so that inputs after a skipped step can be resolved.
    pub fn variables(&self, workflow: &Workflow, names: &[Names]) -> Value {
        let mut variables = Map::new();
        if names.iter().any(|it| it.variables.contains("simulation")) {
            variables.insert("simulation".to_owned(), self.simulation.clone());
        }
        let outputs = |step: &Step| Value::Object(outputs_of(step, self.steps.get(&step.id), names));
        let steps = workflow.steps.iter().map(|step| (step.id.to_string(), outputs(step)));
        variables.insert("steps".to_owned(), Value::Object(steps.collect()));
        Value::Object(variables)
    }
}

fn outputs_of(step: &Step, record: Option<&StepRecord>, names: &[Names]) -> Map<String, Value> {
    let read = |output: &&String| names.iter().any(|it| it.reads(step.id.as_str(), output));
    let given = |name: &String| record.and_then(|it| it.outputs.get(name)).cloned().unwrap_or(Value::Null);
    step.outputs.keys().filter(read).map(|name| (name.clone(), given(name))).collect()
}
