//! The picture of a workflow: its steps, what they wait for, and what takes their place.

use super::{Diagram, Line, Look};
use crate::definition::{Step, StepKind, Workflow};
use crate::graph::{Graph, GraphError};
use std::collections::BTreeMap;

impl Diagram {
    /// Draws a workflow.
    ///
    /// # Errors
    /// Every reason why its steps have no order.
    pub fn of_workflow(workflow: &Workflow) -> Result<Self, Vec<GraphError>> {
        let graph = Graph::of(workflow)?;
        let mut diagram = Self::new(format!("{} (version {})", workflow.name, workflow.version));
        let start = diagram.node("selected", String::new(), Look::End);
        let places: Vec<usize> =
            workflow.steps.iter().map(|step| diagram.node(&step.name, note(step), look(step))).collect();
        let end = diagram.node("completed", String::new(), Look::End);
        for &node in graph.nodes() {
            // Only what is not implied by another dependency.
            let before: Vec<usize> =
                graph.nodes().iter().copied().filter(|&other| graph.precedes(other, node)).collect();
            let direct = before.iter().filter(|&&a| !before.iter().any(|&b| graph.precedes(a, b)));
            let label = if workflow.steps[node].when.is_some() { "when" } else { "" };
            let mut first = true;
            for &other in direct {
                diagram.edge(places[other], places[node], label, Line::Next);
                first = false;
            }
            if first {
                diagram.edge(start, places[node], label, Line::Next);
            }
            if !graph.nodes().iter().any(|&other| graph.precedes(node, other)) {
                diagram.edge(places[node], end, "", Line::Next);
            }
        }
        diagram.fallbacks(workflow, &places);
        Ok(diagram)
    }

    fn fallbacks(&mut self, workflow: &Workflow, places: &[usize]) {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, step) in workflow.steps.iter().enumerate() {
            let fallback = step.fallback.as_ref();
            let other = fallback.and_then(|id| workflow.steps.iter().position(|step| step.id == *id));
            if let Some(other) = other {
                self.nodes[places[other]].beside = Some(places[place]);
                self.edge(places[place], places[other], "declined", Line::Aside);
            }
            if let Some(group) = &step.group {
                groups.entry(group).or_default().push(places[place]);
            }
        }
        let frame = |(name, nodes)| (format!("all or nothing: {name}"), nodes);
        self.frames = groups.into_iter().map(frame).collect();
    }
}

/// What kind of box a step is.
pub(super) fn look(step: &Step) -> Look {
    match step.kind {
        StepKind::Automated => Look::Automated,
        StepKind::SemiAutomated => Look::SemiAutomated,
        StepKind::Manual => Look::Manual,
    }
}

fn note(step: &Step) -> String {
    let kind = match step.kind {
        StepKind::Automated if step.may_ask => "automated, may ask",
        StepKind::Automated => "automated",
        StepKind::SemiAutomated => "semi-automated",
        StepKind::Manual => "manual",
    };
    format!("{} · {kind}", step.agent)
}
