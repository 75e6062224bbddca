//! `POST /ws-ticket`: what opens a socket, once and soon.

use crate::app::Shared;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::view::SocketTicket;
use aws::Secrets;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use notices::{Pass, hash};
use ports::{NewSecret, Record, Write};

/// How long a ticket is good: it is shown as soon as it is there.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(30);

/// A new ticket of the caller's.
pub(crate) async fn issue<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<SocketTicket>, Problem> {
    let nowhere = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "There are no live updates here.");
    let url = app.site.live.clone().ok_or_else(nowhere)?;
    let ticket = Secrets.new_secret()?;
    let expires_at = app.ports.now() + GOOD_FOR;
    let pass = Pass {
        hash: hash(&ticket),
        user_id: user,
        task_id: None,
        switches_off: None,
        expires_at,
        used_at: None,
    };
    app.ports.commit(vec![Write::create(Record::Pass(pass))]).await?;
    Ok(Json(SocketTicket { url, ticket, expires_at }))
}
