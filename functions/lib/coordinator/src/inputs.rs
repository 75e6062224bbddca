//! What a step is given: its inputs, its condition and its outputs' validations, all CEL of the catalog.

use crate::failed::Failed;
use crate::view::View;
use engine::StepRecord;
use events::ErrorClass;
use serde_json::{Value, json};
use statemachines::{Program, Step, StepReference, Workflow, eval_bool, eval_json};
use std::collections::BTreeMap;

/// The step's inputs by name. One that resolves to null is left out.
pub(crate) fn resolve(
    view: &View,
    workflow: &Workflow,
    step: &Step,
) -> Result<BTreeMap<String, Value>, Failed> {
    let variables = view.variables(workflow);
    let mut inputs = BTreeMap::new();
    for (name, expression) in &step.inputs {
        let value = eval_json(expression, &variables).map_err(|error| {
            Failed::attempt(
                ErrorClass::Defect,
                format!("input {name} of {} cannot be resolved: {error}", step.name),
            )
        })?;
        if !value.is_null() {
            inputs.insert(name.clone(), value);
        }
    }
    Ok(inputs)
}

/// The outputs that the step's inputs and condition read.
pub(crate) fn read_by(step: &Step) -> impl Iterator<Item = StepReference> {
    let expressions = step.inputs.values().chain(&step.when);
    expressions.filter_map(|it| Program::compile(it).ok()).flat_map(|it| it.names().steps)
}

/// Whether the step's condition holds.
pub(crate) fn applies(view: &View, workflow: &Workflow, step: &Step) -> Result<bool, Failed> {
    let Some(condition) = &step.when else { return Ok(true) };
    let variables = view.variables(workflow);
    match eval_bool(condition, &variables) {
        Ok(holds) => Ok(holds),
        // About what a step that was left out did not give nothing holds.
        Err(_) if reads_what_is_missing(condition, &variables) => Ok(false),
        Err(error) => Err(Failed::attempt(
            ErrorClass::Defect,
            format!("the condition of {} cannot be evaluated: {error}", step.name),
        )),
    }
}

/// Whether an expression reads an output that its step did not give.
fn reads_what_is_missing(expression: &str, variables: &Value) -> bool {
    let Ok(program) = Program::compile(expression) else { return false };
    let missing = |it: &StepReference| {
        it.output.as_ref().is_some_and(|output| variables["steps"][&it.step][output].is_null())
    };
    program.names().steps.iter().any(missing)
}

/// Checks the step's outputs, unless the user took them as they are.
pub(crate) fn validate(
    step: &Step,
    record: &StepRecord,
    inputs: &BTreeMap<String, Value>,
) -> Result<(), Failed> {
    if record.overridden {
        return Ok(());
    }
    let variables = json!({ "outputs": record.outputs, "inputs": inputs });
    for validation in &step.validations {
        let holds = eval_bool(&validation.check, &variables).map_err(|error| {
            Failed::attempt(
                ErrorClass::Validation,
                format!("{} gave an unexpected result: {error}", step.name),
            )
        })?;
        if !holds {
            return Err(Failed::overridable(validation.otherwise.clone()));
        }
    }
    Ok(())
}
