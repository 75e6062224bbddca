//! `GET /preferences` and `PUT /preferences`: what a user wants to be told, and how.

use crate::app::Shared;
use crate::body::Body;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::problem::{FieldError, Problem};
use crate::view::PreferencesView;
use axum::Json;
use axum::extract::State;
use notices::{Channel, Preferences};
use ports::{Key, Record, Write};

/// What the caller wants; what holds for everybody where they have said nothing.
pub(crate) async fn get<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<Json<PreferencesView>, Problem> {
    let stored = app.ports.read(&[Key::Preferences(user.clone())]).await?.into_iter().next();
    let wanted = match stored.map(|it| it.record) {
        Some(Record::Preferences(wanted)) => wanted,
        _ => Preferences::of(user),
    };
    Ok(Json(wanted.into()))
}

/// Replaces all.
pub(crate) async fn put<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Body(request): Body<PreferencesView>,
) -> Result<Json<PreferencesView>, Problem> {
    let errors = wrong(&request);
    if !errors.is_empty() {
        return Err(Problem::bad_request(errors));
    }
    let no_times = || Problem::bad_request(vec![FieldError::new("quiet", "must be two times of day")]);
    let wanted = request.of_user(user).ok_or_else(no_times)?;
    // The last word wins: nobody but the user writes it.
    app.ports.commit(vec![Write::put(Record::Preferences(wanted))]).await?;
    Ok(Json(request))
}

/// Every address that cannot be one.
fn wrong(request: &PreferencesView) -> Vec<FieldError> {
    let mut errors = Vec::new();
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
