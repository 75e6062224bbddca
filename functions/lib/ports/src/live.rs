//! Telling whoever looks on that something changed. Costs nobody anything when it fails: an app that is told nothing asks.

use crate::{Commit, CommitError, Heard, Key, PushLive, Read, Record, Stored, Write};
use events::UserId;
use jiff::Timestamp;
use notices::Sockets;
use serde_json::Value;

/// Says something over the open sockets of a user, whose record may have been read already; those that have ended are forgotten.
pub async fn tell_live(
    table: &(impl Read + Commit),
    sockets: &impl PushLive,
    user: &UserId,
    known: Option<Stored>,
    message: &Value,
    now: Timestamp,
) {
    let stored = match known {
        Some(stored) => Some(stored),
        None => table.read(&[Key::Sockets(user.clone())]).await.ok().and_then(|it| it.into_iter().next()),
    };
    let Some(Stored { record: Record::Sockets(mut open), rev, .. }) = stored else { return };
    let known = open.clone();
    for connection in known.live(now) {
        match sockets.push_live(connection, message).await {
            Ok(Heard::Taken) => {}
            Ok(Heard::Gone) => open.gone(connection, now),
            Err(error) => tracing::warn!(error.chain = %error, "a socket was not told"),
        }
    }
    if open != known {
        forget(table, open, rev).await;
    }
}

/// Whoever changed the record meanwhile has the newer list; the next message finds again what has ended.
async fn forget(table: &impl Commit, open: Sockets, rev: u64) {
    match table.commit(vec![Write::update(Record::Sockets(open), rev)]).await {
        Ok(()) | Err(CommitError::Conflict { .. }) => {}
        Err(CommitError::Port(error)) => {
            tracing::warn!(error.chain = %error, "sockets that have ended were not forgotten");
        }
    }
}
