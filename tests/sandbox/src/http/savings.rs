//! `/savings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::answer::{Refused, effect};
use super::call::{Caller, Effect};
use super::routes::Nothing;
use crate::service::Service;
use crate::world::{CreateRule, UndoRule, World};

type Sandbox = State<Arc<Service>>;

pub(super) async fn accounts(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    let list = sandbox.look(&user, World::savings_accounts)?;
    Ok(Json(list).into_response())
}

pub(super) async fn list(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, _| Ok(world.list_rules()))?).into_response())
}

pub(super) async fn read(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    Ok(Json(sandbox.look(&user, |world, _| world.rule(&id).cloned())?).into_response())
}

pub(super) async fn create(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    call: Effect<CreateRule>,
) -> Result<Response, Refused> {
    let answer =
        sandbox.act(&user, |world, household| world.create_rule(household, &call.request, &call.body))?;
    Ok(effect(answer))
}

pub(super) async fn delete(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<Nothing>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| world.delete_rule(household, &id, &call.request))?;
    Ok(effect(answer))
}

pub(super) async fn undo(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    call: Effect<UndoRule>,
) -> Result<Response, Refused> {
    let answer =
        sandbox.act(&user, |world, household| world.undo_rule(household, &call.request, &call.body))?;
    Ok(effect(answer))
}
