//! A notice, before it is the body of any channel.

use crate::kind::NoticeKind;
use events::{RunId, TaskId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something to tell a user. The same event gives the same notice, with the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// When it happened, in milliseconds of 13 digits, and the id of the event: later notices have greater ids.
    pub notice_id: String,
    /// Whom to tell.
    pub user_id: UserId,
    /// What about.
    pub kind: NoticeKind,
    /// One sentence that may stand on a locked screen: no amounts, nobody's names.
    pub title: String,
    /// More, for those who have signed in or opened their mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// The run, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// What the user can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// When it happened.
    pub at: Timestamp,
}

/// What a user is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The question.
    pub task_id: TaskId,
    /// What stands on the button.
    pub label: String,
    /// Until when.
    pub deadline: Timestamp,
    /// What becomes of it then, as a part of a sentence, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub afterwards: Option<String>,
}

impl Notice {
    /// The id of a notice of what happened then.
    pub fn id(at: Timestamp, of: &str) -> String {
        format!("{}-{of}", prefix(at))
    }

    /// Whether it still makes sense: what asks for something does until the deadline.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.action.as_ref().is_none_or(|action| now < action.deadline)
    }
}

/// What the ids of all notices of a moment begin with. Of as many digits until the year 2286, so that texts sort as times do.
pub(crate) fn prefix(at: Timestamp) -> String {
    format!("{:013}", at.as_millisecond().max(0))
}
