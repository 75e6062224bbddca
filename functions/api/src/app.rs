//! The API as one service: its state, its routes, and what holds for every call.

use crate::auth::Tokens;
use crate::console::{self, Site};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::recent::Recent;
use crate::{openapi, routes};
use aide::openapi::OpenApi;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use statemachines::Catalog;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// The largest body of a call, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// What every route works with.
pub struct App<P> {
    /// What it needs from outside.
    pub ports: P,
    /// The workflows.
    pub catalog: Catalog,
    /// Who may call.
    pub tokens: Tokens,
    /// The key of the agents' progress tokens.
    pub progress_key: String,
    /// When each step's progress was last written down.
    pub recent: Recent,
    /// Where it is, as a browser sees it.
    pub site: Site,
}

/// The state of a route.
pub type Shared<P> = Arc<App<P>>;

impl<P> App<P> {
    /// The API of a catalog.
    pub fn new(ports: P, catalog: Catalog, tokens: Tokens, progress_key: impl Into<String>) -> Self {
        let (recent, site) = (Recent::default(), Site::default());
        Self { ports, catalog, tokens, progress_key: progress_key.into(), recent, site }
    }

    /// The same at another place.
    #[must_use]
    pub fn at(self, site: Site) -> Self {
        Self { site, ..self }
    }
}

/// The service that answers calls.
pub fn service<P: Outside>(app: App<P>) -> Router {
    let app = Arc::new(app);
    let (routes, _) = router::<P>();
    routes
        .merge(console::routes(&app))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(around))
        .with_state(app)
}

/// The routes, and the document that describes them.
pub(crate) fn router<P: Outside>() -> (Router<Shared<P>>, OpenApi) {
    let mut document = OpenApi::default();
    aide::generate::extract_schemas(true);
    let router = routes::all::<P>()
        .finish_api_with(&mut document, openapi::describe)
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
        })
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "There is no such address."));
    (router, document)
}

/// Around every call: nothing is cached, a panic is a 500, and one line is logged, with the route and never with the path, which
/// names people's things.
async fn around(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
            .into_response(),
    };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    tracing::info!(call.method = %method, call.route = route, call.status = status, "{method} {route} {status}");
    response
}
