//! What a step is given: its inputs, its condition and its outputs' validations, all CEL of the catalog.

use crate::failed::Failed;
use crate::view::View;
use engine::StepRecord;
use events::ErrorClass;
use serde_json::{Value, json};
use statemachines::{Step, Workflow, eval_bool, eval_json};
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

/// Whether the step's condition holds.
pub(crate) fn applies(view: &View, workflow: &Workflow, step: &Step) -> Result<bool, Failed> {
    let Some(condition) = &step.when else { return Ok(true) };
    eval_bool(condition, &view.variables(workflow)).map_err(|error| {
        Failed::attempt(
            ErrorClass::Defect,
            format!("the condition of {} cannot be evaluated: {error}", step.name),
        )
    })
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
