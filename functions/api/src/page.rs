//! Pages of a list: `?after=…&limit=…`.

use crate::problem::{FieldError, Problem};
use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use schemars::{JsonSchema, schema_for};
use std::collections::BTreeMap;

/// Entries of a page where the call does not say.
const DEFAULT: usize = 50;

/// The most entries of a page.
const MOST: usize = 200;

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this: the `next` of the page before.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// The query of a list.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct PageQuery {
    /// Only what comes after this: the `next` of the page before.
    after: Option<String>,
    /// At most so many.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<BTreeMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::bad_request(vec![FieldError::new("", "the query cannot be read")]))?;
        Self::of(query.0).map_err(Problem::bad_request)
    }
}

impl Page {
    fn of(query: BTreeMap<String, String>) -> Result<Self, Vec<FieldError>> {
        let mut page = Self { after: None, limit: DEFAULT };
        let mut errors = Vec::new();
        for (name, value) in query {
            match name.as_str() {
                "after" => page.after = Some(value).filter(|value| !value.is_empty()),
                "limit" => match value.parse() {
                    Ok(limit) if (1..=MOST).contains(&limit) => page.limit = limit,
                    _ => errors.push(FieldError::new("limit", format!("must be from 1 to {MOST}"))),
                },
                _ => errors.push(FieldError::new(name, "is not a field here")),
            }
        }
        if errors.is_empty() { Ok(page) } else { Err(errors) }
    }
}

impl OperationInput for Page {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let parameters = parameters_from_schema(ctx, schema_for!(PageQuery), ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
    }
}
