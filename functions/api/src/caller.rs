//! The user who calls, and what of theirs a call is about.

use crate::app::Shared;
use crate::auth::FetchKeys;
use crate::console::is_same_origin;
use crate::problem::Problem;
use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use engine::Run;
use events::{RunId, UserId};
use indexmap::IndexMap;
use ports::{Clock, Key, Read, Record, Stored};

/// The users' security scheme in the API's document.
pub(crate) const SCHEME: &str = "user";

/// The agents' security scheme in the API's document.
pub(crate) const PROGRESS_SCHEME: &str = "progress";

/// Says in the document what a call must carry.
pub(crate) fn secured(operation: &mut Operation, scheme: &str) {
    operation.security = vec![IndexMap::from_iter([(scheme.to_owned(), Vec::new())])];
}

/// The cookie of the console's users: the same token, where a script cannot read it.
pub(crate) const SESSION: &str = "session";

/// The user whose token the call carries.
#[derive(Clone)]
pub struct Caller(pub UserId);

impl<P> FromRequestParts<Shared<P>> for Caller
where
    P: FetchKeys + Clock + Send + Sync + 'static,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared<P>) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let user = app.tokens.user_of(token(parts)?, &app.ports, app.ports.now()).await?;
        Ok(Self(user))
    }
}

/// The token of a call, from its header or the console's cookie.
fn token(parts: &Parts) -> Result<&str, Problem> {
    match (bearer(parts), cookie(&parts.headers, SESSION)) {
        (Some(token), _) => Ok(token),
        // A browser sends a cookie with whatever any page makes it send.
        (None, Some(_)) if !parts.method.is_safe() && !is_same_origin(&parts.headers) => {
            let detail = "A cookie is taken from the console's own pages alone.";
            Err(Problem::new(StatusCode::FORBIDDEN, detail))
        }
        (None, Some(token)) => Ok(token),
        (None, None) => Err(Problem::unauthenticated("A bearer token is needed.")),
    }
}

/// The user whose token the call carries, one who operates the system.
#[derive(Clone)]
pub struct Operator(pub UserId);

impl<P> FromRequestParts<Shared<P>> for Operator
where
    P: FetchKeys + Clock + Send + Sync + 'static,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared<P>) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let known = app.tokens.known_by(token(parts)?, &app.ports, app.ports.now()).await?;
        if known.operates {
            return Ok(Self(known.user));
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "Only those who operate the system may do this."))
    }
}

impl OperationInput for Operator {
    fn operation_input(_ctx: &mut GenContext, operation: &mut Operation) {
        secured(operation, SCHEME);
    }
}

impl OperationInput for Caller {
    fn operation_input(_ctx: &mut GenContext, operation: &mut Operation) {
        secured(operation, SCHEME);
    }
}

/// The bearer token of a call.
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A cookie of a call.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
}

/// An identifier out of a path; one that cannot be is one of nothing.
pub(crate) fn id<T: TryFrom<String>>(text: &str) -> Result<T, Problem> {
    T::try_from(text.to_owned()).map_err(|_| Problem::not_found())
}

/// A run of the caller's, and what else was read with it.
pub(crate) struct Owned {
    /// The run.
    pub run: Run,
    /// The number of its last event.
    pub seq: u64,
    /// The other records.
    pub others: Vec<Stored>,
}

/// Reads a run of the caller's with other records, in one call.
pub(crate) async fn owned(
    ports: &impl Read,
    user: &UserId,
    run: &RunId,
    others: impl IntoIterator<Item = Key>,
) -> Result<Owned, Problem> {
    let mut keys = vec![Key::Run(run.clone())];
    keys.extend(others);
    let mut found = None;
    let mut others = Vec::new();
    for stored in ports.read(&keys).await? {
        match stored.record {
            Record::Run(run) => found = Some((run, stored.seq)),
            _ => others.push(stored),
        }
    }
    let (run, seq) = found.ok_or_else(Problem::not_found)?;
    if run.user_id != *user {
        return Err(Problem::not_found());
    }
    Ok(Owned { run, seq, others })
}
