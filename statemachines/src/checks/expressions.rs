//! Expressions: they parse, read only what is there, and give what is asked for.

use super::sample::sample_simulation;
use super::{Report, Subject, at};
use crate::definition::{Prerequisite, Step, Workflow};
use crate::expr::{FUNCTIONS, Program};
use crate::trigger::outcome;

/// What an expression may read.
struct Scope<'a> {
    variables: &'a [&'a str],
    /// Names below a variable, where they are known.
    fields: Vec<(&'a str, Vec<String>)>,
}

/// Compiles an expression and reports what is wrong with it.
fn checked(source: &str, path: &str, scope: &Scope, report: &mut Report) -> Option<Program> {
    let program = match Program::compile(source) {
        Ok(program) => program,
        Err(error) => {
            report.error(path, error.to_string(), "see github.com/google/cel-spec for the language");
            return None;
        }
    };
    let names = program.names();
    let mut sound = true;
    for name in names.variables.iter().filter(|name| !scope.variables.contains(&name.as_str())) {
        let help = format!("this expression may read {}", scope.variables.join(", "));
        report.error(path, format!("`{source}` reads `{name}`, which is not there"), help);
        sound = false;
    }
    for (variable, field) in &names.fields {
        let Some((_, known)) = scope.fields.iter().find(|(name, _)| name == variable) else { continue };
        if !known.contains(field) {
            let help = format!("`{variable}` has {}", known.join(", "));
            report.error(path, format!("`{source}` reads `{variable}.{field}`, which is not there"), help);
            sound = false;
        }
    }
    for name in names.functions.iter().filter(|name| !FUNCTIONS.contains(&name.as_str())) {
        let help = format!("one of {}", FUNCTIONS.join(", "));
        report.error(path, format!("`{source}` calls `{name}`, which is not there"), help);
        sound = false;
    }
    sound.then_some(program)
}

fn simulation_fields() -> (&'static str, Vec<String>) {
    let sample = sample_simulation();
    let names = sample.as_object().into_iter().flatten().map(|(name, _)| name.clone());
    ("simulation", names.collect())
}

/// Triggers exist, and on a sample give a condition, a score and words.
pub(super) fn triggers(subject: &Subject, report: &mut Report) {
    let triggers = &subject.workflow.triggers;
    if triggers.is_empty() {
        report.error("triggers", "nothing ever recommends this workflow", "write at least one trigger");
    }
    let scope = Scope { variables: &["simulation"], fields: vec![simulation_fields()] };
    for (place, trigger) in triggers.iter().enumerate() {
        let path = format!("triggers[{place}]");
        let parts = [
            ("when", &trigger.when),
            ("score", &trigger.score),
            ("reason", &trigger.reason),
            ("otherwise", &trigger.otherwise),
        ];
        let sound = parts
            .into_iter()
            .filter(|(part, source)| checked(source, &format!("{path}.{part}"), &scope, report).is_some())
            .count();
        if sound < parts.len() {
            continue;
        }
        // Each of them once, whatever the condition says of the sample.
        let mut always = trigger.clone();
        for condition in [trigger.when.as_str(), "true", "false"] {
            always.when = condition.to_owned();
            if let Err(error) = outcome(&always, &sample_simulation()) {
                let help = "`when` is a boolean, `score` a number, `reason` and `otherwise` are texts";
                report.error(path.clone(), error.to_string(), help);
            }
        }
    }
}

/// Prerequisites parse and say what to do.
pub(super) fn prerequisites(subject: &Subject, report: &mut Report) {
    let scope = Scope { variables: &["accounts", "links"], fields: Vec::new() };
    for (place, prerequisite) in subject.workflow.prerequisites.iter().enumerate() {
        let Prerequisite::Check { check, otherwise } = prerequisite else { continue };
        let path = format!("prerequisites[{place}]");
        checked(check, &format!("{path}.check"), &scope, report);
        if otherwise.trim().is_empty() {
            let what = "nothing tells the user what to do";
            report.error(format!("{path}.else"), what, "write one sentence that starts with a verb");
        }
    }
}

/// Conditions, inputs and validations of steps parse and read only what is there.
pub(super) fn steps(subject: &Subject, report: &mut Report) {
    let earlier = Scope { variables: &["simulation", "steps"], fields: vec![simulation_fields()] };
    for step in &subject.workflow.steps {
        if let Some(when) = &step.when {
            checked(when, &format!("{}.when", at(step)), &earlier, report);
        }
        for (name, source) in &step.inputs {
            checked(source, &format!("{}.inputs.{name}", at(step)), &earlier, report);
        }
        let own = Scope {
            variables: &["inputs", "outputs"],
            fields: vec![
                ("outputs", step.outputs.keys().cloned().collect()),
                ("inputs", step.inputs.keys().cloned().collect()),
            ],
        };
        for (place, validation) in step.validations.iter().enumerate() {
            checked(&validation.check, &format!("{}.validations[{place}].check", at(step)), &own, report);
        }
    }
}

/// A step reads outputs that exist, of steps that are settled before it.
pub(super) fn references(subject: &Subject, report: &mut Report) {
    for step in &subject.workflow.steps {
        let inputs = step.inputs.iter().map(|(name, source)| (format!("inputs.{name}"), source));
        let when = step.when.iter().map(|source| ("when".to_owned(), source));
        for (part, source) in inputs.chain(when) {
            let Ok(program) = Program::compile(source) else { continue };
            let path = format!("{}.{part}", at(step));
            let names = program.names();
            for reference in &names.steps {
                let of = subject.workflow.steps.iter().position(|other| other.id.as_str() == reference.step);
                let Some(of) = of else {
                    let help = "name an earlier step of this workflow";
                    report.error(path.clone(), format!("there is no step `{}`", reference.step), help);
                    continue;
                };
                precedes(subject, of, step, &path, report);
                let source = &subject.workflow.steps[of];
                let Some(output) = &reference.output else { continue };
                if !source.outputs.contains_key(output) {
                    let known: Vec<&str> = source.outputs.keys().map(String::as_str).collect();
                    let what = format!("`{}` has no output `{output}`", source.id);
                    report.error(path.clone(), what, format!("its outputs are: {}", known.join(", ")));
                } else if source.when.is_some() && !reference.tested && !same_condition(step, source) {
                    unguarded(&program, reference.step.as_str(), output, step, &path, report);
                }
            }
        }
    }
}

fn precedes(subject: &Subject, of: usize, step: &Step, path: &str, report: &mut Report) {
    let (Some(graph), Some(place)) = (&subject.graph, replaced(subject.workflow, step)) else { return };
    let name = &subject.workflow.steps[of].id;
    if !graph.precedes(of, place) {
        let what = format!("`{name}` is not settled before `{}`", step.id);
        report.error(path, what, format!("add `{name}` to its `dependsOn`"));
    }
}

/// Where a step stands in the order: a fallback where the step, or its group's first member, stands that it replaces.
fn replaced(workflow: &Workflow, step: &Step) -> Option<usize> {
    let mut id = &step.id;
    for _ in &workflow.steps {
        let of_step = workflow.steps.iter().find(|other| other.fallback.as_ref() == Some(id));
        let of_group = || {
            let group = workflow.groups.iter().find(|group| group.fallback() == Some(id))?;
            workflow.members(&group.id).next()
        };
        match of_step.or_else(of_group) {
            Some(other) => id = &other.id,
            None => break,
        }
    }
    workflow.steps.iter().position(|other| other.id == *id)
}

/// Both are skipped together.
fn same_condition(step: &Step, source: &Step) -> bool {
    step.when == source.when
}

/// An output of a step that may be skipped is read without asking whether it is there.
fn unguarded(program: &Program, source: &str, output: &str, step: &Step, path: &str, report: &mut Report) {
    let asks = |program: &Program| {
        program
            .names()
            .steps
            .iter()
            .any(|other| other.tested && other.step == source && other.output.as_deref() == Some(output))
    };
    let guarded = asks(program)
        || step.when.as_ref().and_then(|when| Program::compile(when).ok()).is_some_and(|when| {
            asks(&when) || when.names().steps.iter().any(|other| other.tested && other.step == source)
        });
    if !guarded {
        report.warning(
            path,
            format!("`{source}` may be skipped and then has no output `{output}`"),
            format!("ask first: has(steps[\"{source}\"].{output}) ? … : …"),
        );
    }
}
