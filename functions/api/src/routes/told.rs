//! `GET /notices`, `POST /notices/{notice_id}/read` and `POST /notices/read`: what a user was told, in the app's own list.

use crate::app::Shared;
use crate::asked;
use crate::caller::Caller;
use crate::outside::Outside;
use crate::page::Page;
use crate::problem::Problem;
use crate::view::{NoticeList, NoticeView};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::NoContent;
use notices::Inbox;
use ports::{CommitError, Key, Listing, Record, Stored, Write};
use schemars::JsonSchema;
use serde::Deserialize;

/// How many of the newest are looked through for unread ones.
const COUNTED: usize = 200;

/// Notices that are marked as read in one write.
const AT_ONCE: usize = 100;

/// Times that marking is tried again because something else was written at the same time.
const TRIES: u32 = 5;

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
    let shown: Vec<_> = shown.into_iter().take(page.limit).collect();
    let asked = shown.iter().filter_map(|it| it.notice.action.as_ref()).map(|it| &it.task_id);
    let open = asked::open_among(&app.ports, asked).await?;
    let shown: Vec<_> = shown.into_iter().map(|it| NoticeView::of(it, &open)).collect();
    let next = shown.last().filter(|_| shown.len() == page.limit).map(|it| it.notice_id.clone());
    Ok(Json(NoticeList { notices: shown, unread, next }))
}

fn inboxes(stored: Vec<Stored>) -> Vec<Inbox> {
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

/// Marks as read all that count as unread; doing it again changes nothing.
pub(crate) async fn read_all<P: Outside>(
    State(app): State<Shared<P>>,
    Caller(user): Caller,
) -> Result<NoContent, Problem> {
    for _ in 0..TRIES {
        let newest = app.ports.list(Listing::Notices(user.clone()), None, COUNTED).await?;
        if mark(&app.ports, newest).await? {
            return Ok(NoContent);
        }
    }
    Err(Problem::contended())
}

/// Marks what is unread of these. `false`: one of them was written at the same time.
async fn mark<P: Outside>(ports: &P, stored: Vec<Stored>) -> Result<bool, Problem> {
    let now = ports.now();
    let unread = stored.into_iter().filter_map(|it| match it.record {
        Record::Inbox(inbox) if inbox.read_at.is_none() => {
            Some(Write::update(Record::Inbox(Inbox { read_at: Some(now), ..inbox }), it.rev))
        }
        _ => None,
    });
    for writes in unread.collect::<Vec<_>>().chunks(AT_ONCE) {
        match ports.commit(writes.to_vec()).await {
            Ok(()) => {}
            Err(CommitError::Conflict { .. }) => return Ok(false),
            Err(CommitError::Port(error)) => return Err(error.into()),
        }
    }
    Ok(true)
}
