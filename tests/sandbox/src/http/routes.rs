//! Which path goes where.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{Method, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::answer::{Refused, refusal};
use super::call::Caller;
use super::{admin, billers, fault_gate, gigs, savings, subscriptions};
use crate::plaid;
use crate::service::Service;
use crate::world::{Code, Refusal};

/// A body that must be empty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// All routes of a sandbox.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .merge(subscription_routes())
        .merge(biller_routes())
        .merge(savings::routes::<false>("/savings"))
        .merge(savings::routes::<true>("/savings-partner"))
        .merge(gig_routes())
        .merge(admin_routes())
        .merge(plaid::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&service), fault_gate::pass))
        .with_state(service)
}

fn subscription_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/subscriptions", get(subscriptions::list))
        .route("/subscriptions/operations/{*key}", get(operation))
        .route("/subscriptions/{id}", get(subscriptions::read))
        .route("/subscriptions/{id}/cancel", post(subscriptions::cancel))
        .route("/subscriptions/{id}/downgrade", post(subscriptions::downgrade))
        .route("/subscriptions/{id}/restore", post(subscriptions::restore))
}

fn biller_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/offers", get(billers::offers))
        .route("/billers", get(billers::list))
        .route("/billers/operations/{*key}", get(operation))
        .route("/billers/{id}", get(billers::read))
        .route("/billers/{id}/verification", post(billers::verify))
        .route("/billers/{id}/revert", post(billers::revert))
        .route("/billers/{id}/retention/sessions", post(billers::open_chat))
        .route("/billers/{id}/retention/sessions/{session}", get(billers::chat))
        .route("/billers/{id}/retention/sessions/{session}/messages", post(billers::say))
        .route("/billers/{id}/retention/sessions/{session}/accept", post(billers::accept))
}

fn gig_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/gigs", get(gigs::list))
        .route("/gigs/profile", get(gigs::profile))
        .route("/gigs/operations/{*key}", get(operation))
        .route("/gigs/proofs/{reference}", get(gigs::proof))
        .route("/gigs/applications", get(gigs::applications).post(gigs::apply))
        .route("/gigs/applications/withdraw", post(gigs::undo))
        .route("/gigs/applications/{id}", get(gigs::application))
        .route("/gigs/applications/{id}/status", post(gigs::set_status))
        .route("/gigs/applications/{id}/withdraw", post(gigs::withdraw))
}

fn admin_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/healthz", get(admin::health))
        .route("/admin/clock", get(admin::clock).put(admin::set_clock))
        .route("/admin/state", get(admin::state))
        .route("/admin/ledger", get(admin::ledger))
        .route("/admin/household", get(admin::household))
        .route("/admin/users", get(admin::users).post(admin::add_user))
        .route("/admin/users/{user}", axum::routing::delete(admin::remove_user))
        .route("/admin/faults", get(admin::faults).post(admin::add_fault).delete(admin::clear_faults))
        .route("/admin/faults/{id}", axum::routing::delete(admin::remove_fault))
}

/// What became of an idempotency key, which may contain slashes.
async fn operation(
    State(sandbox): State<Arc<Service>>,
    Caller(user): Caller,
    Path(key): Path<String>,
) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, _| world.operation(&key))?).into_response())
}

async fn unknown_path(method: Method, uri: Uri) -> Response {
    refusal(&Refusal::new(Code::NotFound, format!("there is no {method} {}", uri.path())))
}

/// The router itself adds which methods there are.
async fn unknown_method(method: Method, uri: Uri) -> Response {
    refusal(&Refusal::new(Code::MethodNotAllowed, format!("there is no {method} of {}", uri.path())))
}
