//! Walks a machine's happy path and looks at every state on the way.

use indexmap::IndexMap;
use statemachines::asl::{INVOKE_AND_WAIT, Machine, State, Task};
use statemachines::{StepKind, Workflow, compile};
use std::collections::BTreeSet;

/// What a walk has seen.
#[derive(Debug, Default)]
pub struct Walk {
    /// Tasks of steps.
    pub steps: u32,
    /// Parallels.
    pub parallels: u32,
}

impl Walk {
    /// Walks from start to end.
    ///
    /// # Panics
    /// When a step is missing, comes twice or too early, or a state is broken or cannot be reached.
    pub fn check(workflow: &Workflow, machine: &Machine) -> Self {
        let mut walk = Self::default();
        let done = walk.scope(workflow, &machine.states, &machine.start_at, &BTreeSet::new());
        let expected: BTreeSet<String> = workflow
            .steps
            .iter()
            .filter(|step| !workflow.is_fallback(&step.id))
            .map(|step| step.id.to_string())
            .collect();
        assert_eq!(done, expected);
        assert_eq!(walk.steps as usize, expected.len(), "a step runs twice");
        whole(&machine.states, &machine.start_at, true);
        walk
    }

    fn scope(
        &mut self,
        workflow: &Workflow,
        states: &IndexMap<String, State>,
        start: &str,
        before: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let mut done = before.clone();
        let mut at = Some(start.to_owned());
        while let Some(name) = at {
            at = match &states[&name] {
                State::Task(task) => {
                    self.step(workflow, &name, task, &mut done);
                    assert_eq!(task.next.is_none(), task.end == Some(true), "{name}");
                    task.next.clone()
                }
                State::Parallel(parallel) => {
                    self.parallels += 1;
                    let mut all = done.clone();
                    for branch in &parallel.branches {
                        all.extend(self.scope(workflow, &branch.states, &branch.start_at, &done));
                    }
                    done = all;
                    assert_eq!(parallel.next.is_none(), parallel.end == Some(true), "{name}");
                    parallel.next.clone()
                }
                other => panic!("{name}: {other:?} on the happy path"),
            };
        }
        done
    }

    fn step(&mut self, workflow: &Workflow, name: &str, task: &Task, done: &mut BTreeSet<String>) {
        self.steps += 1;
        let step = workflow.step(&name.parse().unwrap()).unwrap();
        for needed in &step.depends_on {
            assert!(done.contains(needed.as_str()), "{name} runs before {needed}");
        }
        assert!(done.insert(name.to_owned()), "{name} runs twice");
        let payload = &task.arguments.payload;
        assert_eq!(payload["step_id"], name);
        assert_eq!(payload["mode"], "step");
        assert_eq!(task.resource == INVOKE_AND_WAIT, step.waits(), "{name}");
        assert_eq!(payload.contains_key("token"), step.waits(), "{name}");
        assert!(task.output.is_empty(), "{name} hands something on");
        let function = match step.kind {
            StepKind::Automated => compile::function::AUTOMATED,
            StepKind::SemiAutomated => compile::function::SEMI_AUTOMATED,
            StepKind::Manual => compile::function::MANUAL,
        };
        assert_eq!(task.arguments.function_name, function, "{name}");
    }
}

/// Every target exists in its own scope, every state can be reached, `States.ALL` stands alone and last.
fn whole(states: &IndexMap<String, State>, start: &str, top: bool) {
    let mut targets = BTreeSet::from([start.to_owned()]);
    for (name, state) in states {
        let (next, catch) = match state {
            State::Task(task) => (task.next.clone(), &task.catch[..]),
            State::Parallel(parallel) => {
                parallel.branches.iter().for_each(|branch| whole(&branch.states, &branch.start_at, false));
                (parallel.next.clone(), &parallel.catch[..])
            }
            State::Choice(choice) => {
                targets.extend(choice.choices.iter().map(|rule| rule.next.clone()));
                (Some(choice.default.clone()), &[][..])
            }
            State::Succeed(_) | State::Fail(_) => (None, &[][..]),
        };
        targets.extend(next);
        targets.extend(catch.iter().map(|catch| catch.next.clone()));
        let (last, others) = match catch.split_last() {
            Some((last, others)) => (last.error_equals.clone(), others),
            None => (Vec::new(), &[][..]),
        };
        assert!(others.iter().all(|catch| !catch.error_equals.contains(&"States.ALL".to_owned())), "{name}");
        let has_work = matches!(state, State::Task(_) | State::Parallel(_));
        if top && has_work {
            assert_eq!(last, ["States.ALL"], "{name} lets errors end the execution");
        }
    }
    for target in &targets {
        assert!(states.contains_key(target), "{target} is no state of its scope");
    }
    for name in states.keys() {
        assert!(targets.contains(name), "{name} cannot be reached");
    }
}
