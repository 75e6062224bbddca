//! Bodies of calls: JSON that is checked against its own schema, so that a refusal names every wrong field at once.

use crate::problem::{FieldError, Problem};
use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A JSON body.
pub struct Body<T>(pub T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + JsonSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            let detail = "The body must be JSON, with the content type application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem::new(rejection.status(), "The body cannot be read."))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("is no JSON: line {}, column {}", error.line(), error.column());
            Problem::bad_request(vec![FieldError::new("", what)])
        })?;
        read(value).map(Body).map_err(Problem::bad_request)
    }
}

impl<T: Serialize + DeserializeOwned + JsonSchema + 'static> Body<T> {
    /// What a form says, held to the same schema as a call's JSON: no more and no longer texts than that takes.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn checked(value: &T) -> Result<Self, Problem> {
        let value = serde_json::to_value(value).map_err(|error| Problem::internal(&error))?;
        read(value).map(Self).map_err(Problem::bad_request)
    }
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Json::<T>::operation_input(ctx, operation);
    }
}

/// A missing content type is taken for JSON, as nothing else can be meant.
fn is_json(request: &Request) -> bool {
    request.headers().get(header::CONTENT_TYPE).is_none_or(|value| {
        value.to_str().is_ok_and(|text| {
            let essence = text.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        })
    })
}

/// Reads a value, or names every field that is wrong.
fn read<T: DeserializeOwned + JsonSchema + 'static>(value: Value) -> Result<T, Vec<FieldError>> {
    let errors = Shape::of::<T>().wrong_fields(&value);
    if !errors.is_empty() {
        return Err(errors);
    }
    // What a schema cannot say, such as the characters of an identifier, comes one at a time.
    shell::parse(value).map_err(|error| {
        let field = if error.path == "." { String::new() } else { error.path };
        vec![FieldError::new(field, error.problem)]
    })
}

/// The shapes of the types that were read so far: a validator takes far longer to build than to ask.
static SHAPES: LazyLock<Mutex<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(Mutex::default);

/// What a type's schema allows.
enum Shape {
    /// Values of one form.
    One(Option<Validator>),
    /// The variants of an enum that is told by `type`, by its value: each apart, so that the errors are those of the variant that was
    /// meant, instead of "none of the variants".
    Variants(Vec<(String, Option<Validator>)>),
}

impl Shape {
    fn of<T: JsonSchema + 'static>() -> Arc<Self> {
        let mut shapes = SHAPES.lock().unwrap_or_else(PoisonError::into_inner);
        let shape = shapes.entry(TypeId::of::<T>());
        Arc::clone(shape.or_insert_with(|| Arc::new(Self::from_schema(&schema_for!(T).to_value()))))
    }

    fn from_schema(schema: &Value) -> Self {
        let Some(variants) = schema.get("oneOf").and_then(Value::as_array) else {
            return Self::One(jsonschema::validator_for(schema).ok());
        };
        let variant = |variant: &Value| {
            let name = variant.pointer("/properties/type/const")?.as_str()?.to_owned();
            let mut alone = variant.clone();
            if let (Some(alone), Some(definitions)) = (alone.as_object_mut(), schema.get("$defs")) {
                alone.insert("$defs".to_owned(), definitions.clone());
            }
            Some((name, jsonschema::validator_for(&alone).ok()))
        };
        Self::Variants(variants.iter().filter_map(variant).collect())
    }

    /// Every field of a value that the schema does not allow.
    fn wrong_fields(&self, value: &Value) -> Vec<FieldError> {
        let validator = match self {
            Self::One(validator) => validator,
            Self::Variants(variants) => {
                let meant = value.get("type").and_then(Value::as_str);
                match variants.iter().find(|(name, _)| Some(name.as_str()) == meant) {
                    Some((_, validator)) => validator,
                    None => {
                        let names: Vec<_> = variants.iter().map(|(name, _)| name.as_str()).collect();
                        let what = format!("must be one of {}", names.join(", "));
                        return vec![FieldError::new("type", what)];
                    }
                }
            }
        };
        let mut errors: Vec<_> = validator
            .iter()
            .flat_map(|validator| validator.iter_errors(value))
            .flat_map(|error| describe(&path(error.instance_path().as_str()), error.kind()))
            .collect();
        errors.sort();
        errors.dedup();
        errors
    }
}

/// `/goals/1/target` → `goals[1].target`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// In words, without the value.
fn describe(path: &str, kind: &ValidationErrorKind) -> Vec<FieldError> {
    let one = |what: String| vec![FieldError::new(path, what)];
    match kind {
        ValidationErrorKind::Required { property } => {
            vec![FieldError::new(below(path, property.as_str().unwrap_or_default()), "is missing")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| FieldError::new(below(path, name), "is not a field here")).collect()
        }
        ValidationErrorKind::Type { kind } => one(format!("must be {}", types(kind))),
        ValidationErrorKind::Enum { options } => {
            let options: Vec<_> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            one(format!("must be one of {}", options.join(", ")))
        }
        ValidationErrorKind::Minimum { limit } => one(format!("must be at least {limit}")),
        ValidationErrorKind::Maximum { limit } => one(format!("must be at most {limit}")),
        ValidationErrorKind::MinLength { limit } => one(format!("must have at least {limit} characters")),
        ValidationErrorKind::MaxLength { limit } => one(format!("must have at most {limit} characters")),
        ValidationErrorKind::MaxItems { limit } => one(format!("must have at most {limit} entries")),
        ValidationErrorKind::Format { format } => one(format!("must be a {format}")),
        ValidationErrorKind::Pattern { .. } => one("has characters that are not allowed here".to_owned()),
        other => one(format!("is not allowed here ({})", other.keyword())),
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(many) => many.iter().map(|it| it.to_string()).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Answer;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Wishes {
        id: events::RunId,
        wishes: Vec<Wish>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Wish {
        name: String,
        percent: u8,
    }

    fn shown(errors: &[FieldError]) -> String {
        errors.iter().map(|it| format!("{}: {}", it.field, it.what)).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        for (value, expect) in [
            (json!({"id": "r", "wishes": []}), ""),
            (json!([]), ": must be object"),
            (
                json!({"x": 1, "wishes": [{"name": "a", "percent": 1}, {"name": 7, "y": 1}]}),
                "id: is missing; wishes[1].name: must be string; wishes[1].percent: is missing; \
                 wishes[1].y: is not a field here; x: is not a field here",
            ),
            (json!({"id": "a b", "wishes": []}), "id: has characters that are not allowed here"),
            (
                json!({"id": "r", "wishes": [{"name": "a", "percent": 300}]}),
                "wishes[0].percent: must be at most 255",
            ),
        ] {
            let got =
                read::<Wishes>(value.clone()).map(|_| String::new()).unwrap_or_else(|errors| shown(&errors));
            assert_eq!(got, expect, "{value}");
        }
    }

    #[test]
    fn a_variant_is_told_by_its_type() {
        for (value, expect) in [
            (json!({"type": "skip"}), ""),
            (
                json!({"type": "approve", "x": 1}),
                "effect_hash: is missing; item_id: is missing; x: is not a field here",
            ),
            (
                json!({"type": "nod"}),
                "type: must be one of approve, modify, skip, progress, help, done, continue, override, grant, deny, stop",
            ),
            (json!({"type": "done", "proof": {"refrence": "x"}}), "proof.refrence: is not a field here"),
            (json!({"type": "stop", "item_id": "a"}), "item_id: is not a field here"),
        ] {
            let got =
                read::<Answer>(value.clone()).map(|_| String::new()).unwrap_or_else(|errors| shown(&errors));
            assert_eq!(got, expect, "{value}");
        }
    }
}
