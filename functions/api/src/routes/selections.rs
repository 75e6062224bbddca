//! `POST /selections`: starts a recommended workflow by the function `start`, which alone decides.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::view::{SelectionRequest, SelectionResult};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::{Recommendation, Selection};
use events::{ErrorClass, RunId, UserId, WorkflowSelected};
use ports::{InvokeError, Key, Read, Record};
use serde::Deserialize;
use serde_json::json;

/// Selects.
pub(crate) async fn select<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Body(request): Body<SelectionRequest>,
) -> Result<(StatusCode, Json<SelectionResult>), Problem> {
    let (recommendation, selection) = known(&app.ports, &user, &request).await?;
    if let Some(before) = selection {
        return repeated(before, &request);
    }
    check(&recommendation, &request)?;
    let selection = WorkflowSelected {
        recommendation_id: request.recommendation_id,
        workflow_id: request.workflow_id,
        idempotency_key: request.idempotency_key,
    };
    let payload = json!({ "user_id": user, "selection": selection });
    let answer = app.ports.invoke("start", &payload).await.map_err(refused)?;
    let Started { run_id, created } =
        Started::deserialize(answer).map_err(|error| Problem::internal(&error))?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(SelectionResult { run_id })))
}

/// What `start` answers.
#[derive(Deserialize)]
struct Started {
    run_id: RunId,
    created: bool,
}

async fn known(
    ports: &impl Read,
    user: &UserId,
    request: &SelectionRequest,
) -> Result<(Recommendation, Option<Selection>), Problem> {
    let keys = [
        Key::Recommendation(user.clone(), request.recommendation_id.clone()),
        Key::Selection(user.clone(), request.idempotency_key.clone()),
    ];
    let mut recommendation = None;
    let mut selection = None;
    for stored in ports.read(&keys).await? {
        match stored.record {
            Record::Recommendation(it) => recommendation = Some(it),
            Record::Selection(it) => selection = Some(it),
            _ => {}
        }
    }
    Ok((recommendation.ok_or_else(Problem::not_found)?, selection))
}

fn repeated(
    before: Selection,
    request: &SelectionRequest,
) -> Result<(StatusCode, Json<SelectionResult>), Problem> {
    let same =
        before.recommendation_id == request.recommendation_id && before.workflow_id == request.workflow_id;
    if same {
        Ok((StatusCode::OK, Json(SelectionResult { run_id: before.run_id })))
    } else {
        Err(Problem::conflict("This idempotency key was used for another selection."))
    }
}

/// What can be told from the recommendation alone.
fn check(recommendation: &Recommendation, request: &SelectionRequest) -> Result<(), Problem> {
    let wrong = |what: &str| {
        let detail = "This workflow cannot be selected.";
        Err(Problem::unprocessable(detail, vec![FieldError::new("workflow_id", what)]))
    };
    match recommendation.actions.actions.iter().find(|it| it.workflow_id == request.workflow_id) {
        None => wrong("was not recommended"),
        Some(action) if !action.available => wrong("is not available yet"),
        Some(_) => Ok(()),
    }
}

fn refused(error: InvokeError) -> Problem {
    match error.class {
        ErrorClass::Declined => Problem::conflict(error.message),
        ErrorClass::Validation | ErrorClass::Permission => Problem::unprocessable(error.message, Vec::new()),
        class if class.is_transient() => {
            tracing::warn!(error.class = class.as_str(), "a selection could not be handed on");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Nothing can be started at the moment; try again.")
        }
        _ => Problem::internal(&error),
    }
}
