//! `GET /links`, `PUT /links/{provider}` and `DELETE /links/{provider}`. An access token goes in and never comes out.

use crate::access;
use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::view::{LinkList, LinkRequest, LinkView};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use engine::Link;
use schemars::JsonSchema;
use serde::Deserialize;

/// Which provider.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// The provider, such as `plaid`.
    pub(crate) provider: String,
}

/// The linked providers.
pub(crate) async fn list<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<LinkList>, Problem> {
    let access = access::read(&app.ports, &user).await?;
    let links = access.links.iter().map(|(provider, link)| LinkView::of(provider, link)).collect();
    Ok(Json(LinkList { links }))
}

/// Links a provider, in place of its link so far.
pub(crate) async fn put<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { provider }): Path<Which>,
    Body(request): Body<LinkRequest>,
) -> Result<Json<LinkView>, Problem> {
    access::known("provider", &provider, &access::providers(&app.catalog))?;
    let link =
        Link { access_token: request.access_token, accounts: request.accounts, linked_at: app.ports.now() };
    let view = LinkView::of(&provider, &link);
    access::change(&app.ports, &user, |access| {
        access.links.insert(provider.clone(), link.clone());
        Ok(())
    })
    .await?;
    Ok(Json(view))
}

/// Forgets a link.
pub(crate) async fn delete<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { provider }): Path<Which>,
) -> Result<NoContent, Problem> {
    access::change(&app.ports, &user, |access| {
        access.links.shift_remove(&provider).map(|_| ()).ok_or_else(Problem::not_found)
    })
    .await?;
    Ok(NoContent)
}
