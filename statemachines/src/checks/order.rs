//! The steps have an order, and every step can run.

use super::{Report, Subject, at};
use crate::expr::{Program, Variables};
use crate::graph::{Graph, GraphError};
use serde_json::json;

/// Cycles, unknown and doubled steps, broken groups and fallbacks, steps that never run.
pub(super) fn order(subject: &Subject, report: &mut Report) {
    let workflow = subject.workflow;
    let errors = match Graph::of(workflow) {
        Ok(graph) => graph.blocks(workflow).err().unwrap_or_default(),
        Err(errors) => errors,
    };
    for error in errors {
        let (path, help) = match &error {
            GraphError::UnknownStep { step, .. } => {
                (format!("steps[{step}]"), "name a step of this workflow".to_owned())
            }
            GraphError::UnknownFallback { group, .. } => {
                (format!("groups[{group}].onFailure"), "name a step of this workflow".to_owned())
            }
            GraphError::Duplicate { step } => {
                (format!("steps[{step}]"), "give each step its own id".to_owned())
            }
            GraphError::Cycle { .. } => {
                ("steps".to_owned(), "take one `dependsOn` out of the circle".to_owned())
            }
            GraphError::Fallback { step, .. } => (
                format!("steps[{step}]"),
                "a fallback is named by one step or group and is on no path of its own".to_owned(),
            ),
            GraphError::BrokenGroup { group, .. } => {
                ("steps".to_owned(), format!("put the step into the group `{group}`, or change its order"))
            }
            GraphError::Empty => {
                ("steps".to_owned(), "write at least one step that is no fallback".to_owned())
            }
        };
        report.error(path, error.to_string(), help);
    }
    for step in &workflow.steps {
        let Some(when) = &step.when else { continue };
        // An expression that reads nothing is the same for every run.
        let Ok(program) = Program::compile(when) else { continue };
        if program.names().variables.is_empty() && program.boolean(&Variables::of(&json!({}))) == Ok(false) {
            report.error(
                format!("{}.when", at(step)),
                "the step can never run",
                "take the step out, or let the condition read `steps` or `simulation`",
            );
        }
    }
}
