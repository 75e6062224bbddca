//! How the user is told what: channels with their addresses, what comes by each, quiet hours, and a day's mails as one.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::console::layout::{After, Page, Part, form_words};
use crate::console::site::Site;
use crate::outside::Outside;
use crate::problem::Problem;
use crate::routes::preferences;
use crate::view::{ChannelView, ConfirmationRequest, PreferencesView, QuietView};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use notices::{NoticeKind, zones};
use ports::Guard;
use serde::Deserialize;
use serde_json::{Value, json};

/// What can be chosen, and its words; what is critical comes all the same.
const KINDS: [(&str, &str); 16] = [
    ("question", "A step waits for me"),
    ("reminder", "A step still waits for me"),
    ("help", "A run needs my help"),
    ("by-hand", "Something is to be undone by hand"),
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

/// A channel on the page.
struct Way {
    /// Its name in the API.
    name: &'static str,
    /// What it is.
    words: &'static str,
    /// What its address is called, and a hint; the app has none.
    address: Option<(&'static str, &'static str)>,
    /// What using it means.
    used: &'static str,
}

const WAYS: [Way; 4] = [
    Way {
        name: "in_app",
        words: "Here in the console",
        address: None,
        used: "What you choose is listed under \"Notifications\", and counted at the top. What is critical is listed all the same.",
    },
    Way {
        name: "push",
        words: "On my device",
        address: Some(("Device", "The ARN of the device's endpoint; your app sets it")),
        used: "What you choose comes to your device. What is critical comes all the same, as long as a device is given here.",
    },
    Way {
        name: "email",
        words: "By e-mail",
        address: Some(("E-mail address", "Such as maya@example.com")),
        used: "What you choose comes by mail. What is critical comes all the same, as long as an address is given here.",
    },
    Way {
        name: SMS,
        words: "By text message",
        address: Some(("Phone number", "With its country, such as +15550100")),
        used: "Only what is critical comes this way, and that always does, as long as a number is given here.",
    },
];

/// The channel that takes what is critical alone, so that there is nothing to choose.
const SMS: &str = "sms";

/// What the page shows.
struct Shown<'a> {
    /// What is on record: the addresses that wait for their code.
    known: &'a PreferencesView,
    /// What stands in the form: what was sent, where that was refused.
    form: &'a PreferencesView,
    /// Whether the user has never said what they want: the browser may guess their zone.
    guess: bool,
}

/// The page.
pub(super) async fn page<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Page, Problem> {
    let (wanted, guard) = preferences::read(&app, &caller.0).await?;
    let wanted = wanted.into();
    let shown = Shown { known: &wanted, form: &wanted, guess: guard == Guard::Absent };
    Ok(page_of(&app.site, &shown, after.said()))
}

fn page_of(site: &Site, shown: &Shown<'_>, said: Option<Markup>) -> Page {
    let body = html! {
        h1 { "Notification settings" }
        @if let Some(said) = said { (said) }
        (confirmations(site, shown.known))
        form.stack method="post" action=(site.href("/preferences")) {
            @for way in &WAYS { (channel(way, of(shown.form, way.name))) }
            (hours(shown))
            button.primary type="submit" { "Save" }
        }
    };
    Page::new(Part::Preferences, "Notification settings", body)
}

/// The addresses that wait for a code. As long as one is on its way, it is asked what became of it.
fn confirmations(site: &Site, known: &PreferencesView) -> Markup {
    let waiting = || WAYS.iter().map(|way| (way, of(known, way.name))).filter(|(_, it)| it.unconfirmed);
    let on_its_way = waiting().any(|(_, it)| it.code_sent.is_none());
    let refresh = on_its_way.then(|| site.href("/preferences/codes"));
    html! {
        div #codes hx-get=[refresh.as_ref()] hx-trigger=[refresh.as_ref().map(|_| "every 2s")] hx-swap="outerHTML" {
            @for (way, wanted) in waiting() { (confirmation(site, way, wanted)) }
        }
    }
}

/// The code that goes to a new address.
fn confirmation(site: &Site, way: &Way, wanted: &ChannelView) -> Markup {
    let address = wanted.address.as_deref().unwrap_or_default();
    let form = |what: &str| site.href(&format!("/preferences/{}/{what}", way.name));
    html! {
        section.panel.asks aria-label=(way.words) {
            p role="status" {
                @match wanted.code_sent {
                    Some(true) => { b { "Is this yours? " } "We sent a code to " (address) ". Until you enter it, nothing else comes there." },
                    Some(false) => { b { "No code could be sent to " (address) ". " } "Nothing comes there. Check the address, or try again later." },
                    None => { b { "Is this yours? " } "A code is on its way to " (address) ". Until you enter it, nothing else comes there." },
                }
            }
            @if wanted.code_sent != Some(false) {
                form.stack method="post" action=(form("confirmation")) {
                    label { "Code" input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20" required; }
                    button.primary type="submit" { "Confirm" }
                }
            }
            form method="post" action=(form("code")) { button.link type="submit" { "Send it again" span.hidden { " to " (address) } } }
        }
    }
}

/// The addresses that wait for a code; nothing as long as it is on its way.
pub(super) async fn codes<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
) -> Result<Response, Problem> {
    let known = preferences::get(State(app.clone()), caller).await?.0;
    let on_its_way = |(_, _, it): &(_, _, &ChannelView)| it.unconfirmed && it.code_sent.is_none();
    if known.channels().iter().any(on_its_way) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Page::partial(confirmations(&app.site, &known)).into_response())
}

/// Has another code sent.
pub(super) async fn code_again<P: Outside>(
    State(app): State<Shared<P>>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<Response, Problem> {
    let which = Path(preferences::Which { channel });
    let sent = preferences::code_again(State(app.clone()), caller.clone(), which).await;
    let known = preferences::get(State(app.clone()), caller).await?.0;
    match sent {
        Ok(_) => Ok(Redirect::to(&app.site.href("/preferences")).into_response()),
        refused => answer(&app.site, refused, &Shown { known: &known, form: &known, guess: false }),
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

fn channel(way: &Way, wanted: &ChannelView) -> Markup {
    let off: Vec<Value> = wanted.off.iter().map(|kind| json!(kind)).collect();
    let name = way.name;
    html! {
        fieldset.panel {
            legend { (way.words) }
            @if name != SMS {
                label.check { input type="checkbox" name={ (name) ".on" } value="yes" checked[wanted.on] aria-describedby={ (name) "-used" }; "Use it" }
            }
            p.quiet.small #{ (name) "-used" } { (way.used) }
            @if let Some((label, hint)) = way.address {
                label { (label) span.hint { (hint) } input name={ (name) ".address" } value=(wanted.address.as_deref().unwrap_or_default()) maxlength="254" autocomplete="off"; }
            }
            @if name != SMS {
                details {
                    summary { "What comes this way" span.hidden { ": " (way.words) } }
                    div.checks-of {
                        @for (kind, what) in KINDS {
                            label.check { input type="checkbox" name={ (name) ".kind" } value=(kind) checked[!off.contains(&json!(kind))]; (what) }
                        }
                    }
                }
            }
        }
    }
}

fn hours(shown: &Shown<'_>) -> Markup {
    let wanted = shown.form;
    let quiet = wanted.quiet.as_ref();
    html! {
        fieldset.panel {
            legend { "When" }
            label.check { input type="checkbox" name="quiet" value="yes" checked[quiet.is_some()]; "Keep quiet hours; only what is critical may disturb" }
            div.pair {
                label { "From" input type="time" name="from" value=(quiet.map_or("22:00", |it| &it.from)); }
                label { "Until" input type="time" name="until" value=(quiet.map_or("07:00", |it| &it.until)); }
            }
            label { "Time zone" span.hint { "Such as Europe/Berlin or America/Phoenix" }
                input name="zone" list="zones" value=(wanted.zone) maxlength="50" autocomplete="off" required data-guess[shown.guess];
            }
            datalist #zones { @for zone in zones() { option value=(zone) {} } }
            label { "E-mail digest"
                select name="digest_hour" {
                    option value="" selected[wanted.digest_hour.is_none()] { "Send each separately" }
                    @for hour in 0..24_u8 { option value=(hour) selected[wanted.digest_hour == Some(hour)] { "One a day, at " (hour) ":00" } }
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
    let known = preferences::get(State(app.clone()), caller.clone()).await?.0;
    let sent = read(&fields, &known);
    let saved = match Body::checked(&sent) {
        Ok(wanted) => preferences::put(State(app.clone()), caller, wanted).await,
        Err(problem) => Err(problem),
    };
    answer(&app.site, saved, &Shown { known: &known, form: &sent, guess: false })
}

/// Says that it was saved, or what was sent with what is wrong with it.
fn answer<T>(site: &Site, saved: Result<T, Problem>, shown: &Shown<'_>) -> Result<Response, Problem> {
    match saved {
        Ok(_) => Ok(Redirect::to(&site.href("/preferences?saved=yes")).into_response()),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            Ok((status, page_of(site, shown, Some(form_words(&problem, label)))).into_response())
        }
    }
}

/// What a field is called on the form.
fn label(field: &str) -> Option<&'static str> {
    let of = |name: &str| WAYS.iter().find(|it| it.name == name);
    match field.split('.').next()? {
        "zone" => Some("Time zone"),
        "digest_hour" => Some("E-mail digest"),
        "code" => Some("Code"),
        "quiet" => Some("Quiet hours"),
        name if field.ends_with(".address") => of(name)?.address.map(|(label, _)| label),
        name => of(name).map(|it| it.words),
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
    let said = match Body::checked(&ConfirmationRequest { code: code.trim().to_owned() }) {
        Ok(request) => preferences::confirm(State(app.clone()), caller.clone(), which, request).await,
        Err(problem) => Err(problem),
    };
    let known = preferences::get(State(app.clone()), caller).await?.0;
    answer(&app.site, said, &Shown { known: &known, form: &known, guess: false })
}

/// The form's fields as the body that the route takes. What the form does not ask stays as it is `known`.
fn read(fields: &[(String, String)], known: &PreferencesView) -> PreferencesView {
    let all =
        |name: String| fields.iter().filter(move |(field, _)| *field == name).map(|(_, value)| value.trim());
    let one = |name: &str| all(name.to_owned()).find(|value| !value.is_empty()).map(str::to_owned);
    let channel = |name: &str| {
        let known = of(known, name);
        let kinds: Vec<_> = all(format!("{name}.kind")).collect();
        let off = KINDS.iter().map(|(kind, _)| *kind).filter(|kind| !kinds.contains(kind));
        let address = one(&format!("{name}.address"));
        let (on, off) = match name {
            SMS => (known.on, known.off.clone()),
            _ => (one(&format!("{name}.on")).is_some(), off.filter_map(kind).collect()),
        };
        ChannelView { on, address, unconfirmed: false, code_sent: None, off }
    };
    let text = |name: &str| one(name).unwrap_or_default();
    PreferencesView {
        in_app: channel("in_app"),
        push: channel("push"),
        email: channel("email"),
        sms: channel(SMS),
        quiet: one("quiet").map(|_| QuietView { from: text("from"), until: text("until") }),
        zone: text("zone"),
        // What is no number is no hour, and is refused as one.
        digest_hour: one("digest_hour").map(|it| it.parse().unwrap_or(u8::MAX)),
    }
}

fn kind(name: &str) -> Option<NoticeKind> {
    serde_json::from_value(json!(name)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use notices::Preferences;

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
        let mut known = PreferencesView::from(Preferences::of("maya".parse().unwrap()));
        known.sms.off.insert(NoticeKind::Question);
        let wanted = read(&fields, &known);
        assert!(wanted.email.on && !wanted.push.on);
        assert_eq!(wanted.email.address.as_deref(), Some("maya@example.com"));
        assert_eq!(wanted.email.off.len(), KINDS.len() - 1);
        assert!(!wanted.email.off.contains(&NoticeKind::NeedsAttention), "it comes all the same");
        assert_eq!((wanted.zone.as_str(), wanted.digest_hour), ("America/Phoenix", Some(8)));
        assert_eq!(wanted.quiet.as_ref().unwrap().until, "07:00");
        assert_eq!(wanted.sms, known.sms, "the form does not ask");
        assert!(Body::checked(&wanted).is_ok());
        let bad = [("digest_hour".to_owned(), "soon".to_owned())];
        let errors = Body::checked(&read(&bad, &known)).map(|_| ()).unwrap_err().errors;
        let names: Vec<_> = errors.iter().map(|it| label(&it.field)).collect();
        assert_eq!(names, [Some("E-mail digest"), Some("Time zone")]);
    }

    #[test]
    fn nothing_that_comes_all_the_same_can_be_chosen() {
        assert!(KINDS.iter().all(|(name, _)| kind(name).is_some_and(|it| !it.is_critical())));
    }
}
