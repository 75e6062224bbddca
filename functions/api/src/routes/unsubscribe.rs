//! `POST /unsubscribe/{secret}`: a mail program says with one click that no more mails are wanted (RFC 8058). It carries no token: the
//! secret in the mail's header is the permission, and what it permits is to be told less. A `GET` changes nothing and leads to the
//! preferences; so whoever merely looks at the address does no harm. What is critical comes all the same.

use crate::app::Shared;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::preferences;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use notices::{Pass, Preferences, hash};
use ports::{Key, Record};

/// Leads to where its user says what to be told.
pub(super) async fn look<P: Outside>(State(app): State<Shared<P>>) -> Redirect {
    Redirect::to(&app.site.href("/preferences"))
}

/// Switches the channel off; doing it again changes nothing.
pub(super) async fn switch_off<P: Outside>(
    State(app): State<Shared<P>>,
    Path(secret): Path<String>,
) -> Result<StatusCode, Problem> {
    let stored = app.ports.read(&[Key::Pass(hash(&secret))]).await?.pop();
    let Some(Record::Pass(pass)) = stored.map(|it| it.record) else { return Err(Problem::not_found()) };
    let Pass { switches_off: Some(channel), user_id, .. } = pass.clone() else {
        return Err(Problem::not_found());
    };
    if !pass.is_good(app.ports.now()) {
        return Err(Problem::not_found());
    }
    let off = |mut wanted: Preferences| {
        wanted.channels.entry(channel).or_default().on = false;
        Ok(wanted)
    };
    preferences::change(&app, &user_id, off).await?;
    Ok(StatusCode::OK)
}
