//! What those see who operate the system: runs and failures; nothing of a household's but what its user writes to them.

use crate::view::run::RunStatus;
use engine::{EndedRun, Unread};
use events::{ErrorClass, RunId, StepId, UserId, WorkflowId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the system is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    /// Runs under way, by state.
    pub live: BTreeMap<String, u32>,
    /// Runs that ended in the last seven days, by state.
    pub ended: BTreeMap<String, u32>,
    /// Runs that ended badly in the last seven days, by the class of their failure.
    pub failures: BTreeMap<String, u32>,
    /// The run that has waited longest: before its execution, or for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_waiting: Option<LiveRun>,
    /// The runs that ended badly, the latest first, at most 50.
    pub latest_failures: Vec<EndedLine>,
}

/// Runs under way, and whether there are more than are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveRuns {
    /// The runs, the one that was queued first first.
    pub runs: Vec<LiveRun>,
    /// There are more.
    pub more: bool,
}

/// A run under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveRun {
    /// The run.
    pub run_id: RunId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Its version.
    pub version: u32,
    /// Its state.
    pub status: RunStatus,
    /// How far it is, in percent.
    pub progress: u8,
    /// Its execution's epoch.
    pub epoch: u32,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Since when it waits for a person, the first of its steps that does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Timestamp>,
    /// The steps whose user asks for help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks_for_help: Vec<AsksForHelp>,
}

/// A step whose user asks for help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AsksForHelp {
    /// The step.
    pub step_id: StepId,
    /// Since when.
    pub since: Timestamp,
    /// What is unclear, in the user's words, who was told that it is read here.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndedLine {
    /// The run.
    pub run_id: RunId,
    /// Whose it was.
    pub user_id: UserId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// How it ended.
    pub status: RunStatus,
    /// What kind of failure it ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ErrorClass>,
    /// When.
    pub at: Timestamp,
}

/// What came in and could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeptList {
    /// The messages of this page.
    pub kept: Vec<Kept>,
    /// What to ask for as `after` to see more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which of what was kept is to be read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Who could not read it.
    pub reader: String,
    /// Its own id.
    pub id: String,
}

/// Something that was kept. Its content is not told: it may be a household's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// Who could not read it.
    pub reader: String,
    /// Its own id.
    pub id: String,
    /// Why not.
    pub reason: String,
    /// When it came.
    pub at: Timestamp,
    /// When it was last handed to its reader again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<Timestamp>,
    /// Whether it can be handed over again.
    pub replayable: bool,
}

/// What no retry could handle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FailureList {
    /// It, the oldest first.
    pub failures: Vec<FailureLine>,
    /// There may be more.
    pub more: bool,
}

/// Something that no retry could handle. Its content is not told: it may be a household's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FailureLine {
    /// The message's id.
    pub id: String,
    /// The function that gave up; none where the message names none that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Why.
    pub reason: String,
    /// What it was about: an event's id, or a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How often it was tried.
    pub tries: u32,
    /// How many in the list are of the same function for the same reason, with this one.
    pub alike: u32,
    /// When it was given up on.
    pub at: Timestamp,
    /// How long ago that was.
    pub age_seconds: u64,
    /// Whether it can be handed over again.
    pub replayable: bool,
}

/// Which of what was given up on is to be handed over again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureReplay {
    /// The message's id.
    pub id: String,
}

impl From<EndedRun> for EndedLine {
    fn from(it: EndedRun) -> Self {
        Self {
            run_id: it.run_id,
            user_id: it.user_id,
            workflow_id: it.workflow_id,
            status: it.status.into(),
            class: it.class,
            at: it.at,
        }
    }
}

impl Kept {
    /// What was kept, without its content.
    pub(crate) fn of(it: Unread, is_replayable: impl Fn(&Unread) -> bool) -> Self {
        let replayable = is_replayable(&it);
        Self {
            reader: it.reader,
            id: it.id,
            reason: it.reason,
            at: it.at,
            replayed_at: it.replayed_at,
            replayable,
        }
    }
}
