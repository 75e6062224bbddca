//! What the user allows: consents that hold, end or were taken back, and the providers that are linked.

use crate::access;
use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{Page, Part};
use crate::console::site::Site;
use crate::console::words;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::{consents, links};
use crate::view::{ConsentRequest, ConsentState, ConsentView, LinkView};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

/// A consent that ends within this is said to end soon.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let known = consents::list(State(app.clone()), caller.clone()).await?.0.consents;
    let linked = links::list(State(app.clone()), caller).await?.0.links;
    let scopes = access::scopes(&app.catalog);
    let never = scopes.iter().filter(|scope| known.iter().all(|it| it.scope != **scope));
    let (site, now) = (&app.site, app.ports.now());
    let body = html! {
        h1 { "Permissions" }
        p { "Nothing is read, changed or paid without a consent of yours. Revoking one takes effect at once: what is under way stops before its next change." }
        section aria-labelledby="consents" {
            h2 #consents { "Consents" }
            ul.cards {
                @for it in &known { li.card { (consent(site, it, now)) } }
                @for scope in never { li.card { (not_given(site, scope)) } }
            }
        }
        section aria-labelledby="links" {
            h2 #links { "Linked providers" }
            @if linked.is_empty() { div.panel.empty { p.quiet { "No provider is linked." } } }
            ul.cards { @for it in &linked { li.card { (link(site, it)) } } }
        }
    };
    Ok(Page::new(Part::Consents, "Permissions", body))
}

fn consent(site: &Site, consent: &ConsentView, now: Timestamp) -> Markup {
    let soon = consent.expires_at.duration_since(now) < SOON;
    let (sign, words, look) = match consent.state {
        ConsentState::Granted if soon => ("!", "Ends soon", "asks"),
        ConsentState::Granted => ("\u{2713}", "Allowed", "good"),
        ConsentState::Expired => ("\u{2013}", "Ended", "calm"),
        ConsentState::Revoked => ("\u{2013}", "Revoked", "calm"),
    };
    let granted = consent.state == ConsentState::Granted;
    html! {
        div.row { h3 { (words::consent(&consent.scope)) } span class={ "badge " (look) } { span aria-hidden="true" { (sign) " " } (words) } }
        p.quiet.small {
            "Given " (words::time(consent.granted_at))
            @match consent.revoked_at {
                Some(at) => { " \u{b7} revoked " (words::time(at)) },
                None => { @if granted { " \u{b7} ends " } @else { " \u{b7} ended " } (words::time(consent.expires_at)) },
            }
        }
        div.choices {
            @if granted { (order(site, "revoke", &consent.scope, "Revoke", &words::consent(&consent.scope))) }
            @if !granted || soon { (order(site, "grant", &consent.scope, "Allow for a year", &words::consent(&consent.scope))) }
        }
    }
}

fn not_given(site: &Site, scope: &str) -> Markup {
    html! {
        div.row { h3 { (words::consent(scope)) } span.badge.calm { "Not granted" } }
        div.choices { (order(site, "grant", scope, "Allow for a year", &words::consent(scope))) }
    }
}

fn link(site: &Site, link: &LinkView) -> Markup {
    html! {
        div.row { h3 { (words::title(&link.provider)) } span.badge.good { span aria-hidden="true" { "\u{2713} " } "Linked" } }
        p.quiet.small {
            "Since " (words::time(link.linked_at)) " \u{b7} "
            @if link.accounts.len() == 1 { "one account" } @else { (link.accounts.len()) " accounts" }
        }
        div.choices { (order(site, "unlink", &link.provider, "Unlink", &words::title(&link.provider))) }
    }
}

fn order(site: &Site, order: &str, what: &str, words: &str, of: &str) -> Markup {
    html! {
        form method="post" action=(site.href("/consents")) {
            input type="hidden" name="what" value=(what);
            button type="submit" name="order" value=(order) { (words) span.hidden { ": " (of) } }
        }
    }
}

/// What a form sends.
#[derive(Deserialize)]
pub(super) struct Order {
    order: String,
    what: String,
}

/// Grants, takes back or unlinks.
pub(super) async fn change<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Form(Order { order, what }): Form<Order>,
) -> Result<Redirect, Problem> {
    let state = State(app.clone());
    match order.as_str() {
        "grant" => {
            let which = consents::Which { scope: what };
            consents::grant(state, caller, Path(which), Body(ConsentRequest::default())).await.map(|_| ())?;
        }
        "revoke" => {
            consents::revoke(state, caller, Path(consents::Which { scope: what })).await.map(|_| ())?;
        }
        "unlink" => {
            links::delete(state, caller, Path(links::Which { provider: what })).await.map(|_| ())?;
        }
        _ => {
            return Err(Problem::bad_request(vec![FieldError::new(
                "order",
                "must be grant, revoke or unlink",
            )]));
        }
    }
    Ok(Redirect::to(&app.site.href("/consents")))
}
