//! `GET /notices` and `POST /notices/{notice_id}/read`: what a user was told, in the app's own list.

use crate::app::Shared;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::page::Page;
use crate::problem::Problem;
use crate::view::{NoticeList, NoticeView};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use notices::Inbox;
use ports::{CommitError, Key, Listing, Record, Write};
use schemars::JsonSchema;
use serde::Deserialize;

/// How many of the newest are looked through for unread ones.
const COUNTED: usize = 200;

/// Which notice.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Which {
    /// The notice.
    pub(crate) notice_id: String,
}

/// A page of what the caller was told, the newest first.
pub(crate) async fn list<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    page: Page,
) -> Result<Json<NoticeList>, Problem> {
    let list = Listing::Notices(user);
    let (_, prefix) = list.partition();
    let newest = inboxes(app.ports.list(list.clone(), None, COUNTED).await?);
    let unread = newest.iter().filter(|it| it.read_at.is_none()).count();
    let shown = match page.after {
        None if page.limit <= newest.len() || newest.len() < COUNTED => newest,
        after => {
            let after = after.map(|after| format!("{prefix}{after}"));
            inboxes(app.ports.list(list, after, page.limit).await?)
        }
    };
    let now = app.ports.now();
    let shown: Vec<_> = shown.into_iter().take(page.limit).map(|it| NoticeView::of(it, now)).collect();
    let next = shown.last().filter(|_| shown.len() == page.limit).map(|it| it.notice_id.clone());
    Ok(Json(NoticeList { notices: shown, unread, next }))
}

fn inboxes(stored: Vec<ports::Stored>) -> Vec<Inbox> {
    let inbox = |record| match record {
        Record::Inbox(it) => Some(it),
        _ => None,
    };
    stored.into_iter().filter_map(|it| inbox(it.record)).collect()
}

/// Marks one as read; doing it again changes nothing.
pub(crate) async fn read<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
    Path(Which { notice_id }): Path<Which>,
) -> Result<NoContent, Problem> {
    let stored = app.ports.read(&[Key::Inbox(user, notice_id)]).await?.into_iter().next();
    let Some((Record::Inbox(inbox), rev)) = stored.map(|it| (it.record, it.rev)) else {
        return Err(Problem::not_found());
    };
    if inbox.read_at.is_some() {
        return Ok(NoContent);
    }
    let read = Record::Inbox(Inbox { read_at: Some(app.ports.now()), ..inbox });
    match app.ports.commit(vec![Write::update(read, rev)]).await {
        // Nothing but reading changes it.
        Ok(()) | Err(CommitError::Conflict { .. }) => Ok(NoContent),
        Err(CommitError::Port(error)) => Err(error.into()),
    }
}
