//! Plaid's wire formats (<https://plaid.com/docs/api/>, version 2020-09-14), as far as the product uses them.

mod accounts;
mod call;
mod error;
mod investments;
mod items;
mod liabilities;
mod recurring;
mod transactions;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use crate::service::Service;

pub use error::PlaidError;

const PATHS: [&str; 9] = [
    "/sandbox/public_token/create",
    "/item/public_token/exchange",
    "/item/get",
    "/accounts/get",
    "/accounts/balance/get",
    "/transactions/sync",
    "/transactions/recurring/get",
    "/liabilities/get",
    "/investments/holdings/get",
];

/// Whether a path is one of Plaid's.
#[must_use]
pub fn is_path(path: &str) -> bool {
    PATHS.contains(&path)
}

/// Plaid's routes.
pub fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route(PATHS[0], post(items::create_public_token))
        .route(PATHS[1], post(items::exchange))
        .route(PATHS[2], post(items::get))
        .route(PATHS[3], post(accounts::get))
        .route(PATHS[4], post(accounts::get))
        .route(PATHS[5], post(transactions::sync))
        .route(PATHS[6], post(recurring::get))
        .route(PATHS[7], post(liabilities::get))
        .route(PATHS[8], post(investments::get))
}
