//! The channel into the app: a list of notices, and a word to whoever has it open.

use delivery::{Failed, Heard, hear};
use notices::{Channel, Decision, Inbox, body, decide};
use ports::{Clock, Commit, CommitError, PushLive, Read, Record, Write, tell_live};
use serde_json::Value;
use statemachines::Catalog;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is in its user's list.
    Listed,
    /// It was there already.
    Before,
    /// It is nothing to be told of, or not here.
    Nothing,
}

/// Puts a notice of an event in its user's list, once, and says so over open sockets.
///
/// # Errors
/// [`Failed`]; nothing was written.
pub async fn handle(
    table: &(impl Read + Commit),
    sockets: &impl PushLive,
    clock: &impl Clock,
    catalog: &Catalog,
    event: Value,
) -> Result<Answer, Failed> {
    let now = clock.now();
    let Heard::Told(told) = hear(table, catalog, Channel::InApp, event, now).await? else {
        return Ok(Answer::Nothing);
    };
    let decision = decide(&told.notice, &told.preferences, Channel::InApp, false, now);
    if !matches!(decision, Decision::Send(_)) {
        return Ok(Answer::Nothing);
    }
    let (user, message) = (told.notice.user_id.clone(), body::live(&told.notice));
    let inbox = Inbox { notice: told.notice, read_at: None };
    match table.commit(vec![Write::create(Record::Inbox(inbox))]).await {
        Ok(()) => {}
        Err(CommitError::Conflict { .. }) => return Ok(Answer::Before),
        Err(CommitError::Port(error)) => return Err(error.into()),
    }
    tell_live(table, sockets, &user, None, &message, now).await;
    Ok(Answer::Listed)
}
