//! `/gigs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::answer::{Refused, effect};
use super::call::{Caller, Effect};
use super::routes::Nothing;
use crate::service::Service;
use crate::world::{Apply, SetStatus, Withdraw};

type Sandbox = State<Arc<Service>>;

pub(super) async fn list(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, household| Ok(world.list_gigs(household)))?).into_response())
}

pub(super) async fn profile(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |_, household| Ok(household.person.clone()))?).into_response())
}

pub(super) async fn applications(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, _| Ok(world.list_applications()))?).into_response())
}

pub(super) async fn application(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, _| world.application(&id).cloned())?).into_response())
}

pub(super) async fn proof(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(reference): Path<String>,
) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, _| world.proof(&reference))?).into_response())
}

pub(super) async fn apply(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    call: Effect<Apply>,
) -> Result<Response, Refused> {
    let answer =
        sandbox.act(&user, |world, household| world.apply_for_gig(household, &call.request, &call.body))?;
    Ok(effect(answer))
}

pub(super) async fn set_status(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<SetStatus>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        world.set_application_status(household, &id, &call.request, &call.body)
    })?;
    Ok(effect(answer))
}

pub(super) async fn withdraw(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<Nothing>,
) -> Result<Response, Refused> {
    let answer =
        sandbox.act(&user, |world, household| world.withdraw_application(household, &id, &call.request))?;
    Ok(effect(answer))
}

pub(super) async fn undo(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    call: Effect<Withdraw>,
) -> Result<Response, Refused> {
    let answer = sandbox
        .act(&user, |world, household| world.undo_application(household, &call.request, &call.body))?;
    Ok(effect(answer))
}
