//! `/billers` and `/offers`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::answer::{Refused, effect};
use super::call::{Body, Caller, Effect};
use crate::household::BillKind;
use crate::service::Service;
use crate::world::{Accept, Message, OpenChat, Revert, Verify};

type Sandbox = State<Arc<Service>>;

#[derive(Debug, Deserialize)]
pub(super) struct OfKind {
    kind: Option<BillKind>,
}

pub(super) async fn list(State(sandbox): Sandbox, Caller(user): Caller) -> Result<Response, Refused> {
    let list = sandbox.look(&user, |world, household| Ok(world.list_bills(household)))?;
    Ok(Json(list).into_response())
}

pub(super) async fn offers(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Query(of): Query<OfKind>,
) -> Result<Response, Refused> {
    let list = sandbox.look(&user, |world, household| Ok(world.list_offers(household, of.kind)))?;
    Ok(Json(list).into_response())
}

pub(super) async fn read(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    Ok(sandbox.look(&user, |world, household| {
        Ok(Json(world.wire_bill(household, world.bill(&id)?)).into_response())
    })?)
}

pub(super) async fn verify(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    Body(body): Body<Verify>,
) -> Result<Response, Refused> {
    Ok(Json(sandbox.act(&user, |world, household| world.verify(household, &id, &body))?).into_response())
}

pub(super) async fn open_chat(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<OpenChat>,
) -> Result<Response, Refused> {
    let answer =
        sandbox.act(&user, |world, household| world.open_chat(household, &id, &call.request, &call.body))?;
    Ok(effect(answer))
}

pub(super) async fn chat(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path((id, session)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let chat = sandbox.look(&user, |world, _| Ok(world.chat(&id, &session)?.wire()))?;
    Ok(Json(chat).into_response())
}

pub(super) async fn say(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path((id, session)): Path<(String, String)>,
    Body(message): Body<Message>,
) -> Result<Response, Refused> {
    let reply = sandbox.act(&user, |world, household| world.say(household, &id, &session, message))?;
    Ok(Json(reply).into_response())
}

pub(super) async fn accept(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path((id, session)): Path<(String, String)>,
    call: Effect<Accept>,
) -> Result<Response, Refused> {
    let answer = sandbox.act(&user, |world, household| {
        world.accept_offer(household, &id, &session, &call.request, &call.body)
    })?;
    Ok(effect(answer))
}

pub(super) async fn revert(
    State(sandbox): Sandbox,
    Caller(user): Caller,
    Path(id): Path<String>,
    call: Effect<Revert>,
) -> Result<Response, Refused> {
    let answer = sandbox
        .act(&user, |world, household| world.revert_offer(household, &id, &call.request, &call.body))?;
    Ok(effect(answer))
}
