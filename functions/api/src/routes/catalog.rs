//! `GET /workflows`.

use crate::app::Shared;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::view::{WorkflowLine, WorkflowList};
use axum::Json;
use axum::extract::State;

/// The newest version of every workflow.
pub(crate) async fn list<P: Outside>(State(app): State<Shared<P>>, _caller: Caller) -> Json<WorkflowList> {
    Json(WorkflowList { workflows: app.catalog.newest().map(WorkflowLine::from).collect() })
}
