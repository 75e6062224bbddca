//! The picture of a machine: every state, and every way out of it.

use super::workflow::look;
use super::{Diagram, Line, Look};
use crate::asl::{Catch, INVOKE_AND_WAIT, Machine, State, Task};
use crate::definition::Workflow;
use indexmap::IndexMap;
use std::collections::BTreeMap;

impl Diagram {
    /// Draws a workflow's machine.
    pub fn of_machine(workflow: &Workflow, machine: &Machine) -> Self {
        let title = format!("{} (version {}), state machine", workflow.id, workflow.version);
        let mut drawing =
            Drawing { workflow, diagram: Self::new(title), places: BTreeMap::new(), joins: BTreeMap::new() };
        let start = drawing.diagram.node("start", String::new(), Look::End);
        drawing.boxes(&machine.states);
        let end = drawing.diagram.node("end", String::new(), Look::End);
        drawing.arrows(&machine.states, end);
        drawing.diagram.edge(start, drawing.places[&machine.start_at], "", Line::Next);
        drawing.diagram
    }
}

struct Drawing<'a> {
    workflow: &'a Workflow,
    diagram: Diagram,
    /// Boxes by the name of their state.
    places: BTreeMap<String, usize>,
    /// Where the branches of a Parallel meet again.
    joins: BTreeMap<String, usize>,
}

impl Drawing<'_> {
    fn boxes(&mut self, states: &IndexMap<String, State>) {
        for (name, state) in states {
            let place = match state {
                State::Task(task) => self.task(name, task),
                State::Parallel(parallel) => {
                    let fork = self.diagram.node(name, String::new(), Look::Bar);
                    parallel.branches.iter().for_each(|branch| self.boxes(&branch.states));
                    let join = self.diagram.node("", String::new(), Look::Bar);
                    self.joins.insert(name.clone(), join);
                    fork
                }
                State::Choice(_) => self.diagram.node(name, "choice".to_owned(), Look::Undo),
                State::Succeed(_) => self.diagram.node(name, "succeeds".to_owned(), Look::End),
                State::Fail(_) => self.diagram.node(name, "fails".to_owned(), Look::End),
            };
            self.places.insert(name.clone(), place);
        }
    }

    fn task(&mut self, name: &str, task: &Task) -> usize {
        let mode = task.arguments.payload.get("mode").and_then(|mode| mode.as_str()).unwrap_or_default();
        let waits = if task.resource == INVOKE_AND_WAIT { "waits for token" } else { "invoke" };
        let retries: u32 = task.retry.iter().map(|retry| retry.max_attempts).sum();
        let note = if retries == 0 { waits.to_owned() } else { format!("{waits} · ≤ {retries} retries") };
        let step = name.strip_suffix(".help").unwrap_or(name);
        let step = self.workflow.steps.iter().find(|it| it.id.as_str() == step);
        let look = match (mode, step) {
            ("step", Some(step)) => look(step),
            ("help", _) => Look::Help,
            _ => Look::Undo,
        };
        let place = self.diagram.node(name, note, look);
        let owner = match mode {
            "help" => name.strip_suffix(".help").map(str::to_owned),
            "undo-failed" => name.strip_suffix(".failed").map(str::to_owned),
            _ => self
                .workflow
                .steps
                .iter()
                .find(|it| it.fallback.as_ref().is_some_and(|id| id.as_str() == name))
                .map(|it| it.id.to_string()),
        };
        self.diagram.nodes[place].beside = owner.and_then(|owner| self.places.get(&owner).copied());
        place
    }

    /// `end` is where a state without a next one leads.
    fn arrows(&mut self, states: &IndexMap<String, State>, end: usize) {
        for (name, state) in states {
            let from = self.places[name];
            match state {
                State::Task(task) => {
                    let help = name.ends_with(".help");
                    let next = task.next.as_ref().map_or(end, |next| self.places[next]);
                    let line = if help { Line::Aside } else { Line::Next };
                    self.diagram.edge(from, next, if help { "decided" } else { "" }, line);
                    self.catches(from, &task.catch);
                }
                State::Parallel(parallel) => {
                    let join = self.joins[name];
                    for branch in &parallel.branches {
                        self.diagram.edge(from, self.places[&branch.start_at], "", Line::Next);
                        self.arrows(&branch.states, join);
                    }
                    let next = parallel.next.as_ref().map_or(end, |next| self.places[next]);
                    self.diagram.edge(join, next, "", Line::Next);
                    self.catches(from, &parallel.catch);
                }
                State::Choice(choice) => {
                    for rule in &choice.choices {
                        let back = self.places[&rule.next] < from;
                        let line = if back { Line::Aside } else { Line::Next };
                        let answer = rule.condition.split('\'').nth(1).unwrap_or_default();
                        self.diagram.edge(from, self.places[&rule.next], answer, line);
                    }
                    self.diagram.edge(from, self.places[&choice.default], "else", Line::Next);
                }
                State::Succeed(_) | State::Fail(_) => {}
            }
        }
    }

    fn catches(&mut self, from: usize, catches: &[Catch]) {
        for catch in catches {
            let to = self.places[&catch.next];
            let (label, line) = match catch.error_equals.first().map(String::as_str) {
                Some("States.ALL") if self.diagram.nodes[from].look == Look::Undo => {
                    ("it fails", Line::Error)
                }
                Some("States.ALL") => ("any other error", Line::Error),
                Some("Declined") => ("declined", Line::Aside),
                _ => ("needs a person", Line::Aside),
            };
            self.diagram.edge(from, to, label, line);
        }
    }
}
