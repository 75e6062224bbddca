//! How the user is told what: channels with their addresses, what comes by each, quiet hours, and a day's mails as one.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{Page, Part, problem_words};
use crate::console::site::Site;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::routes::preferences;
use crate::view::{ChannelView, ConfirmationRequest, PreferencesView};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use notices::zones;
use serde::Deserialize;
use serde_json::{Value, json};

/// What can be told, and its words.
const KINDS: [(&str, &str); 17] = [
    ("question", "A step waits for me"),
    ("reminder", "It still does"),
    ("help", "A run needs my help"),
    ("by-hand", "Something is to be undone by hand"),
    ("needs-attention", "Something could not be undone"),
    ("completed", "A run is completed"),
    ("stopped", "A run was stopped"),
    ("failed", "A run could not begin"),
    ("rolled-back", "A run was undone"),
    ("partial", "A part was left out"),
    ("held", "A run waits for a service that is down"),
    ("savings", "Money is saved"),
    ("risk-reduced", "A risk is smaller"),
    ("goal-progress", "A goal came nearer"),
    ("achievement", "I achieved something"),
    ("suggestion", "What could come next"),
    ("recommendation", "What is recommended"),
];

/// What a channel's address is called, and a hint.
type Address = (&'static str, &'static str);

/// The channels: name, words, and what their address is; the app has none.
const CHANNELS: [(&str, &str, Option<Address>); 4] = [
    ("in_app", "Here in the console", None),
    ("push", "On my device", Some(("Device", "The ARN of the device's endpoint; your app sets it"))),
    ("email", "By e-mail", Some(("E-mail address", "Such as maya@example.com"))),
    (
        "sms",
        "By text message",
        Some(("Phone number", "With its country, such as +15550100; only what is critical comes this way")),
    ),
];

/// The page.
pub(super) async fn page<P: Outside>(State(app): State<Shared<P>>, caller: Caller) -> Result<Page, Problem> {
    let wanted = preferences::get(State(app.clone()), caller).await?.0;
    Ok(page_of(&app.site, &wanted, None))
}

fn page_of(site: &Site, wanted: &PreferencesView, said: Option<Markup>) -> Page {
    let body = html! {
        h1 { "How you are told" }
        @if let Some(said) = said { (said) }
        @for (name, words, address) in CHANNELS {
            @if address.is_some() && of(wanted, name).unconfirmed { (confirmation(site, name, words, of(wanted, name))) }
        }
        form.stack method="post" action=(site.href("/preferences")) {
            @for (name, words, address) in CHANNELS { (channel(name, words, address, of(wanted, name))) }
            (hours(wanted))
            button.primary type="submit" { "Save" }
        }
    };
    Page::new(Part::Preferences, "How you are told", body)
}

/// The code that was sent to a new address.
fn confirmation(site: &Site, name: &str, words: &str, wanted: &ChannelView) -> Markup {
    html! {
        section.panel.asks aria-label=(words) {
            p { b { "Is this yours? " } "We sent a code to " (wanted.address.as_deref().unwrap_or_default()) ". Until you enter it, nothing else comes there." }
            form.stack method="post" action=(site.href(&format!("/preferences/{name}/confirmation"))) {
                label { "Code" input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20" required; }
                button.primary type="submit" { "Confirm" }
            }
        }
    }
}

fn of<'a>(wanted: &'a PreferencesView, name: &str) -> &'a ChannelView {
    match name {
        "push" => &wanted.push,
        "email" => &wanted.email,
        "sms" => &wanted.sms,
        _ => &wanted.in_app,
    }
}

fn channel(name: &str, words: &str, address: Option<(&str, &str)>, wanted: &ChannelView) -> Markup {
    let off: Vec<Value> = wanted.off.iter().map(|kind| json!(kind)).collect();
    html! {
        fieldset.panel {
            legend { (words) }
            label.check { input type="checkbox" name={ (name) ".on" } value="yes" checked[wanted.on]; "Use it" }
            @if let Some((label, hint)) = address {
                label { (label) span.hint { (hint) } input name={ (name) ".address" } value=(wanted.address.as_deref().unwrap_or_default()) maxlength="254" autocomplete="off"; }
            }
            details {
                summary { "What comes this way" span.hidden { ": " (words) } }
                div.checks-of {
                    @for (kind, what) in KINDS {
                        label.check { input type="checkbox" name={ (name) ".kind" } value=(kind) checked[!off.contains(&json!(kind))]; (what) }
                    }
                }
            }
        }
    }
}

fn hours(wanted: &PreferencesView) -> Markup {
    let quiet = wanted.quiet.as_ref();
    html! {
        fieldset.panel {
            legend { "When" }
            label.check { input type="checkbox" name="quiet" value="yes" checked[quiet.is_some()]; "Keep quiet hours; only what is critical may disturb" }
            div.pair {
                label { "From" input type="time" name="from" value=(quiet.map_or("22:00", |it| &it.from)); }
                label { "Until" input type="time" name="until" value=(quiet.map_or("07:00", |it| &it.until)); }
            }
            label { "My clock is that of" span.hint { "Such as Europe/Berlin or America/Phoenix" }
                input name="zone" list="zones" value=(wanted.zone) maxlength="50" autocomplete="off" required;
            }
            datalist #zones { @for zone in zones() { option value=(zone) {} } }
            label { "Small e-mails"
                select name="digest_hour" {
                    option value="" selected[wanted.digest_hour.is_none()] { "Each by itself" }
                    @for hour in 0..24_u8 { option value=(hour) selected[wanted.digest_hour == Some(hour)] { "All in one, at " (hour) ":00" } }
                }
            }
        }
    }
}

/// Saves all of it.
pub(super) async fn save<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let before = preferences::get(State(app.clone()), caller.clone()).await?.0;
    let saved = match read(&fields) {
        Ok(wanted) => preferences::put(State(app.clone()), caller, Body(wanted)).await,
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(_) => Ok(Redirect::to(&app.site.href("/preferences")).into_response()),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            Ok((status, page_of(&app.site, &before, Some(problem_words(&problem)))).into_response())
        }
    }
}

/// What the form of a code sends.
#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
}

/// Takes a code.
pub(super) async fn confirm<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(channel): Path<String>,
    Form(Code { code }): Form<Code>,
) -> Result<Response, Problem> {
    let which = Path(preferences::Which { channel });
    let said =
        preferences::confirm(State(app.clone()), caller.clone(), which, Body(ConfirmationRequest { code }))
            .await;
    match said {
        Ok(_) => Ok(Redirect::to(&app.site.href("/preferences")).into_response()),
        Err(problem) => {
            let wanted = preferences::get(State(app.clone()), caller).await?.0;
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            Ok((status, page_of(&app.site, &wanted, Some(problem_words(&problem)))).into_response())
        }
    }
}

/// The form's fields as the body that the route takes.
fn read(fields: &[(String, String)]) -> Result<PreferencesView, Problem> {
    let all = |name: &str| -> Vec<String> {
        fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).collect()
    };
    let one = |name: &str| all(name).into_iter().next().filter(|value| !value.is_empty());
    let number = |name: &str| one(name).map(|it| it.parse::<i64>().map_or(json!(it), |it| json!(it)));
    let mut wanted = json!({ "zone": one("zone").unwrap_or_default() });
    for (name, ..) in CHANNELS {
        let kinds = all(&format!("{name}.kind"));
        let off: Vec<_> =
            KINDS.iter().map(|(kind, _)| *kind).filter(|kind| kinds.iter().all(|it| it != kind)).collect();
        wanted[name] = json!({ "on": one(&format!("{name}.on")).is_some(), "off": off });
        if let Some(address) = one(&format!("{name}.address")) {
            wanted[name]["address"] = json!(address);
        }
    }
    if one("quiet").is_some() {
        wanted["quiet"] =
            json!({ "from": one("from").unwrap_or_default(), "until": one("until").unwrap_or_default() });
    }
    if let Some(hour) = number("digest_hour") {
        wanted["digest_hour"] = hour;
    }
    serde_json::from_value(wanted)
        .map_err(|error| Problem::bad_request(vec![FieldError::new("", error.to_string())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ticked_is_off() {
        let fields = [
            ("email.on", "yes"),
            ("email.address", " maya@example.com "),
            ("email.kind", "question"),
            ("quiet", "yes"),
            ("from", "22:00"),
            ("until", "07:00"),
            ("zone", "America/Phoenix"),
            ("digest_hour", "8"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wanted = read(&fields).map_err(|problem| problem.errors).unwrap();
        assert!(wanted.email.on && !wanted.sms.on);
        assert_eq!(wanted.email.address.as_deref(), Some("maya@example.com"));
        assert_eq!(wanted.email.off.len(), KINDS.len() - 1);
        assert_eq!((wanted.zone.as_str(), wanted.digest_hour), ("America/Phoenix", Some(8)));
        assert_eq!(wanted.quiet.unwrap().until, "07:00");
        let bad = [("digest_hour".to_owned(), "soon".to_owned())];
        assert!(read(&bad).is_err());
    }
}
