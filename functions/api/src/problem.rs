//! How the API says no: problem documents (RFC 9457) that name every wrong field.

use crate::view::RunStatus;
use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as ResponseDoc, SchemaObject, StatusCode as StatusDoc};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use coordinator::Failed;
use engine::answer::{Refusal, WrongField};
use engine::{Decided, DecidedBy};
use events::Answer;
use indexmap::IndexMap;
use jiff::Timestamp;
use ports::{CommitError, PortError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a call could not do, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The HTTP status, its words.
    pub title: String,
    /// The HTTP status, its number.
    pub status: u16,
    /// One sentence about this very call.
    pub detail: String,
    /// The fields that are wrong, all of them where that can be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What was decided before, where that is what stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Box<Answer>>,
    /// When that was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// The run's state, where that is what stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_status: Option<RunStatus>,
}

/// A field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// Its path, such as `goals[1].target`; empty for the whole body.
    pub field: String,
    /// What is wrong, without the value.
    pub what: String,
}

impl FieldError {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

impl From<WrongField> for FieldError {
    fn from(wrong: WrongField) -> Self {
        Self { field: wrong.field, what: wrong.what }
    }
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            decided: None,
            decided_at: None,
            run_status: None,
        }
    }

    /// The body, the path or the query is wrong.
    pub fn bad_request(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, "Some fields are wrong.") }
    }

    /// The caller is not known.
    pub fn unauthenticated(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// There is no such thing, or it is another user's: the caller cannot tell which.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing of yours here.")
    }

    /// The thing is in a state that does not allow it.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// The run is in a state that does not allow it.
    pub fn in_state(status: engine::RunStatus, detail: impl Into<String>) -> Self {
        Self { run_status: Some(status.into()), ..Self::conflict(detail) }
    }

    /// The call is well formed and cannot be done.
    pub fn unprocessable(detail: impl Into<String>, errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// Others wrote at the same time, again and again.
    pub fn contended() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Others are changing this at the moment; try again.")
    }

    /// Our own fault; logged here with its cause, which the caller is not told.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(error.chain = %cause, "a call failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unavailable { .. } => {
                tracing::warn!(error.chain = %error, "a call could not be served");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "This cannot be served at the moment; try again.")
            }
            PortError::Unreadable { .. } | PortError::TooLarge { .. } => Self::internal(&error),
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict { .. } => Self::contended(),
            CommitError::Port(error) => error.into(),
        }
    }
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Port(error) => error.into(),
            Failed::Contended(_) => Self::contended(),
            Failed::Illegal(illegal) => Self::conflict(illegal.to_string()),
            Failed::Missing { .. } => {
                Self::conflict("The run's workflow is not known to this version of the system.")
            }
            Failed::Attempt(_) | Failed::Agent(_) => Self::internal(&failed),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let fields = |wrong: Vec<WrongField>| wrong.into_iter().map(FieldError::from).collect();
        match refusal {
            Refusal::Fields(wrong) => Self::bad_request(fields(wrong)),
            Refusal::NotOffered(wrong) => {
                Self::unprocessable("The question does not offer this.", fields(wrong))
            }
            Refusal::Changed { .. } => Self::conflict("It has changed since it was shown; look again."),
            Refusal::Decided(before) => Self {
                decided: Some(Box::new(before.answer.clone())),
                decided_at: Some(before.at),
                ..Self::conflict(said(&before))
            },
            Refusal::Closed => Self::conflict("This question no longer waits for an answer."),
        }
    }
}

/// What was decided and by whom, as a sentence.
fn said(decided: &Decided) -> String {
    let what = match &decided.answer {
        Answer::Approve { .. } => "approved",
        Answer::Modify { .. } => "changed",
        Answer::Skip { .. } => "left out",
        Answer::Done { .. } => "reported as done",
        Answer::Continue { .. } => "continued",
        Answer::Override {} => "taken as it is",
        Answer::Grant {} => "allowed",
        Answer::Deny {} => "not allowed",
        Answer::Stop {} => "stopped",
        Answer::Progress { .. } | Answer::Help { .. } => "answered",
    };
    let by = match decided.by {
        DecidedBy::User => "by you",
        DecidedBy::Deadline => "by its deadline",
    };
    format!("It was {what} {by}.")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The console makes a page of it.
        response.extensions_mut().insert(self);
        response
    }
}

impl OperationOutput for Problem {
    type Inner = Self;

    fn operation_response(ctx: &mut GenContext, _operation: &mut Operation) -> Option<ResponseDoc> {
        let schema = SchemaObject {
            json_schema: ctx.schema.subschema_for::<Self>(),
            example: None,
            external_docs: None,
        };
        let media = MediaType { schema: Some(schema), ..MediaType::default() };
        Some(ResponseDoc {
            description: "What could not be done, and why.".to_owned(),
            content: IndexMap::from_iter([(PROBLEM_JSON.to_owned(), media)]),
            ..ResponseDoc::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<StatusDoc>, ResponseDoc)> {
        Self::operation_response(ctx, operation).map(|doc| (None, doc)).into_iter().collect()
    }
}
