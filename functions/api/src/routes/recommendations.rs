//! `GET /recommendations` and `GET /recommendations/{recommendation_id}`.

use crate::app::Shared;
use crate::caller::{Caller, id};
use crate::outside::Outside;
use crate::page::Page;
use crate::problem::Problem;
use crate::view::{RecommendationList, RecommendationView};
use axum::Json;
use axum::extract::{Path, State};
use ports::{Key, Listing, Record};
use schemars::JsonSchema;
use serde::Deserialize;

/// Which recommendation.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// The recommendation.
    pub(crate) recommendation_id: String,
}

/// A page of them.
pub(crate) async fn list<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    page: Page,
) -> Result<Json<RecommendationList>, Problem> {
    let after = page.after.map(|id| format!("REC#{id}"));
    let stored = app.ports.list(Listing::Recommendations(user), after, page.limit).await?;
    let full = stored.len() == page.limit;
    let recommendations: Vec<_> = stored
        .into_iter()
        .filter_map(|stored| match stored.record {
            Record::Recommendation(it) => Some(RecommendationView::line(it)),
            _ => None,
        })
        .collect();
    let last = recommendations.last().map(|it| it.recommendation_id.to_string());
    Ok(Json(RecommendationList { recommendations, next: last.filter(|_| full) }))
}

/// One of them.
pub(crate) async fn one<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { recommendation_id }): Path<Which>,
) -> Result<Json<RecommendationView>, Problem> {
    let key = Key::Recommendation(user, id(&recommendation_id)?);
    for stored in app.ports.read(&[key]).await? {
        if let Record::Recommendation(it) = stored.record {
            return Ok(Json(it.into()));
        }
    }
    Err(Problem::not_found())
}
