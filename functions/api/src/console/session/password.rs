//! The first sign-in of a user whom an administrator has made: the password that was given out is good for choosing one's own.

use super::{refused, set, signed_in};
use crate::app::Shared;
use crate::auth::{Newcomer, SignInError};
use crate::caller::cookie;
use crate::console::layout::{Page, Part};
use crate::console::site::{Site, is_same_origin};
use crate::outside::Outside;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

/// The cookie of the sign-in that a password is chosen for.
const FIRST: &str = "first-sign-in";

/// How long there is to choose one, in seconds: as long as the user pool waits for it (`AuthSessionValidity`).
const LASTS: u32 = 15 * 60;

/// What the user pool takes (its `PasswordPolicy`), in words.
const POLICY: &str = "At least 12 characters, with lower case, upper case and a number.";

/// Asks who has just said the password that was given out for one of their own.
pub(super) fn asked(site: &Site, back: &str, newcomer: &Newcomer) -> Response {
    let mut response = form(site, back, &newcomer.name, None).into_response();
    set(&mut response, site, FIRST, &newcomer.session, LASTS);
    response
}

/// What the form sends. Has no `Debug`: it is secret.
#[derive(Deserialize)]
pub(in crate::console) struct Chosen {
    name: String,
    password: String,
    again: String,
    #[serde(default)]
    back: String,
}

/// Takes the password that was chosen, and signs in.
pub(in crate::console) async fn choose<P: Outside>(
    State(app): State<Shared<P>>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Response {
    let Chosen { name, password, again, back } = chosen;
    let site = &app.site;
    let wrong =
        |status: StatusCode, words: &str| (status, form(site, &back, &name, Some(words))).into_response();
    if !is_same_origin(&headers) {
        return wrong(StatusCode::FORBIDDEN, "That was not sent from this page. Please choose it here.");
    }
    let Some(session) = cookie(&headers, FIRST) else { return late(site, &back, &name) };
    if password != again {
        return wrong(StatusCode::BAD_REQUEST, "The two passwords are not the same.");
    }
    let newcomer = Newcomer { name: name.clone(), session: session.to_owned() };
    match app.ports.choose_password(&newcomer, &password).await {
        Ok(session) => {
            let mut response = signed_in(site, &back, &session);
            set(&mut response, site, FIRST, "", 0);
            response
        }
        Err(SignInError::NotTaken(why)) => {
            wrong(StatusCode::BAD_REQUEST, &format!("This password is not taken: {why}."))
        }
        Err(SignInError::Refused) => late(site, &back, &name),
        Err(error) => {
            let (status, words) = refused(&error);
            wrong(status, words)
        }
    }
}

/// The user pool waits no longer.
fn late(site: &Site, back: &str, name: &str) -> Response {
    let words = "That took too long. Please sign in once more with the password that was given to you.";
    let mut response = (StatusCode::UNAUTHORIZED, super::form(site, back, name, Some(words))).into_response();
    set(&mut response, site, FIRST, "", 0);
    response
}

fn form(site: &Site, back: &str, name: &str, wrong: Option<&str>) -> Page {
    let body: Markup = html! {
        div.sign-in {
            h1 { "Choose your password" }
            p.quiet { "The one that was given to you was for this first time alone. " (POLICY) }
            @if let Some(wrong) = wrong { p.notice.bad role="alert" { (wrong) } }
            form.stack method="post" action=(site.href("/sign-in/password")) {
                input type="hidden" name="back" value=(back);
                // A browser that keeps passwords keeps it with the name.
                div.hidden aria-hidden="true" { input type="text" name="name" value=(name) autocomplete="username" readonly tabindex="-1"; }
                label { "New password" input name="password" type="password" autocomplete="new-password" minlength="12" required autofocus[wrong.is_none()]; }
                label { "The same again" input name="again" type="password" autocomplete="new-password" required; }
                button.primary type="submit" { "Save and sign in" }
            }
        }
    };
    Page::new(Part::Outside, "Choose your password", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_and_the_time_are_those_of_the_template() {
        let template = include_str!("../../../../../infra/template.yaml");
        let policy = "{MinimumLength: 12, RequireLowercase: true, RequireNumbers: true, RequireSymbols: false, RequireUppercase: true}";
        assert!(template.contains(policy), "{POLICY}");
        assert!(template.contains(&format!("AuthSessionValidity: {}", LASTS / 60)), "{LASTS}");
    }
}
