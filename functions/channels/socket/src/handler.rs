//! What the gateway tells or asks, and its answer.

use crate::event::{Event, Invoked};
use events::{ErrorClass, UserId};
use notices::{Pass, Sockets, hash};
use ports::{Clock, Commit, CommitError, Key, PortError, PushLive, Read, Record, Write};
use serde::Serialize;
use serde_json::{Value, json};
use shell::Classified;

/// How often a user's list of sockets is written again because another opened or closed meanwhile.
const TRIES: u32 = 5;

/// What the gateway is answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To an authoriser's invocation.
    Policy(Value),
    /// To a route's: an HTTP status.
    #[serde(rename_all = "camelCase")]
    Status {
        /// The status.
        status_code: u16,
    },
}

/// A door that does not move.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The table or the gateway did not do what was asked.
    #[error("port")]
    Port(#[from] PortError),
    /// The list kept changing.
    #[error("a user's sockets changed {0} times while one change was being written")]
    Contended(u32),
}

impl Classified for Failed {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Port(PortError::Unreadable { .. } | PortError::TooLarge { .. }) => ErrorClass::Defect,
            Self::Port(PortError::Unavailable { .. }) | Self::Contended(_) => ErrorClass::Interrupted,
        }
    }
}

/// Does what the gateway asks.
///
/// # Errors
/// [`Failed`]: a connection is not let in.
pub async fn handle(
    table: &(impl Read + Commit),
    sockets: &impl PushLive,
    clock: &impl Clock,
    invoked: Invoked,
) -> Result<Answer, Failed> {
    let now = clock.now();
    match Event::from(invoked) {
        Event::Authorize { ticket, resource } => {
            let user = burn(table, &ticket, clock).await?;
            Ok(Answer::Policy(policy(user.as_ref(), &resource)))
        }
        Event::Connected(user, connection) => {
            change(table, &user, |it| it.add(connection.clone(), now)).await?;
            Ok(Answer::Status { status_code: 200 })
        }
        Event::Disconnected(user, connection) => {
            change(table, &user, |it| it.open.retain(|id, _| *id != connection)).await?;
            Ok(Answer::Status { status_code: 200 })
        }
        Event::Said(user, connection, said) => {
            let claimed = said.get("user_id").and_then(Value::as_str);
            if claimed.is_some_and(|it| it != user.as_str()) {
                tracing::warn!("closed a socket that claimed to be another user's");
                sockets.close_live(&connection).await?;
                change(table, &user, |it| it.open.retain(|id, _| *id != connection)).await?;
                return Ok(Answer::Status { status_code: 403 });
            }
            Ok(Answer::Status { status_code: 200 })
        }
        Event::Unknown => Ok(Answer::Status { status_code: 403 }),
    }
}

/// Uses a ticket up; for whom it was good. Of two that show the same, one is let in.
async fn burn(
    table: &(impl Read + Commit),
    ticket: &str,
    clock: &impl Clock,
) -> Result<Option<UserId>, PortError> {
    let found = table.read(&[Key::Pass(hash(ticket))]).await?;
    for stored in found {
        let Record::Pass(pass) = stored.record else { continue };
        // A link in a mail opens no socket.
        if !pass.is_good(clock.now()) || !pass.is_ticket() {
            continue;
        }
        let user = pass.user_id.clone();
        let used = Record::Pass(Pass { used_at: Some(clock.now()), ..pass });
        return match table.commit(vec![Write::update(used, stored.rev)]).await {
            Ok(()) => Ok(Some(user)),
            Err(CommitError::Conflict { .. }) => Ok(None),
            Err(CommitError::Port(error)) => Err(error),
        };
    }
    Ok(None)
}

/// An IAM policy that lets the user in, or nobody.
fn policy(user: Option<&UserId>, resource: &str) -> Value {
    let effect = if user.is_some() { "Allow" } else { "Deny" };
    json!({
        "principalId": user.map_or("nobody", UserId::as_str),
        "policyDocument": { "Version": "2012-10-17", "Statement": [
            { "Action": "execute-api:Invoke", "Effect": effect, "Resource": resource },
        ]},
    })
}

async fn change(
    table: &(impl Read + Commit),
    user: &UserId,
    edit: impl Fn(&mut Sockets),
) -> Result<(), Failed> {
    for _ in 0..TRIES {
        let stored = table.read(&[Key::Sockets(user.clone())]).await?.into_iter().next();
        let (mut open, rev) = match stored.map(|it| (it.record, it.rev)) {
            Some((Record::Sockets(open), rev)) => (open, Some(rev)),
            _ => (Sockets::none(user.clone()), None),
        };
        edit(&mut open);
        let record = Record::Sockets(open);
        let write =
            rev.map_or_else(|| Write::create(record.clone()), |rev| Write::update(record.clone(), rev));
        match table.commit(vec![write]).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Err(Failed::Contended(TRIES))
}
