//! What must hold after every run.

use crate::cause::unfounded;
use crate::fault::{Fault, HowDelivered};
use crate::setting::Setting;
use crate::watch::Watch;
use crate::world::{Points, World};
use engine::{Ending, ItemState, Queue, Run, RunStatus, StepRecord};
use events::{EventType, TaskKind, WorkflowEvent};
use ports::Record;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a case.
#[derive(Debug)]
pub struct Verdict {
    /// The run's end.
    pub status: Option<RunStatus>,
    /// What does not hold; empty when all does.
    pub wrong: Vec<String>,
    /// Every place of the run where something can go wrong.
    pub points: Points,
    /// What happened, if it was told.
    pub story: Vec<String>,
}

/// Judges a run at rest.
pub fn of(setting: &Setting, world: &World, watch: &Watch, came_to_rest: bool) -> Verdict {
    let mut wrong = world.wrong.clone();
    if !came_to_rest {
        wrong.push("it does not come to rest".to_owned());
    }
    let mut end =
        End { setting, world, wrong, records: BTreeMap::new(), events: Vec::new(), run: None, seq: 0 };
    end.read();
    end.judge(watch);
    let mut seen = BTreeSet::new();
    end.wrong.retain(|wrong| seen.insert(wrong.clone()));
    Verdict {
        status: end.run.map(|run| run.status),
        wrong: end.wrong,
        points: world.points.clone(),
        story: world.story.clone().unwrap_or_default(),
    }
}

/// A run at rest.
struct End<'a> {
    setting: &'a Setting,
    world: &'a World,
    wrong: Vec<String>,
    records: BTreeMap<String, StepRecord>,
    events: Vec<WorkflowEvent>,
    run: Option<Run>,
    seq: u64,
}

impl End<'_> {
    fn read(&mut self) {
        for change in self.world.memory.latest() {
            match &change.stored.record {
                Record::Run(run) => {
                    self.seq = change.stored.seq;
                    self.run = Some(run.clone());
                }
                Record::Step(record) => {
                    self.records.insert(record.step_id.to_string(), record.clone());
                }
                Record::Event(event) => self.events.push(event.clone()),
                // What could not be undone can be reversed by hand at any time.
                Record::Task(task) if task.open && task.kind != TaskKind::Undo => {
                    self.wrong.push(format!("the question {} is left open", task.task_id));
                }
                Record::Unread(unread) => {
                    self.wrong.push(format!("something could not be read: {}", unread.reason));
                }
                // The dispatcher that never heard of the run's end tidies up when it next looks.
                Record::Queue(queue) if !self.something_is_lost() && is_busy(queue) => {
                    self.wrong.push("the user's queue is not empty".to_owned());
                }
                _ => {}
            }
        }
    }

    /// Whether something was never delivered.
    fn something_is_lost(&self) -> bool {
        self.world.faults.iter().any(|it| matches!(it, Fault::Deliver(_, HowDelivered::Lost)))
    }

    fn judge(&mut self, watch: &Watch) {
        let Some(run) = self.run.clone() else {
            // Selecting may fail as a whole; then nothing may have happened.
            if !self.world.provider.executions.is_empty() {
                self.wrong.push("effects without a run".to_owned());
            }
            return;
        };
        if !run.status.is_terminal() {
            self.wrong.push(format!("the run is left {:?}", run.status));
        }
        self.wrong.extend(unfounded(&run, &self.setting.workflow, &self.world.faults));
        self.executions(watch);
        self.effects(&run);
        self.groups(&run);
        self.impact(&run);
        self.outputs(&run);
        self.events(&run);
    }

    fn executions(&mut self, watch: &Watch) {
        for (name, execution) in &self.world.executions {
            let done = execution.run();
            if done.end.is_none() || !watch.ended.contains(name) {
                self.wrong.push(format!("the execution {name} is left running"));
            }
            let most = self.setting.budget.worst_transitions;
            if done.transitions > most {
                self.wrong.push(format!("{} transitions, {most} is the most", done.transitions));
            }
            let most = self.setting.budget.worst_history_events;
            if done.history_events > most {
                self.wrong.push(format!("{} history events, {most} is the most", done.history_events));
            }
        }
    }

    /// Every effect is committed, undone, or named.
    fn effects(&mut self, run: &Run) {
        let provider = &self.world.provider;
        for (key, times) in provider.executions.iter().filter(|(_, times)| **times > 1) {
            self.wrong.push(format!("{key} took effect {times} times"));
        }
        let mut states = BTreeMap::new();
        for record in self.records.values() {
            for item in &record.items {
                states.insert(item.key.as_str(), (&item.state, record));
            }
        }
        for key in provider.effects.keys() {
            let state = states.get(key.as_str()).map(|(state, _)| *state);
            let fine = match (run.status, state) {
                (RunStatus::RolledBack | RunStatus::Failed, _) => false,
                // A stop keeps what is done, even where something else is left to be looked at.
                (_, Some(ItemState::Done)) => {
                    run.status != RunStatus::NeedsAttention || run.ending == Some(Ending::Stop)
                }
                (RunStatus::NeedsAttention, Some(ItemState::UndoFailed)) => true,
                _ => false,
            };
            if !fine {
                self.wrong
                    .push(format!("{key} is in force, the run {:?} and the item {state:?}", run.status));
            }
        }
        let mut wrong = Vec::new();
        for (key, (state, record)) in states {
            let step = self.setting.workflow.step(&record.step_id);
            let outside = step.is_some_and(statemachines::Step::has_effects);
            let in_force = provider.effects.contains_key(key) || provider.by_hand.contains(&record.step_id);
            match state {
                ItemState::Done if outside && !in_force => {
                    wrong.push(format!("{key} is said to be done and is not in force"));
                }
                ItemState::Done if run.status == RunStatus::RolledBack && outside => {
                    wrong.push(format!("{key} is done in a run that is rolled back"));
                }
                ItemState::Undone if in_force => {
                    wrong.push(format!("{key} is said to be undone and is in force"));
                }
                ItemState::Executing | ItemState::Unknown if outside => {
                    wrong.push(format!("{key} is left {state:?}"));
                }
                ItemState::UndoFailed if run.status != RunStatus::NeedsAttention => {
                    wrong.push(format!("{key} could not be undone and the run is {:?}", run.status));
                }
                _ => {}
            }
        }
        self.wrong.extend(wrong);
    }

    /// A group that is not whole is undone as a whole, or named.
    fn groups(&mut self, run: &Run) {
        let workflow = &self.setting.workflow;
        for step in workflow.steps.iter().filter(|_| run.status != RunStatus::NeedsAttention) {
            let record = self.records.get(step.id.as_str());
            let group = step.group.as_ref().filter(|group| run.is_broken(workflow, group));
            if let Some(group) = group.filter(|_| record.is_some_and(StepRecord::has_open_effects)) {
                self.wrong.push(format!("{} is in force and its group {group} is not whole", step.id));
            }
        }
    }

    /// The card, folded from the events, shows the impact that is recorded: nothing is missing or told twice.
    fn impact(&mut self, run: &Run) {
        let workflow = &self.setting.workflow;
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|event| event.seq);
        let blank = engine::fold::blank(run, workflow);
        let card =
            events.into_iter().fold(blank, |it, event| engine::fold::card(it, event, workflow, &[], None));
        let mut told: Vec<_> = card
            .impact
            .items
            .iter()
            .map(|it| (it.step_id.as_ref().map(ToString::to_string), it.label.clone(), it.monthly.minor))
            .collect();
        let mut kept: Vec<_> = self
            .records
            .values()
            .flat_map(|record| record.impact().map(|it| (&record.step_id, it)))
            .map(|(step, it)| (Some(step.to_string()), it.label.clone(), it.monthly.minor))
            .collect();
        told.sort();
        kept.sort();
        if told != kept {
            self.wrong.push(format!("the card shows {told:?}, and recorded is {kept:?}"));
        }
    }

    /// What a step gives is of all that it did: nothing is missing or counted twice.
    fn outputs(&mut self, run: &Run) {
        for record in self.records.values().filter(|it| it.executed && run.status == RunStatus::Completed) {
            let done = record.items.iter().filter(|item| item.state.is_done()).count();
            for (name, list) in record.outputs.iter().filter_map(|(name, it)| Some((name, it.as_array()?))) {
                if list.len() != done {
                    let step = &record.step_id;
                    self.wrong.push(format!("{step} gives {} {name} of {done} things done", list.len()));
                }
            }
        }
    }

    /// Events are stored in order, without gaps, and tell the run's state.
    fn events(&mut self, run: &Run) {
        let events = std::mem::take(&mut self.events);
        let stored: Vec<u64> = events.iter().map(|event| event.seq).collect();
        if !stored.iter().copied().eq(1..=self.seq) {
            self.wrong.push(format!("of the events 1 to {} these are stored: {stored:?}", self.seq));
        }
        let mut state = Value::Null;
        let mut progress = 0;
        let mut at = 0;
        for event in &events {
            if event.data.progress < progress {
                self.wrong.push(format!("progress falls at event {}", event.seq));
            }
            progress = event.data.progress;
            if event.timestamp < at {
                self.wrong.push(format!("time runs backwards at event {}", event.seq));
            }
            at = event.timestamp;
            if event.event_type == EventType::RunStateChanged {
                if event.data.details["from"] != state {
                    self.wrong.push(format!("event {} leaves a state the run is not in", event.seq));
                }
                state = event.data.details["to"].clone();
            }
        }
        if state.as_str() != Some(run.status.as_str()) {
            self.wrong.push(format!("the events end with {state}, the run with {:?}", run.status));
        }
    }
}

fn is_busy(queue: &Queue) -> bool {
    !queue.waiting.is_empty() || !queue.running.is_empty()
}
