//! What is watched while a case runs: every change of the table, as the stream shows it.

use crate::agenda::Event;
use crate::fault::{Fault, HowCall};
use crate::flight::Function;
use crate::heard::heard;
use crate::world::{Pause, World};
use engine::{ItemState, StepRecord};
use ports::memory::StreamRecord;
use ports::{Key, Record};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Changes looked at.
    pub looked: usize,
    /// Changes that the stream's reader has read.
    pub read: usize,
    /// Whether the reader is at work or about to be.
    pub reading: bool,
    /// From where the reader reads again.
    pub reread: Option<usize>,
    /// Batches handed over twice.
    pub twice: BTreeSet<u64>,
    /// Executions that ended.
    pub ended: BTreeSet<String>,
    /// When each change happened, in whole seconds.
    seconds: Vec<i64>,
    /// Items under way, by key.
    executing: BTreeMap<String, bool>,
    /// The run is being ended.
    ending: bool,
}

impl Watch {
    /// When a change happened, in whole seconds, as the stream says it.
    pub fn second_of(&self, change: usize) -> i64 {
        self.seconds.get(change).copied().unwrap_or_default()
    }

    /// Sees a change: lets the user look, and holds it to what may never happen.
    pub fn see(&mut self, world: &mut World, change: &StreamRecord) {
        self.seconds.push(world.now.as_second());
        match &change.stored.record {
            Record::Run(run) => {
                self.ending = run.ending.is_some();
                let now = world.now;
                for (at, deed) in world.user.after(run.status, now) {
                    world.agenda.put(at, Event::User(deed, crate::stage::TRIES));
                }
                world.tell(|| format!("    run: {:?} {:?}", run.status, run.reason));
            }
            Record::Step(record) => {
                world.tell(|| {
                    let items: Vec<_> = record.items.iter().map(|it| &it.state).collect();
                    format!("    step {}: {items:?}", record.step_id)
                });
                self.no_new_effect(world, record);
            }
            Record::Task(task) => {
                let key = Key::Step(task.run_id.clone(), task.step_id.clone());
                let record = world.memory.get(&key).map(|stored| stored.record);
                let changes = |item: &events::ItemId| match &record {
                    Some(Record::Step(step)) => first_change(step, item),
                    _ => None,
                };
                let now = world.now;
                let before = world.user.questions;
                let deeds = world.user.look(task, now, changes);
                let port = world.points.ports.len() as u64;
                for _ in before..world.user.questions {
                    world.points.questions.push(port);
                }
                for (at, deed) in deeds {
                    world.agenda.put(at, Event::User(deed, crate::stage::TRIES));
                }
            }
            _ => {}
        }
    }

    /// Once a run is being ended, no intent of an effect is written.
    fn no_new_effect(&mut self, world: &mut World, record: &StepRecord) {
        for item in &record.items {
            let executing = item.state == ItemState::Executing;
            let before = self.executing.insert(item.key.clone(), executing).unwrap_or(false);
            if executing && !before && self.ending {
                world.wrong.push(format!("{} was begun after the run's ending was recorded", item.key));
            }
        }
    }
}

fn first_change(step: &StepRecord, item: &events::ItemId) -> Option<Value> {
    let item = step.items.iter().find(|it| it.proposal.item_id == *item)?;
    let (name, values) = item.proposal.modifications.first_key_value()?;
    Some(json!({ name: values.first()? }))
}

impl World {
    /// A function was stopped: a step's function by its own time limit only when it was told to hang.
    pub fn outlived(&mut self, function: Function, error: &str) {
        let told = self.faults.iter().any(|fault| matches!(fault, Fault::Call(_, HowCall::Hang)));
        let step = matches!(
            function,
            Function::Automated | Function::SemiAutomated | Function::Manual | Function::Compensate
        );
        if step && error == "Sandbox.Timedout" && !told {
            self.wrong.push(format!("{function:?} ran into its own time limit"));
        }
    }

    /// A function stands still, for this reason, or has ended. What it logged until then is heard: errors are right only about what
    /// was told to fail.
    pub fn stands(&mut self) -> Option<Pause> {
        for error in heard() {
            self.tell(|| format!("    logged: {error}"));
            if !error.contains("told to fail") {
                self.wrong.push(format!("a function logs an error: {error}"));
            }
        }
        self.pause.take()
    }

    /// A function says that there is a defect: right only when it was told to be one, or when the run is being ended.
    pub fn defect(&mut self, message: &str) {
        if message.starts_with("told to fail") {
            return;
        }
        let ending = self.memory.latest().iter().any(|it| match &it.stored.record {
            Record::Run(run) => run.ending.is_some() || run.status.is_terminal(),
            _ => false,
        });
        if !ending {
            self.wrong.push(format!("a function says that there is a defect: {message}"));
        }
    }
}
