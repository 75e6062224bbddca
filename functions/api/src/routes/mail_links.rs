//! `GET /link/{secret}`: where the link in a mail leads.
//!
//! The link says nothing and does nothing: it leads to the one question it was made for, which is shown to its user, signed in, alone, and
//! answered by a POST of theirs. So a scanner that follows it, or whoever a mail was forwarded to, changes and learns nothing. It is over
//! with its question: once that is decided or its deadline has passed.

use crate::app::Shared;
use crate::asked::{self, Asked, Found};
use crate::auth::FetchKeys;
use crate::caller::{Caller, bearer};
use crate::outside::Outside;
use crate::problem::Problem;
use crate::view::Question;
use aide::OperationInput;
use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use events::UserId;
use notices::{Pass, hash};
use ports::{Clock, Key, Record};
use schemars::JsonSchema;
use serde::Deserialize;

/// Which link.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Which {
    /// What stands in the mail.
    secret: String,
}

/// Who follows a link: with a token an app, without one a browser.
pub(super) struct Follower(Option<UserId>);

impl<P: FetchKeys + Clock + Send + Sync + 'static> FromRequestParts<Shared<P>> for Follower {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared<P>) -> Result<Self, Problem> {
        if bearer(parts).is_none() {
            return Ok(Self(None));
        }
        Caller::from_request_parts(parts, app).await.map(|Caller(user)| Self(Some(user)))
    }
}

impl OperationInput for Follower {}

/// The question to its user's app; a browser is led to its page.
pub(super) async fn follow<P: Outside>(
    State(app): State<Shared<P>>,
    Follower(who): Follower,
    Path(Which { secret }): Path<Which>,
) -> Result<Response, Problem> {
    let stored = app.ports.read(&[Key::Pass(hash(&secret))]).await?.into_iter().next();
    let Some(Record::Pass(Pass { user_id, task_id: Some(task), expires_at, .. })) =
        stored.map(|it| it.record)
    else {
        return Err(Problem::not_found());
    };
    let found = asked::find(&app.ports, &user_id, task.as_str()).await;
    let now = app.ports.now();
    let is_over = |asked: &Asked| !asked.task.open || !asked.takes_answers() || asked.task.deadline <= now;
    let open = match found {
        Ok(Found::Here(asked)) if now < expires_at && !is_over(&asked) => asked,
        // A person who comes too late sees what else waits.
        _ if who.is_none() => return Ok(Redirect::to(&app.site.href("/tasks")).into_response()),
        _ => return Err(Problem::not_found()),
    };
    match who {
        None => Ok(Redirect::to(&app.site.href(&format!("/tasks/{task}"))).into_response()),
        Some(who) if who == user_id => {
            let workflow = app.catalog.get(&open.run.workflow_id, open.run.version);
            Ok(Json(Question::of(&open, workflow)).into_response())
        }
        Some(_) => Err(Problem::not_found()),
    }
}
