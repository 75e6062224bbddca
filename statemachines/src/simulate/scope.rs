//! Where an execution is: one place in the machine itself, and one in each branch of a Parallel that runs.

use crate::asl::{Machine, State};
use indexmap::IndexMap;
use serde_json::Value;

/// A place in the machine or in a branch.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The Parallel and the branch of each scope around it, outermost first.
    scope: Vec<(String, usize)>,
    /// The place whose Parallel it is a branch of.
    pub parent: Option<usize>,
    /// The state.
    pub state: String,
    /// The state's input.
    pub input: Value,
    /// What goes on there.
    pub doing: Doing,
}

/// What goes on at a place.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// Nothing more: its scope ended or was cut off.
    Nothing,
    /// An attempt of a Task.
    Attempt(Attempt),
    /// Branches run, so many are left.
    Branches(usize),
}

/// An attempt of a Task.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// Its call.
    pub call: u64,
    /// It waits for a result; else it failed and waits to be tried again.
    pub open: bool,
    /// What ends it, where it is a wait.
    pub token: Option<String>,
    /// From 1.
    pub number: u32,
    /// How often each Retry was used.
    pub used: Vec<u32>,
}

impl Place {
    /// The machine's own.
    pub fn outermost() -> Self {
        Self {
            scope: Vec::new(),
            parent: None,
            state: String::new(),
            input: Value::Null,
            doing: Doing::Nothing,
        }
    }

    /// That of a branch of the Parallel that this place, `index`, is at.
    pub fn branch(&self, index: usize, branch: usize) -> Self {
        let mut scope = self.scope.clone();
        scope.push((self.state.clone(), branch));
        Self { scope, parent: Some(index), ..Self::outermost() }
    }

    /// The states of its scope.
    pub fn states<'a>(&self, machine: &'a Machine) -> Option<&'a IndexMap<String, State>> {
        self.scope.iter().try_fold(&machine.states, |states, (name, branch)| match states.get(name) {
            Some(State::Parallel(parallel)) => parallel.branches.get(*branch).map(|branch| &branch.states),
            _ => None,
        })
    }

    /// Its attempt, if it is at one.
    pub fn attempt(&self) -> Option<&Attempt> {
        match &self.doing {
            Doing::Attempt(attempt) => Some(attempt),
            _ => None,
        }
    }
}
