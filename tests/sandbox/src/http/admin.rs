//! `/admin` and `/healthz`: the strings the test holds. No credentials, loopback only.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use super::answer::Refused;
use super::call::Body;
use crate::faults::{FaultRule, NewFault};
use crate::figures;
use crate::service::Service;
use crate::world::{Code, Refusal};

type Sandbox = State<Arc<Service>>;

#[derive(Debug, Deserialize)]
pub(super) struct OfUser {
    user: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clock {
    as_of: Date,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    user_id: String,
    household: Option<PathBuf>,
    person: Option<String>,
    as_of: Option<Date>,
}

/// The user that `?user=` names, else the one the server was started with.
fn user_of(sandbox: &Service, of: OfUser) -> String {
    of.user.unwrap_or_else(|| sandbox.read(|state| state.default_user.clone()))
}

pub(super) async fn health() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

pub(super) async fn clock(State(sandbox): Sandbox, Query(of): Query<OfUser>) -> Result<Response, Refused> {
    let user = user_of(&sandbox, of);
    Ok(Json(sandbox.look(&user, |world, _| Ok(json!({ "as_of": world.clock })))?).into_response())
}

pub(super) async fn set_clock(
    State(sandbox): Sandbox,
    Query(of): Query<OfUser>,
    Body(clock): Body<Clock>,
) -> Result<Response, Refused> {
    let user = user_of(&sandbox, of);
    let now = sandbox.act(&user, |world, household| {
        world.move_clock(household, clock.as_of)?;
        Ok(json!({ "as_of": world.clock }))
    })?;
    Ok(Json(now).into_response())
}

pub(super) async fn state(State(sandbox): Sandbox, Query(of): Query<OfUser>) -> Result<Response, Refused> {
    let user = user_of(&sandbox, of);
    let snapshot = sandbox.look(&user, |world, household| Ok(world.snapshot(household)?))?;
    Ok(Json(snapshot).into_response())
}

pub(super) async fn ledger(State(sandbox): Sandbox, Query(of): Query<OfUser>) -> Result<Response, Refused> {
    let user = user_of(&sandbox, of);
    Ok(Json(sandbox.look(&user, |world, _| Ok(world.ledger()))?).into_response())
}

pub(super) async fn household(
    State(sandbox): Sandbox,
    Query(of): Query<OfUser>,
) -> Result<Response, Refused> {
    let user = user_of(&sandbox, of);
    let answer = sandbox.look(&user, |world, household| {
        let figures = figures::of_world(world, household)
            .map_err(|error| Refusal::new(Code::Unavailable, error.to_string()))?;
        Ok(json!({
            "user_id": world.user_id, "as_of": world.clock, "name": household.name, "goals": household.goals,
            "figures": figures,
        }))
    })?;
    Ok(Json(answer).into_response())
}

pub(super) async fn users(State(sandbox): Sandbox) -> Response {
    let list = sandbox.read(
        |state| json!({ "users": state.users.keys().collect::<Vec<_>>(), "default": state.default_user }),
    );
    Json(list).into_response()
}

pub(super) async fn add_user(State(sandbox): Sandbox, Body(new): Body<NewUser>) -> Result<Response, Refused> {
    if new.user_id.is_empty() || new.user_id.len() > 200 {
        return Err(Refusal::bad("user_id", "must have 1 to 200 characters").into());
    }
    let is_new = sandbox.add_user(&new.user_id, new.household, new.person, new.as_of)?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(json!({ "user_id": new.user_id }))).into_response())
}

pub(super) async fn remove_user(
    State(sandbox): Sandbox,
    Path(user): Path<String>,
) -> Result<Response, Refused> {
    sandbox.change(|state| {
        if user == state.default_user {
            return Err(Refusal::new(Code::Conflict, "the server's own user stays"));
        }
        state.users.remove(&user).ok_or_else(|| Refusal::missing("user", &user))?;
        state.access_tokens.retain(|_, item| item.user != user);
        state.public_tokens.retain(|_, token| token.user != user);
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn faults(State(sandbox): Sandbox) -> Response {
    Json(sandbox.read(|state| json!({ "faults": state.faults }))).into_response()
}

pub(super) async fn add_fault(
    State(sandbox): Sandbox,
    Body(new): Body<NewFault>,
) -> Result<Response, Refused> {
    let fault_id = sandbox.change(|state| {
        let fault_id = format!("fault_{}", state.next_number());
        state.faults.push(FaultRule {
            fault_id: fault_id.clone(),
            matches: new.matches,
            fault: new.fault,
            seen: 0,
            hits: 0,
        });
        Ok(fault_id)
    })?;
    Ok((StatusCode::CREATED, Json(json!({ "fault_id": fault_id }))).into_response())
}

/// Whose faults.
#[derive(serde::Deserialize)]
pub(super) struct Whose {
    user: Option<String>,
}

/// Forgets every fault, or those of one user.
pub(super) async fn clear_faults(
    State(sandbox): Sandbox,
    Query(Whose { user }): Query<Whose>,
) -> Result<Response, Refused> {
    sandbox.change(|state| {
        state.faults.retain(|rule| user.is_some() && rule.matches.user != user);
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn remove_fault(
    State(sandbox): Sandbox,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    sandbox.change(|state| {
        let before = state.faults.len();
        state.faults.retain(|rule| rule.fault_id != id);
        if state.faults.len() == before { Err(Refusal::missing("fault", &id)) } else { Ok(()) }
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
