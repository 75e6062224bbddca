//! `GET /consents`, `PUT /consents/{scope}` and `DELETE /consents/{scope}`.

use crate::access;
use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::view::{ConsentList, ConsentRequest, ConsentView};
use axum::Json;
use axum::extract::{Path, State};
use engine::Consent;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// Which consent.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// What is allowed, such as `read_transactions`.
    pub(crate) scope: String,
}

/// The consents ever given.
pub(crate) async fn list<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<ConsentList>, Problem> {
    let now = app.ports.now();
    let access = access::read(&app.ports, &user).await?;
    let consents =
        access.consents.iter().map(|(scope, consent)| ConsentView::of(scope, consent, now)).collect();
    Ok(Json(ConsentList { consents }))
}

/// Grants a consent, or grants it anew.
pub(crate) async fn grant<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { scope }): Path<Which>,
    Body(request): Body<ConsentRequest>,
) -> Result<Json<ConsentView>, Problem> {
    access::known("consent", &scope, &access::scopes(&app.catalog))?;
    let now = app.ports.now();
    let consent = Consent { granted_at: now, expires_at: expiry(request.expires_at, now)?, revoked_at: None };
    access::change(&app.ports, &user, |access| {
        access.consents.insert(scope.clone(), consent.clone());
        Ok(())
    })
    .await?;
    Ok(Json(ConsentView::of(&scope, &consent, now)))
}

fn expiry(wanted: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Problem> {
    let latest = access::latest(now);
    match wanted {
        None => Ok(latest),
        Some(at) if at > now && at <= latest => Ok(at),
        Some(_) => {
            let error = FieldError::new("expires_at", "must be later than now, by a year at most");
            Err(Problem::bad_request(vec![error]))
        }
    }
}

/// Takes a consent back; taking it back again changes nothing.
pub(crate) async fn revoke<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { scope }): Path<Which>,
) -> Result<Json<ConsentView>, Problem> {
    let now = app.ports.now();
    let view = access::change(&app.ports, &user, |access| {
        let consent = access.consents.get_mut(&scope).ok_or_else(Problem::not_found)?;
        consent.revoked_at = consent.revoked_at.or(Some(now));
        Ok(ConsentView::of(&scope, consent, now))
    })
    .await?;
    Ok(Json(view))
}
