//! What runs after what: the order of a workflow's steps, and its cut into chains and parallel branches.

use crate::definition::Workflow;
use events::StepId;
use std::collections::BTreeMap;

/// Why a workflow's steps have no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A step names one that does not exist.
    #[error("step `{step}` names `{name}`, which is no step of this workflow")]
    UnknownStep {
        /// The step.
        step: StepId,
        /// The name.
        name: StepId,
    },
    /// Two steps have one id.
    #[error("there are two steps `{step}`")]
    Duplicate {
        /// The id.
        step: StepId,
    },
    /// Steps wait for each other.
    #[error("the steps {} wait for each other", quoted(.steps))]
    Cycle {
        /// The steps, in the order of the file.
        steps: Vec<StepId>,
    },
    /// A fallback that takes more than one place, its own, or that is on a path of its own.
    #[error("step `{step}` cannot be a fallback: {reason}")]
    Fallback {
        /// The fallback.
        step: StepId,
        /// Why not.
        reason: &'static str,
    },
    /// A group's fallback that is no step.
    #[error("the group `{group}` falls back to `{name}`, which is no step")]
    UnknownFallback {
        /// The group.
        group: String,
        /// What it names.
        name: StepId,
    },
    /// A step outside a group runs between two of its members.
    #[error("step `{step}` runs between members of the group `{group}` but is none")]
    BrokenGroup {
        /// The group.
        group: String,
        /// The step.
        step: StepId,
    },
    /// There is nothing to run.
    #[error("there is no step that runs by itself")]
    Empty,
}

fn quoted(steps: &[StepId]) -> String {
    let names: Vec<String> = steps.iter().map(|step| format!("`{step}`")).collect();
    names.join(", ")
}

/// Steps by their place in the file, and which must be settled before which. Fallbacks are left out.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<usize>,
    before: Vec<Vec<bool>>,
}

/// How steps follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// One step, by its place in the file.
    Step(usize),
    /// One after the other.
    Series(Vec<Block>),
    /// At the same time.
    Parallel(Vec<Block>),
    /// All or nothing.
    Group(String, Box<Block>),
}

impl Block {
    /// Every step in it, by its place in the file.
    pub fn steps(&self) -> Vec<usize> {
        match self {
            Self::Step(step) => vec![*step],
            Self::Series(blocks) | Self::Parallel(blocks) => blocks.iter().flat_map(Self::steps).collect(),
            Self::Group(_, inner) => inner.steps(),
        }
    }
}

impl Graph {
    /// The order of a workflow's steps.
    ///
    /// # Errors
    /// Every reason why there is none.
    pub fn of(workflow: &Workflow) -> Result<Self, Vec<GraphError>> {
        let mut errors = Vec::new();
        let places = places(workflow, &mut errors);
        fallbacks(workflow, &places, &mut errors);
        let nodes: Vec<usize> =
            (0..workflow.steps.len()).filter(|&i| !workflow.is_fallback(&workflow.steps[i].id)).collect();
        if nodes.is_empty() {
            errors.push(GraphError::Empty);
        }
        let before = closure(workflow, &places, &mut errors);
        let circle: Vec<StepId> =
            nodes.iter().filter(|&&i| before[i][i]).map(|&i| workflow.steps[i].id.clone()).collect();
        // Two steps of one id look like a circle; they are reported already.
        if !circle.is_empty() && errors.is_empty() {
            errors.push(GraphError::Cycle { steps: circle });
        }
        if errors.is_empty() { Ok(Self { nodes, before }) } else { Err(errors) }
    }

    /// Whether one step must be settled before another.
    pub fn precedes(&self, earlier: usize, later: usize) -> bool {
        self.before[earlier][later]
    }

    /// The steps that run by themselves, by their place in the file.
    pub fn nodes(&self) -> &[usize] {
        &self.nodes
    }

    /// Cuts the steps into chains and parallel branches; groups stay whole.
    ///
    /// Exact where the order is series-parallel. Where it is not (`a → c, a → d, b → d`), the steps that can start now go
    /// first, together, and the others wait for all of them.
    ///
    /// # Errors
    /// A group that is no whole.
    pub fn blocks(&self, workflow: &Workflow) -> Result<Block, Vec<GraphError>> {
        let units = self.units(workflow)?;
        let all: Vec<usize> = (0..units.len()).collect();
        let order = Order {
            before: units
                .iter()
                .map(|a| units.iter().map(|b| self.any_before(&a.members, &b.members)).collect())
                .collect(),
        };
        Ok(order.cut(&all, &|unit| match &units[unit] {
            Unit { group: None, members } => Block::Step(members.first().copied().unwrap_or_default()),
            Unit { group: Some(name), members } => {
                let inner = Order { before: self.before.clone() };
                Block::Group(name.clone(), Box::new(inner.cut(members, &Block::Step)))
            }
        }))
    }

    fn any_before(&self, earlier: &[usize], later: &[usize]) -> bool {
        earlier != later && earlier.iter().any(|&a| later.iter().any(|&b| self.before[a][b]))
    }

    fn units(&self, workflow: &Workflow) -> Result<Vec<Unit>, Vec<GraphError>> {
        let mut units: Vec<Unit> = Vec::new();
        for &node in &self.nodes {
            let group = workflow.steps[node].group.clone();
            match units.iter_mut().find(|unit| group.is_some() && unit.group == group) {
                Some(unit) => unit.members.push(node),
                None => units.push(Unit { group, members: vec![node] }),
            }
        }
        let mut errors = Vec::new();
        for unit in units.iter().filter(|unit| unit.members.len() > 1) {
            for other in self.nodes.iter().filter(|node| !unit.members.contains(node)) {
                let other_unit = units.iter().find(|unit| unit.members.contains(other));
                let members = other_unit.map_or(&[][..], |unit| &unit.members);
                if self.any_before(&unit.members, members) && self.any_before(members, &unit.members) {
                    errors.push(GraphError::BrokenGroup {
                        group: unit.group.clone().unwrap_or_default(),
                        step: workflow.steps[*other].id.clone(),
                    });
                }
            }
        }
        if errors.is_empty() { Ok(units) } else { Err(errors) }
    }
}

/// A step, or a group as a whole.
struct Unit {
    group: Option<String>,
    members: Vec<usize>,
}

/// A strict partial order.
struct Order {
    before: Vec<Vec<bool>>,
}

impl Order {
    fn cut(&self, nodes: &[usize], leaf: &dyn Fn(usize) -> Block) -> Block {
        if let [one] = nodes {
            return leaf(*one);
        }
        let comparable = |a: usize, b: usize| self.before[a][b] || self.before[b][a];
        let branches = components(nodes, &comparable);
        if branches.len() > 1 {
            return Block::Parallel(branches.iter().map(|nodes| self.cut(nodes, leaf)).collect());
        }
        let mut links = components(nodes, &|a, b| !comparable(a, b));
        if links.len() == 1 {
            let first: Vec<usize> =
                nodes.iter().copied().filter(|&b| nodes.iter().all(|&a| !self.before[a][b])).collect();
            let rest: Vec<usize> = nodes.iter().copied().filter(|node| !first.contains(node)).collect();
            links = vec![first, rest];
        } else {
            // Everything in one link comes before everything in another, so counting what comes before sorts them.
            links.sort_by_key(|link| {
                link.first().map_or(0, |&b| nodes.iter().filter(|&&a| self.before[a][b]).count())
            });
        }
        let mut chain = Vec::new();
        for link in &links {
            match self.cut(link, leaf) {
                Block::Series(blocks) => chain.extend(blocks),
                block => chain.push(block),
            }
        }
        Block::Series(chain)
    }
}

/// Connected components, in the order of their first nodes.
fn components(nodes: &[usize], linked: &dyn Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = nodes.to_vec();
    let mut found = Vec::new();
    while !left.is_empty() {
        let mut component = vec![left.remove(0)];
        let mut at = 0;
        while at < component.len() {
            let from = component[at];
            let (near, far): (Vec<usize>, Vec<usize>) = left.iter().partition(|&&node| linked(from, node));
            component.extend(near);
            left = far;
            at += 1;
        }
        component.sort_unstable();
        found.push(component);
    }
    found
}

fn places<'a>(workflow: &'a Workflow, errors: &mut Vec<GraphError>) -> BTreeMap<&'a StepId, usize> {
    let mut places = BTreeMap::new();
    for (place, step) in workflow.steps.iter().enumerate() {
        if places.insert(&step.id, place).is_some() {
            errors.push(GraphError::Duplicate { step: step.id.clone() });
        }
    }
    places
}

fn fallbacks(workflow: &Workflow, places: &BTreeMap<&StepId, usize>, errors: &mut Vec<GraphError>) {
    for step in &workflow.steps {
        let Some(name) = &step.fallback else { continue };
        let Some(&place) = places.get(name) else {
            errors.push(GraphError::UnknownStep { step: step.id.clone(), name: name.clone() });
            continue;
        };
        let fallback = &workflow.steps[place];
        let mut fault = |reason| errors.push(GraphError::Fallback { step: name.clone(), reason });
        if leads_back(workflow, places, name) {
            fault("its own fallbacks lead back to it");
        }
        if workflow.steps.iter().filter(|other| other.fallback.as_ref() == Some(name)).count() > 1 {
            fault("it takes the place of more than one step");
        }
        if !fallback.depends_on.is_empty() {
            fault("it depends on other steps; it runs when the step it replaces says so");
        }
        if fallback.group != step.group {
            fault("it is not in the group of the step it replaces");
        }
        if workflow.steps.iter().any(|other| other.depends_on.contains(name)) {
            fault("another step depends on it; depend on the step it replaces");
        }
    }
    for group in &workflow.groups {
        let Some(name) = group.fallback() else { continue };
        let Some(step) = workflow.step(name) else {
            errors.push(GraphError::UnknownFallback { group: group.id.clone(), name: name.clone() });
            continue;
        };
        let mut fault = |reason| errors.push(GraphError::Fallback { step: name.clone(), reason });
        if !step.depends_on.is_empty() || workflow.steps.iter().any(|other| other.depends_on.contains(name)) {
            fault("steps depend on it, or it on them; it runs when its group has failed");
        }
        if step.group.is_some() {
            fault("it is in a group itself");
        }
        let replaced = workflow.steps.iter().filter(|other| other.fallback.as_ref() == Some(name)).count();
        let groups = workflow.groups.iter().filter(|other| other.fallback() == Some(name)).count();
        if replaced + groups > 1 {
            fault("it takes more than one place");
        }
    }
}

fn leads_back(workflow: &Workflow, places: &BTreeMap<&StepId, usize>, start: &StepId) -> bool {
    let mut at = start;
    for _ in 0..=workflow.steps.len() {
        match places.get(at).and_then(|&place| workflow.steps[place].fallback.as_ref()) {
            Some(next) if next == start => return true,
            Some(next) => at = next,
            None => return false,
        }
    }
    // A circle that does not contain the start: its own members report it.
    false
}

fn closure(
    workflow: &Workflow,
    places: &BTreeMap<&StepId, usize>,
    errors: &mut Vec<GraphError>,
) -> Vec<Vec<bool>> {
    let count = workflow.steps.len();
    let mut before = vec![vec![false; count]; count];
    for (later, step) in workflow.steps.iter().enumerate() {
        for name in &step.depends_on {
            match places.get(name) {
                Some(&earlier) => before[earlier][later] = true,
                None => {
                    errors.push(GraphError::UnknownStep { step: step.id.clone(), name: name.clone() });
                }
            }
        }
    }
    for through in 0..count {
        for from in 0..count {
            if before[from][through] {
                let reached = before[through].clone();
                before[from].iter_mut().zip(reached).for_each(|(to, more)| *to |= more);
            }
        }
    }
    before
}
