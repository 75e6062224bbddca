//! The API's own description, generated from its routes and types.

use crate::app::router;
use crate::caller::{PROGRESS_SCHEME, SCHEME};
use crate::outside::Outside;
use crate::problem::Problem;
use aide::openapi::{OpenApi, Operation, ReferenceOr, SecurityScheme, StatusCode};
use aide::operation::OperationOutput;
use aide::transform::{TransformOpenApi, TransformOperation};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeMap;

/// The document as it was generated last; a test compares it with the code.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// The document of the routes, as JSON text.
///
/// # Errors
/// When it cannot be written as JSON, which the tests rule out.
pub fn document<P: Outside>() -> Result<String, serde_json::Error> {
    let (_, document): (_, OpenApi) = router::<P>();
    let mut text = serde_json::to_string_pretty(&sorted(serde_json::to_value(&document)?))?;
    text.push('\n');
    Ok(text)
}

/// The same with every object's names and every operation's parameters in order, so that the document does not depend on how
/// the JSON library was built.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let names: BTreeMap<String, Value> = object.into_iter().collect();
            Value::Object(names.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(sorted).collect();
            if items.iter().all(|it| it["in"].is_string()) {
                items.sort_by_key(|parameter| parameter["name"].to_string());
            }
            Value::Array(items)
        }
        other => other,
    }
}

/// What the routes do not say themselves.
pub(crate) fn describe(api: TransformOpenApi<'_>) -> TransformOpenApi<'_> {
    api.title("Household workflows")
        .version(env!("CARGO_PKG_VERSION"))
        .description(
            "Recommendations, runs of workflows, their questions and the answers. Every refusal is a problem document \
             (RFC 9457) that names all wrong fields; what is another user's is answered as if it did not exist. Amounts are whole minor \
             units with a currency, times are RFC 3339 in UTC.",
        )
        .security_scheme(SCHEME, bearer(Some("JWT"), "An access or id token of the user pool."))
        .security_scheme(PROGRESS_SCHEME, bearer(None, "The token that an agent is given with its step; good for that step alone."))
}

fn bearer(format: Option<&str>, description: &str) -> SecurityScheme {
    SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: format.map(str::to_owned),
        description: Some(description.to_owned()),
        extensions: IndexMap::new(),
    }
}

/// Names an operation and the problems it may answer with.
pub(crate) fn operation<'t>(
    operation: TransformOperation<'t>,
    id: &str,
    summary: &str,
    problems: &[(u16, &str)],
) -> TransformOperation<'t> {
    let mut operation = operation.id(id).summary(summary);
    for (status, when) in problems {
        add(operation.inner_mut(), *status, when);
    }
    operation
}

fn add(operation: &mut Operation, status: u16, when: &str) {
    let response = aide::generate::in_context(|ctx| Problem::operation_response(ctx, operation));
    let Some(mut response) = response else { return };
    when.clone_into(&mut response.description);
    operation
        .responses
        .get_or_insert_default()
        .responses
        .insert(StatusCode::Code(status), ReferenceOr::Item(response));
}
