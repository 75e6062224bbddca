//! `GET /preferences`, `PUT /preferences`, and `POST /preferences/{channel}/confirmation` and `/code`: what a user wants to be told, and how.

use crate::app::{App, Shared};
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::view::{ConfirmationRequest, PreferencesView, Unwritable};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use events::UserId;
use notices::{Channel, Preferences, Said, is_zone};
use ports::{CommitError, Guard, Key, Record, Stored, Write};
use ring::rand::{SecureRandom, SystemRandom};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::{Mutex, PoisonError};

/// Times that a change is tried again because something else was written at the same time.
const TRIES: u32 = 5;

/// Which channel.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// `email` or `sms`.
    pub(crate) channel: String,
}

/// What the caller wants; what holds for everybody where they have said nothing.
pub(crate) async fn get<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<PreferencesView>, Problem> {
    Ok(Json(read(&app, &user).await?.0.into()))
}

/// What the user wants, and whether they have ever said so.
pub(crate) async fn read<P: Outside>(app: &App<P>, user: &UserId) -> Result<(Preferences, Guard), Problem> {
    Ok(match app.ports.read(&[Key::Preferences(user.clone())]).await?.pop() {
        Some(Stored { record: Record::Preferences(wanted), rev, .. }) => (wanted, Guard::Rev(rev)),
        _ => (Preferences::of(user.clone()), Guard::Absent),
    })
}

/// Writes the preferences that a change makes of those that there are.
pub(crate) async fn change<P: Outside>(
    app: &App<P>,
    user: &UserId,
    change: impl Fn(Preferences) -> Result<Preferences, Problem>,
) -> Result<(Preferences, Preferences), Problem> {
    for _ in 0..TRIES {
        let (before, guard) = read(app, user).await?;
        let after = change(before.clone())?;
        let write = Write { record: Record::Preferences(after.clone()), guard, out: Vec::new() };
        match app.ports.commit(vec![write]).await {
            Ok(()) => return Ok((before, after)),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Problem::contended())
}

/// Replaces all. To a new mailbox or phone a code is sent first.
pub(crate) async fn put<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Body(request): Body<PreferencesView>,
) -> Result<Json<PreferencesView>, Problem> {
    let errors = wrong(&request);
    if !errors.is_empty() {
        return Err(Problem::bad_request(errors));
    }
    // Each has its own: who reads the mails does not by that read what comes to the phone.
    let (mail, phone) = (code()?, code()?);
    let code = |channel| if channel == Channel::Sms { phone.clone() } else { mail.clone() };
    let now = app.ports.now();
    let wanted = |before| request.over(before, code, now).map_err(Problem::from);
    let (before, after) = change(&app, &user, wanted).await?;
    for channel in [Channel::Email, Channel::Sms] {
        let asked = after.channel(channel).unconfirmed;
        if asked.is_some() && asked != before.channel(channel).unconfirmed {
            send_code(&app, channel, &user).await?;
        }
    }
    Ok(Json(after.into()))
}

/// Has a channel send the code that it waits for; the channel notes whether it could.
async fn send_code<P: Outside>(app: &App<P>, channel: Channel, user: &UserId) -> Result<(), Problem> {
    let order = json!({ "confirm": { "user_id": user } });
    Ok(app.ports.hand_over(channel.as_str(), &order).await?)
}

/// The channel of a name whose addresses are confirmed.
fn confirmed_channel(name: &str) -> Result<Channel, Problem> {
    match name {
        "email" => Ok(Channel::Email),
        "sms" => Ok(Channel::Sms),
        _ => Err(Problem::not_found()),
    }
}

/// Sends another code to an address that waits for one; the one before is good no more.
pub(crate) async fn code_again<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { channel }): Path<Which>,
) -> Result<Json<PreferencesView>, Problem> {
    let channel = confirmed_channel(&channel)?;
    let (code, now) = (code()?, app.ports.now());
    let another = |mut wanted: Preferences| match wanted.code_again(channel, code.clone(), now) {
        Ok(true) => Ok(wanted),
        Ok(false) => Err(Problem::conflict("No code is waited for.")),
        Err(_) => Err(too_many("As many codes were sent today as may be; try again tomorrow.")),
    };
    let (_, after) = change(&app, &user, another).await?;
    send_code(&app, channel, &user).await?;
    Ok(Json(after.into()))
}

/// Takes the code that was sent to a new address.
pub(crate) async fn confirm<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { channel }): Path<Which>,
    Body(request): Body<ConfirmationRequest>,
) -> Result<Json<PreferencesView>, Problem> {
    let channel = confirmed_channel(&channel)?;
    let now = app.ports.now();
    let taken = Mutex::new(Said::NoneAwaited);
    let confirmed = |mut wanted: Preferences| {
        let said = wanted.confirm(channel, &request.code, now);
        *taken.lock().unwrap_or_else(PoisonError::into_inner) = said;
        Ok(wanted)
    };
    let (_, after) = change(&app, &user, confirmed).await?;
    match taken.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Said::Right => Ok(Json(after.into())),
        Said::Wrong => {
            Err(Problem::bad_request(vec![FieldError::new("code", "is not the one that was sent")]))
        }
        Said::NoneAwaited => Err(Problem::conflict("No code is waited for any more; have it sent again.")),
        Said::TooMany => Err(too_many("Too many wrong codes were entered today; try again tomorrow.")),
    }
}

impl From<Unwritable> for Problem {
    fn from(unwritable: Unwritable) -> Self {
        match unwritable {
            Unwritable::Times => {
                Self::bad_request(vec![FieldError::new("quiet", "must be two times of day")])
            }
            Unwritable::Codes => {
                too_many("Too many new addresses were given today; try again tomorrow. Nothing was saved.")
            }
        }
    }
}

fn too_many(detail: &str) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
}

/// Six digits that nobody can guess.
fn code() -> Result<String, Problem> {
    let mut bytes = [0; 8];
    let missing =
        |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "No code can be made at the moment; try again.");
    SystemRandom::new().fill(&mut bytes).map_err(missing)?;
    Ok(format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000))
}

/// Every address that cannot be one.
fn wrong(request: &PreferencesView) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !is_zone(&request.zone) {
        errors.push(FieldError::new("zone", "must be a time zone such as Europe/Berlin"));
    }
    for (name, channel, wanted) in request.channels() {
        let Some(address) = &wanted.address else { continue };
        let (good, what) = match channel {
            Channel::InApp => (false, "must not be there: the app is where its user is"),
            Channel::Push => (is_endpoint(address), "must be the ARN of an endpoint of SNS"),
            Channel::Email => (is_mailbox(address), "must be a mail address"),
            Channel::Sms => (is_number(address), "must be a number with its country, such as +15550100"),
        };
        if !good {
            errors.push(FieldError::new(format!("{name}.address"), what));
        }
    }
    errors
}

fn is_endpoint(address: &str) -> bool {
    let parts: Vec<_> = address.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "sns", _, _, resource] if resource.starts_with("endpoint/"))
}

/// Enough of RFC 5321 to catch what was mistyped; whether it is somebody's only a mail can tell.
fn is_mailbox(address: &str) -> bool {
    let plain = |it: char| it.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(it);
    address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && name.chars().all(plain)
            && host.contains('.')
            && host.chars().all(plain)
            && !host.ends_with('.')
    })
}

/// E.164.
fn is_number(address: &str) -> bool {
    address.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|it| it.is_ascii_digit())
            && !digits.starts_with('0')
    })
}
