//! What a step is given: its inputs, its condition and its outputs' validations, all CEL of the catalog.

use crate::failed::Failed;
use crate::view::View;
use engine::StepRecord;
use events::ErrorClass;
use serde_json::{Value, json};
use statemachines::{ExprError, Names, Program, Step, StepReference, Variables, Workflow, eval_bool};
use std::collections::BTreeMap;

/// The step's inputs by name. One that resolves to null is left out.
pub(crate) fn resolve(
    view: &View,
    workflow: &Workflow,
    step: &Step,
) -> Result<BTreeMap<String, Value>, Failed> {
    let unresolved = |name: &String, error: ExprError| {
        let message = format!("input {name} of {} cannot be resolved: {error}", step.name);
        Failed::attempt(ErrorClass::Defect, message)
    };
    let mut programs = Vec::new();
    for (name, expression) in &step.inputs {
        programs.push((name, Program::compile(expression).map_err(|error| unresolved(name, error))?));
    }
    let names: Vec<Names> = programs.iter().map(|(_, program)| program.names()).collect();
    let variables = Variables::of(&view.variables(workflow, &names));
    let mut inputs = BTreeMap::new();
    for (name, program) in programs {
        let value = program.json(&variables).map_err(|error| unresolved(name, error))?;
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
    match holds(view, workflow, condition) {
        Ok(holds) => Ok(holds),
        Err(error) => Err(Failed::attempt(
            ErrorClass::Defect,
            format!("the condition of {} cannot be evaluated: {error}", step.name),
        )),
    }
}

/// About what a step that was left out did not give nothing holds.
fn holds(view: &View, workflow: &Workflow, condition: &str) -> Result<bool, ExprError> {
    let program = Program::compile(condition)?;
    let names = program.names();
    let values = view.variables(workflow, std::slice::from_ref(&names));
    let missing = |it: &StepReference| {
        it.output.as_ref().is_some_and(|output| values["steps"][&it.step][output].is_null())
    };
    match program.boolean(&Variables::of(&values)) {
        Err(_) if names.steps.iter().any(missing) => Ok(false),
        holds => holds,
    }
}

/// Checks the step's outputs, unless the user took them as they are.
pub(crate) fn validate(
    step: &Step,
    record: &StepRecord,
    inputs: &BTreeMap<String, Value>,
) -> Result<(), Failed> {
    if record.overridden || step.validations.is_empty() {
        return Ok(());
    }
    let variables = Variables::of(&json!({ "outputs": record.outputs, "inputs": inputs }));
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
