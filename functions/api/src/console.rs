//! The web console: pages made here from what the API's own routes answer, so that there is one way to do a thing.
//!
//! A page's handler calls the route's handler as the function that it is, and shows what it returns; a form is read into the body that
//! the route takes. Nothing is decided here. A [`Problem`] becomes a page on the way out.

mod achievements;
mod answering;
mod assets;
mod chart;
mod consents;
mod goals;
mod history;
mod home;
mod impact;
mod layout;
mod notices;
mod operation;
mod preferences;
mod promise;
mod proof;
mod report;
mod run;
mod session;
mod site;
mod task;
mod tasks;
mod todo;
mod told;
mod words;

pub use site::Site;
pub(crate) use site::is_same_origin;

use crate::app::Shared;
use crate::outside::Outside;
use crate::problem::Problem;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};

/// Every page.
pub(crate) fn routes<P: Outside>(app: &Shared<P>) -> Router<Shared<P>> {
    let known = Router::new()
        .route("/console", get(home::page::<P>))
        .route("/console/card", get(home::card::<P>))
        .route("/console/runs", get(history::page::<P>).post(home::select::<P>))
        .route("/console/runs/{run_id}", get(run::page::<P>))
        .route("/console/runs/{run_id}/card", get(run::card::<P>))
        .route("/console/runs/{run_id}/{order}", post(run::steer::<P>))
        .route("/console/runs/{run_id}/report", get(report::page::<P>))
        .route("/console/tasks", get(todo::page::<P>))
        .route("/console/tasks/card", get(todo::card::<P>))
        .route("/console/tasks/{task_id}", get(tasks::one::<P>))
        .route("/console/tasks/{task_id}/card", get(tasks::card::<P>))
        .route("/console/tasks/{task_id}/answers", post(tasks::answer::<P>))
        .route("/console/tasks/{task_id}/arrangement", post(tasks::arrange::<P>))
        .route("/console/tasks/{task_id}/proof", get(proof::page::<P>))
        .route("/console/tasks/{task_id}/proofs/{file}", get(proof::take::<P>))
        .route("/console/tasks/{task_id}/files/{file}", get(proof::fetch::<P>))
        .route("/console/declines", post(home::decline_it::<P>))
        .route("/console/goals", get(goals::page::<P>).post(goals::save::<P>))
        .route("/console/consents", get(consents::page::<P>).post(consents::change::<P>))
        .route("/console/impact", get(impact::page::<P>))
        .route("/console/achievements", get(achievements::page::<P>))
        .route("/console/operation", get(operation::page::<P>).post(operation::replay::<P>))
        .route("/console/operation/failures", post(operation::try_again::<P>))
        .route("/console/notices", get(notices::page::<P>))
        .route("/console/notices/card", get(notices::card::<P>))
        .route("/console/notices/unread", get(notices::unread::<P>))
        .route("/console/notices/read", post(notices::read_all::<P>))
        .route("/console/notices/{notice_id}/read", post(notices::read::<P>))
        .route("/console/preferences", get(preferences::page::<P>).post(preferences::save::<P>))
        .route("/console/preferences/codes", get(preferences::codes::<P>))
        .route("/console/preferences/{channel}/code", post(preferences::code_again::<P>))
        .route("/console/preferences/{channel}/confirmation", post(preferences::confirm::<P>))
        .route("/console/sign-out", post(session::sign_out::<P>))
        .route("/console/{*rest}", any(nothing))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This page does not take this.")
        })
        .layer(from_fn_with_state(app.clone(), session::known::<P>));
    Router::new()
        .route("/console/sign-in", get(session::page::<P>).post(session::sign_in::<P>))
        .route("/console/sign-in/password", post(session::choose::<P>))
        .route("/console/assets/{name}", get(assets::one))
        .merge(known)
        .layer(from_fn_with_state(app.clone(), layout::around::<P>))
}

async fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such page.")
}
