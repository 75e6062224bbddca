//! Who looks at a page: signing in and out with the user pool, and the cookies in between. A script never sees a token.

mod password;

pub(super) use password::choose;

use crate::app::{App, Shared};
use crate::auth::{Known, Session, SignInError, Unauthenticated};
use crate::caller::{Caller, Operator, SESSION, cookie};
use crate::console::layout::{self, Page, Part, Viewer};
use crate::console::site::{Site, is_same_origin};
use crate::outside::Outside;
use crate::problem::Problem;
use axum::Form;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

/// The cookie of the refresh token, which is sent to the console's pages alone.
const REFRESH: &str = "refresh";

/// How long a browser keeps a refresh token: as long as the user pool takes it.
const MONTH: u32 = 30 * 24 * 3600;

/// Lets through whoever is signed in, anew where the token has expired; sends others to sign in.
pub(super) async fn known<P: Outside>(
    State(app): State<Shared<P>>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if !request.method().is_safe() && !is_same_origin(headers) {
        let detail = "This was not sent from a page of this console, so nothing was changed.";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    match caller(&app, headers).await {
        Ok((known, renewed)) => {
            request.extensions_mut().insert(Caller(known.user.clone()));
            if known.operates {
                request.extensions_mut().insert(Operator(known.user));
            }
            let mut response = next.run(request).await;
            response.extensions_mut().insert(Viewer { operates: known.operates });
            if let Some(session) = renewed {
                remember(&mut response, &app.site, &session);
            }
            response
        }
        Err(Some(problem)) => problem.into_response(),
        Err(None) => to_sign_in(&app.site, &request),
    }
}

/// Who calls, and the session that was had for it. An error without a problem: nobody who is signed in.
async fn caller<P: Outside>(
    app: &App<P>,
    headers: &HeaderMap,
) -> Result<(Known, Option<Session>), Option<Problem>> {
    if let Some(token) = cookie(headers, SESSION) {
        match app.tokens.known_by(token, &app.ports, app.ports.now()).await {
            Ok(known) => return Ok((known, None)),
            Err(Unauthenticated::Refused(_)) => {}
            Err(error @ Unauthenticated::Keys(_)) => return Err(Some(error.into())),
        }
    }
    let Some(refresh) = cookie(headers, REFRESH) else { return Err(None) };
    let session = match app.ports.refresh(refresh).await {
        Ok(session) => session,
        Err(SignInError::Unavailable(reason)) => {
            tracing::warn!(error.chain = reason, "a session could not be renewed");
            let detail = "You cannot be signed in at the moment; try again.";
            return Err(Some(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)));
        }
        Err(_) => return Err(None),
    };
    match app.tokens.known_by(&session.access_token, &app.ports, app.ports.now()).await {
        Ok(known) => Ok((known, Some(session))),
        Err(Unauthenticated::Refused(_)) => Err(None),
        Err(error @ Unauthenticated::Keys(_)) => Err(Some(error.into())),
    }
}

fn to_sign_in(site: &Site, request: &Request) -> Response {
    let is_partial = layout::is_partial(request.headers());
    let page = match request.headers().get("hx-current-url").and_then(|it| it.to_str().ok()) {
        // A part of a page is nothing to go back to: the page is.
        Some(address) if is_partial => address,
        None if is_partial => "",
        // A form that was sent is not sent again after signing in.
        _ if request.method().is_safe() => request.uri().path(),
        _ => "",
    };
    let back =
        page.split_once("/console").map_or("", |(_, path)| path).split(['?', '#']).next().unwrap_or("");
    let address = match back {
        "" => site.href("/sign-in"),
        back => site.href(&format!("/sign-in?back={}", layout::encoded(back))),
    };
    if is_partial {
        // A part of a page cannot be redirected: the page is.
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        if let Ok(address) = HeaderValue::try_from(address) {
            response.headers_mut().insert("hx-redirect", address);
        }
        return response;
    }
    Redirect::to(&address).into_response()
}

/// Where to go after signing in.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// The form.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, Query(back): Query<Back>) -> Page {
    form(&app.site, &back.back, "", None)
}

/// What the form sends. Has no `Debug`: it is secret.
#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    back: String,
}

/// Signs in.
pub(super) async fn sign_in<P: Outside>(
    State(app): State<Shared<P>>,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Response {
    let Credentials { name, password, back } = credentials;
    let again = |status: StatusCode, words: &str| {
        (status, form(&app.site, &back, &name, Some(words))).into_response()
    };
    if !is_same_origin(&headers) {
        return again(StatusCode::FORBIDDEN, "That was not sent from this page. Please sign in here.");
    }
    match app.ports.sign_in(name.trim(), &password).await {
        Ok(session) => signed_in(&app.site, &back, &session),
        Err(SignInError::NewPassword(newcomer)) => password::asked(&app.site, &back, &newcomer),
        Err(error) => {
            let (status, words) = refused(&error);
            again(status, words)
        }
    }
}

/// Remembers who it is, and goes where they wanted to.
fn signed_in(site: &Site, back: &str, session: &Session) -> Response {
    let to = site.href(if is_ours(back) { back } else { "" });
    let mut response = Redirect::to(&to).into_response();
    remember(&mut response, site, session);
    response
}

/// Why nobody is signed in, for whoever tried.
fn refused(error: &SignInError) -> (StatusCode, &'static str) {
    match error {
        SignInError::More(what) => {
            tracing::info!(sign_in.wants = what, "a user cannot sign in here");
            let words =
                "Your account asks for more than this page can do. Please ask whoever gave you access.";
            (StatusCode::UNAUTHORIZED, words)
        }
        SignInError::Unavailable(reason) => {
            tracing::warn!(error.chain = reason, "nobody can sign in");
            let words = "Nobody can sign in at the moment. Please try again in a minute.";
            (StatusCode::SERVICE_UNAVAILABLE, words)
        }
        SignInError::Refused | SignInError::NewPassword(_) | SignInError::NotTaken(_) => {
            (StatusCode::UNAUTHORIZED, "This name and password do not go together.")
        }
    }
}

/// Whether it is a page of the console, and not an address elsewhere.
fn is_ours(back: &str) -> bool {
    back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n'])
}

/// Signs out: the tokens are worthless from now on, and the browser forgets them.
pub(super) async fn sign_out<P: Outside>(State(app): State<Shared<P>>, headers: HeaderMap) -> Response {
    if let Some(refresh) = cookie(&headers, REFRESH)
        && let Err(error) = app.ports.sign_out(refresh).await
    {
        tracing::warn!(error.chain = %error, "a refresh token was not revoked");
    }
    let mut response = Redirect::to(&app.site.href("/sign-in")).into_response();
    set(&mut response, &app.site, SESSION, "", 0);
    set(&mut response, &app.site, REFRESH, "", 0);
    response
}

fn remember(response: &mut Response, site: &Site, session: &Session) {
    set(response, site, SESSION, &session.access_token, session.lasts);
    if let Some(refresh) = &session.refresh_token {
        set(response, site, REFRESH, refresh, MONTH);
    }
}

/// Lax and not strict: who comes from a link in a message is signed in. What changes something is checked by its origin.
fn set(response: &mut Response, site: &Site, name: &str, value: &str, seconds: u32) {
    let path = if name == SESSION { format!("{}/", site.base) } else { site.href("") };
    let secure = if site.plain { "" } else { "; Secure" };
    let cookie = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // A token is plain text; one that is not would be of no use.
    if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn form(site: &Site, back: &str, name: &str, wrong: Option<&str>) -> Page {
    let body: Markup = html! {
        div.sign-in {
            h1 { "Welcome back" }
            p.quiet { "See what is recommended, answer what waits for you, and watch what it brings." }
            @if let Some(wrong) = wrong {
                p.notice.bad role="alert" { (wrong) }
            }
            form.stack method="post" action=(site.href("/sign-in")) {
                input type="hidden" name="back" value=(back);
                label { "Name" input name="name" value=(name) autocomplete="username" autocapitalize="none" required autofocus[wrong.is_none()]; }
                label { "Password" input name="password" type="password" autocomplete="current-password" required; }
                button.primary type="submit" { "Sign in" }
            }
        }
    };
    Page::new(Part::Outside, "Sign in", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for (back, expect) in [
            ("/runs/r-1", true),
            ("//evil.example", false),
            ("https://evil.example", false),
            ("/\\evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_ours(back), expect, "{back}");
        }
    }
}
