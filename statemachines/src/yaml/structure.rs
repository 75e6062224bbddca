//! What is wrong with the structure of a definition: every field that its schema does not allow, at once, each with its place and
//! the way out.

use super::located::{Node, Place, find};
use crate::definition::Workflow;
use crate::finding::{Finding, Level};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;
use serde_saphyr::Spanned;

/// Every mistake in the structure, in the order of the text; none where it is no YAML, or is as its schema wants it.
pub(super) fn mistakes(file: &str, text: &str) -> Vec<Finding> {
    let Ok(root) = serde_saphyr::from_str::<Spanned<Node>>(text) else { return Vec::new() };
    let schema = schemars::schema_for!(Workflow).to_value();
    let Ok(validator) = jsonschema::validator_for(&schema) else { return Vec::new() };
    let structure = Structure { root: &root, schema: &schema };
    let value = root.value.plain();
    let mut mistakes: Vec<Mistake> =
        validator.iter_errors(&value).flat_map(|error| structure.describe(&error)).collect();
    mistakes.sort();
    mistakes.dedup();
    mistakes.into_iter().map(|mistake| mistake.finding(file)).collect()
}

/// One mistake.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Mistake {
    place: Place,
    path: String,
    what: String,
    help: String,
}

impl Mistake {
    fn finding(self, file: &str) -> Finding {
        Finding {
            file: format!("{file}:{}:{}", self.place.line, self.place.column),
            path: self.path,
            check: "parse",
            what: self.what,
            help: self.help,
            severity: Level::Error,
        }
    }
}

/// A definition and what it should be.
struct Structure<'a> {
    root: &'a Spanned<Node>,
    schema: &'a Value,
}

impl Structure<'_> {
    /// In words.
    fn describe(&self, error: &ValidationError<'_>) -> Vec<Mistake> {
        let at = find(self.root, error.instance_path().as_str());
        let rule = self.rule(error);
        let about = rule.get("description").and_then(Value::as_str);
        let one = |what: String, help: Option<&str>| {
            let help =
                help.unwrap_or("see generated/workflow.schema.json for what may stand here").to_owned();
            vec![Mistake { place: at.place, path: at.path.clone(), what, help }]
        };
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let meaning =
                    rule.pointer(&format!("/properties/{name}/description")).and_then(Value::as_str);
                let help = meaning.map(|meaning| format!("add `{name}`: {meaning}"));
                one(format!("`{name}` is missing"), help.as_deref())
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let help = format!("known here are {}", names(rule));
                let mistake = |name: &String| Mistake {
                    place: at.node.key(name).unwrap_or(at.place),
                    path: at.path.clone(),
                    what: format!("`{name}` is not a field here"),
                    help: help.clone(),
                };
                unexpected.iter().map(mistake).collect()
            }
            ValidationErrorKind::Type { kind } => one(wrong_type(at.node, kind), about),
            ValidationErrorKind::Constant { .. } => one(one_of(&[error]), about),
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.alternatives(error, context, |what| one(what, about))
            }
            ValidationErrorKind::Pattern { pattern } => {
                one(format!("{} has another form than {pattern}", shown(at.node)), about)
            }
            _ => one(error.to_string(), about),
        }
    }

    /// Of several forms the one that was meant: of those for such a type of value the one with the fewest mistakes.
    fn alternatives(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'_>>],
        one: impl Fn(String) -> Vec<Mistake>,
    ) -> Vec<Mistake> {
        // Mistakes of the value as a whole, not of something in it.
        let whole = |of: &ValidationError<'_>| of.instance_path() == error.instance_path();
        let other_type =
            |of: &ValidationError<'_>| whole(of) && matches!(of.kind(), ValidationErrorKind::Type { .. });
        let other_word =
            |of: &ValidationError<'_>| whole(of) && matches!(of.kind(), ValidationErrorKind::Constant { .. });
        let words: Vec<&ValidationError<'_>> = context.iter().flatten().filter(|of| other_word(of)).collect();
        let forms: Vec<&Vec<ValidationError<'_>>> =
            context.iter().filter(|form| !form.iter().any(|of| other_type(of) || other_word(of))).collect();
        if forms.is_empty() && !words.is_empty() {
            return one(one_of(&words));
        }
        let fewest = forms.iter().map(|form| form.len()).min().unwrap_or_default();
        let nearest: Vec<Vec<Mistake>> = forms
            .into_iter()
            .filter(|form| form.len() == fewest)
            .map(|form| {
                let mut mistakes: Vec<Mistake> = form.iter().flat_map(|error| self.describe(error)).collect();
                // The schema's own order is not the same in every build.
                mistakes.sort();
                mistakes
            })
            .collect();
        match nearest.as_slice() {
            [] => one("is of another type than any that may stand here".to_owned()),
            [_] => nearest.into_iter().flatten().collect(),
            several => {
                let form = |form: &Vec<Mistake>| {
                    form.iter().map(|mistake| mistake.what.as_str()).collect::<Vec<_>>().join(" and ")
                };
                one(several.iter().map(form).collect::<Vec<_>>().join("; or "))
            }
        }
    }

    /// The part of the schema that was not kept.
    fn rule(&self, error: &ValidationError<'_>) -> &Value {
        let keyword = error.schema_path().as_str();
        let rule = keyword.rsplit_once('/').and_then(|(rule, _)| self.schema.pointer(rule));
        rule.unwrap_or(&Value::Null)
    }
}

/// The fields that a part of the schema knows, in the order of their letters.
fn names(rule: &Value) -> String {
    let known = rule.get("properties").and_then(Value::as_object);
    let mut names: Vec<String> = known.into_iter().flatten().map(|(name, _)| format!("`{name}`")).collect();
    names.sort();
    names.join(", ")
}

fn wrong_type(node: &Node, kind: &TypeKind) -> String {
    let wanted = match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(many) => many.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or "),
    };
    match node {
        Node::Scalar(value) if wanted == "string" => format!("must be text: put `{value}` in quotes"),
        node => format!("{} must be {}", shown(node), named(&wanted)),
    }
}

/// The types of JSON as people who write YAML call them.
fn named(json_type: &str) -> &str {
    match json_type {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "boolean" => "true or false",
        other => other,
    }
}

/// The words that could stand at a place.
fn one_of(errors: &[&ValidationError<'_>]) -> String {
    let words = errors.iter().filter_map(|error| match error.kind() {
        ValidationErrorKind::Constant { expected_value } => expected_value.as_str(),
        _ => None,
    });
    let given = errors.first().map(|error| error.instance().to_string()).unwrap_or_default();
    format!("{} is none of {}", given.replace('"', "`"), words.collect::<Vec<_>>().join(", "))
}

/// A value as it is quoted in a message.
fn shown(node: &Node) -> String {
    match node {
        Node::Map(_) => "a mapping".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Scalar(Value::Null) => "nothing".to_owned(),
        Node::Scalar(Value::String(text)) => format!("`{text}`"),
        Node::Scalar(value) => format!("`{value}`"),
    }
}
