//! `/savings`, and `/savings-partner`: the same service of another bank, with books of its own.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::answer::{Refused, effect};
use super::call::{Caller, Effect};
use super::routes::Nothing;
use crate::service::Service;
use crate::world::{CreateRule, UndoRule, World};

type Sandbox = State<Arc<Service>>;

/// The routes of one of the two banks, under this path.
pub(super) fn routes<const PARTNER: bool>(path: &str) -> Router<Arc<Service>> {
    Router::new()
        .route(&format!("{path}/accounts"), get(accounts))
        .route(&format!("{path}/operations/{{*key}}"), get(operation::<PARTNER>))
        .route(&format!("{path}/rules"), get(list::<PARTNER>).post(create::<PARTNER>))
        .route(&format!("{path}/rules/undo"), axum::routing::post(undo::<PARTNER>))
        .route(&format!("{path}/rules/{{id}}"), get(read::<PARTNER>).delete(delete::<PARTNER>))
}

/// The world with the books of one of the two banks.
fn books<const PARTNER: bool>(world: &World) -> Cow<'_, World> {
    if PARTNER { Cow::Owned(world.clone().at_partner(|world| world.clone())) } else { Cow::Borrowed(world) }
}

/// Does something at one of the two banks.
fn at<const PARTNER: bool, T>(world: &mut World, act: impl FnOnce(&mut World) -> T) -> T {
    if PARTNER { world.at_partner(act) } else { act(world) }
}

async fn accounts(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    let list = sandbox.look(&user, World::savings_accounts)?;
    Ok(Json(list).into_response())
}

/// What became of an idempotency key, which may contain slashes.
async fn operation<const PARTNER: bool>(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(key): Path<String>,
) -> Result<Response, Refused> {
    let found = sandbox.look(&user, |world, _| books::<PARTNER>(world).operation(&key))?;
    Ok(Json(found).into_response())
}

async fn list<const PARTNER: bool>(
    State(sandbox): Sandbox,
    Caller(user): Caller,
) -> Result<Response, Refused> {
    let list = sandbox.look(&user, |world, _| Ok(books::<PARTNER>(world).list_rules()))?;
    Ok(Json(list).into_response())
}

async fn read<const PARTNER: bool>(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let found = sandbox.look(&user, |world, _| books::<PARTNER>(world).rule(&id).cloned())?;
    Ok(Json(found).into_response())
}

async fn create<const PARTNER: bool>(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    call: Effect<CreateRule>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        at::<PARTNER, _>(world, |world| world.create_rule(household, &call.request, &call.body))
    })?;
    Ok(effect(answer))
}

async fn delete<const PARTNER: bool>(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<Nothing>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        at::<PARTNER, _>(world, |world| world.delete_rule(household, &id, &call.request))
    })?;
    Ok(effect(answer))
}

async fn undo<const PARTNER: bool>(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    call: Effect<UndoRule>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        at::<PARTNER, _>(world, |world| world.undo_rule(household, &call.request, &call.body))
    })?;
    Ok(effect(answer))
}
