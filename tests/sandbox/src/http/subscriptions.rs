//! `/subscriptions`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::answer::{Refused, effect};
use super::call::{Caller, Effect};
use crate::service::Service;
use crate::world::{ChangePlan, ChangeVersion, Restore, WireSubscription};

type Sandbox = State<Arc<Service>>;

pub(super) async fn list(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    let list = sandbox.look(&user, |world, _| Ok(world.list_subscriptions()))?;
    Ok(Json(list).into_response())
}

pub(super) async fn read(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    Ok(sandbox
        .look(&user, |world, _| Ok(Json(WireSubscription::of(world.subscription(&id)?)).into_response()))?)
}

pub(super) async fn cancel(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<ChangeVersion>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        world.cancel_subscription(household, &id, &call.request, &call.body)
    })?;
    Ok(effect(answer))
}

pub(super) async fn downgrade(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<ChangePlan>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        world.downgrade_subscription(household, &id, &call.request, &call.body)
    })?;
    Ok(effect(answer))
}

pub(super) async fn restore(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<Restore>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        world.restore_subscription(household, &id, &call.request, &call.body)
    })?;
    Ok(effect(answer))
}
