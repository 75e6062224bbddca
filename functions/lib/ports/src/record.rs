//! The records of the one table, their keys and what a write of one may assume.

mod reading;

use engine::{
    Access, Achieved, Card, Completion, Declined, EndedRun, Goals, Learned, Out, Queue, Recommendation, Run,
    RunContext, RunImpact, Selection, StepRecord, Task, Unread, UserRun,
};
use events::{RecommendationId, RunId, StepId, TaskId, TaskKind, UserId, WorkflowEvent, WorkflowId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use notices::{Channel, Delivery, Inbox, Pass, Preferences, Sockets};
use serde::{Deserialize, Serialize};

/// The key of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A run's control record.
    Run(RunId),
    /// What a run was started from.
    Context(RunId),
    /// A step of a run.
    Step(RunId, StepId),
    /// The last question of a step of a run.
    Task(RunId, StepId, Slot),
    /// A run's progress card.
    Card(RunId),
    /// What was calculated once a run was completed.
    Completion(RunId),
    /// An event of a run, by its number.
    Event(RunId, u64),
    /// What a user allows.
    Access(UserId),
    /// A user's goals.
    Goals(UserId),
    /// The order of a user's runs.
    Queue(UserId),
    /// One line of a user's list of runs: by when it was queued, and which.
    UserRun(UserId, Timestamp, RunId),
    /// A recommendation.
    Recommendation(UserId, RecommendationId),
    /// Which run a selection led to, by idempotency key.
    Selection(UserId, String),
    /// What a user wants to be told.
    Preferences(UserId),
    /// A notice in a user's own list, by its id.
    Inbox(UserId, String),
    /// How a notice fares on a channel.
    Delivery(UserId, Channel, String),
    /// A user's open sockets.
    Sockets(UserId),
    /// A ticket or a link, by its secret's hash.
    Pass(String),
    /// Something that came in and could not be read, by its source and id.
    Unread(String),
    /// What a run of a user that has ended brought, by when it was queued.
    Impact(UserId, Timestamp, RunId),
    /// An achievement of a user.
    Achievement(UserId, String),
    /// What a user declined.
    Declined(UserId),
    /// What was learnt of a workflow.
    Learned(WorkflowId),
    /// A run that ended on this day, for those who operate the system.
    Ended(Date, Timestamp, RunId),
}

/// Which question of a step: its own, the recovery alert, or its undo by hand. They may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Approvals and guides.
    Ask,
    /// The recovery alert.
    Help,
    /// What the user reverses by hand.
    Undo,
}

impl Slot {
    /// The slot of a kind of question.
    pub fn of(kind: TaskKind) -> Self {
        match kind {
            TaskKind::Approve | TaskKind::Guide => Self::Ask,
            TaskKind::Help => Self::Help,
            TaskKind::Undo => Self::Undo,
        }
    }

    /// The name in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Help => "help",
            Self::Undo => "undo",
        }
    }
}

impl Key {
    /// Where a question is: the step coordinator names it `<run>:<step>:<slot>:<round>`.
    pub fn of_task(id: &TaskId) -> Option<Self> {
        let mut parts = id.as_str().rsplitn(4, ':');
        parts.next()?.parse::<u64>().ok()?;
        let name = parts.next()?;
        let slot = [Slot::Ask, Slot::Help, Slot::Undo].into_iter().find(|slot| slot.as_str() == name)?;
        let step = parts.next()?.parse().ok()?;
        Some(Self::Task(parts.next()?.parse().ok()?, step, slot))
    }

    /// The partition key.
    pub fn pk(&self) -> String {
        match self {
            Self::Run(run)
            | Self::Context(run)
            | Self::Step(run, _)
            | Self::Task(run, ..)
            | Self::Card(run)
            | Self::Completion(run) => format!("RUN#{run}"),
            Self::Event(run, _) => format!("EVENTS#{run}"),
            Self::Access(user)
            | Self::Goals(user)
            | Self::Queue(user)
            | Self::UserRun(user, ..)
            | Self::Recommendation(user, _)
            | Self::Selection(user, _)
            | Self::Preferences(user)
            | Self::Inbox(user, _)
            | Self::Delivery(user, ..)
            | Self::Sockets(user)
            | Self::Impact(user, ..)
            | Self::Achievement(user, _)
            | Self::Declined(user) => format!("USER#{user}"),
            Self::Pass(hash) => format!("PASS#{hash}"),
            Self::Unread(_) => "UNREAD".to_owned(),
            Self::Learned(workflow) => format!("LEARN#{workflow}"),
            Self::Ended(day, ..) => format!("ENDED#{day}"),
        }
    }

    /// The sort key.
    pub fn sk(&self) -> String {
        match self {
            Self::Run(_) => "META".to_owned(),
            Self::Context(_) => "CONTEXT".to_owned(),
            Self::Step(_, step) => format!("STEP#{step}"),
            Self::Task(_, step, slot) => format!("TASK#{step}#{}", slot.as_str()),
            Self::Card(_) => "CARD".to_owned(),
            Self::Completion(_) => "COMPLETION".to_owned(),
            Self::Event(_, seq) => format!("{seq:08}"),
            Self::Access(_) => "ACCESS".to_owned(),
            Self::Goals(_) => "GOALS".to_owned(),
            Self::Queue(_) => "QUEUE".to_owned(),
            Self::UserRun(_, at, run) => format!("RUN#{}-{run}", sortable(*at)),
            Self::Recommendation(_, id) => format!("REC#{id}"),
            Self::Selection(_, key) => format!("KEY#{key}"),
            Self::Preferences(_) => "PREFERENCES".to_owned(),
            Self::Inbox(_, id) => format!("NOTICE#{id}"),
            Self::Delivery(_, channel, id) => format!("SENT#{channel}#{id}"),
            Self::Sockets(_) => "SOCKETS".to_owned(),
            Self::Pass(_) => "PASS".to_owned(),
            Self::Unread(id) => id.clone(),
            Self::Impact(_, at, run) => format!("IMPACT#{}-{run}", sortable(*at)),
            Self::Achievement(_, id) => format!("ACHIEVEMENT#{id}"),
            Self::Declined(_) => "DECLINED".to_owned(),
            Self::Learned(_) => "LEARNED".to_owned(),
            Self::Ended(_, at, run) => format!("{}-{run}", sortable(*at)),
        }
    }
}

/// Milliseconds of as many digits until the year 2286, so that texts sort as times do.
fn sortable(at: Timestamp) -> String {
    format!("{:013}", at.as_millisecond().max(0))
}

/// A record. As JSON it is an object whose first field, `record`, says its kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// A run's control record.
    Run(Run),
    /// What a run was started from.
    Context(RunContext),
    /// A step of a run.
    Step(StepRecord),
    /// A question of a step of a run.
    Task(Task),
    /// A run's progress card.
    Card(Card),
    /// What was calculated once a run was completed.
    Completion(Completion),
    /// An event of a run.
    Event(WorkflowEvent),
    /// What a user allows.
    Access(Access),
    /// A user's goals.
    Goals(Goals),
    /// The order of a user's runs.
    Queue(Queue),
    /// One line of a user's list of runs.
    UserRun(UserRun),
    /// A recommendation.
    Recommendation(Recommendation),
    /// Which run a selection led to.
    Selection(Selection),
    /// What a user wants to be told.
    Preferences(Preferences),
    /// A notice in a user's own list.
    Inbox(Inbox),
    /// How a notice fares on a channel.
    Delivery(Delivery),
    /// A user's open sockets.
    Sockets(Sockets),
    /// A ticket or a link.
    Pass(Pass),
    /// Something that came in and could not be read: kept for a version that can.
    Unread(Unread),
    /// What a run that has ended brought.
    Impact(RunImpact),
    /// An achievement of a user.
    Achievement(Achieved),
    /// What a user declined.
    Declined(Declined),
    /// What was learnt of a workflow.
    Learned(Learned),
    /// A run that ended.
    Ended(EndedRun),
    /// An event of a run that this version cannot read: it holds its place in the list, and is never written.
    #[serde(skip_serializing)]
    UnreadEvent {
        /// The run.
        run_id: RunId,
        /// Its number.
        seq: u64,
    },
}

impl Record {
    /// Its key.
    pub fn key(&self) -> Key {
        match self {
            Self::Run(it) => Key::Run(it.run_id.clone()),
            Self::Context(it) => Key::Context(it.run_id.clone()),
            Self::Step(it) => Key::Step(it.run_id.clone(), it.step_id.clone()),
            Self::Task(it) => Key::Task(it.run_id.clone(), it.step_id.clone(), Slot::of(it.kind)),
            Self::Card(it) => Key::Card(it.run_id.clone()),
            Self::Completion(it) => Key::Completion(it.run_id.clone()),
            Self::Event(it) => Key::Event(it.run_id.clone(), it.seq),
            Self::UnreadEvent { run_id, seq } => Key::Event(run_id.clone(), *seq),
            Self::Access(it) => Key::Access(it.user_id.clone()),
            Self::Goals(it) => Key::Goals(it.user_id.clone()),
            Self::Queue(it) => Key::Queue(it.user_id.clone()),
            Self::UserRun(it) => Key::UserRun(it.user_id.clone(), it.queued_at, it.run_id.clone()),
            Self::Recommendation(it) => Key::Recommendation(it.user_id.clone(), it.recommendation_id.clone()),
            Self::Selection(it) => Key::Selection(it.user_id.clone(), it.idempotency_key.clone()),
            Self::Preferences(it) => Key::Preferences(it.user_id.clone()),
            Self::Inbox(it) => Key::Inbox(it.notice.user_id.clone(), it.notice.notice_id.clone()),
            Self::Delivery(it) => {
                Key::Delivery(it.notice.user_id.clone(), it.channel, it.notice.notice_id.clone())
            }
            Self::Sockets(it) => Key::Sockets(it.user_id.clone()),
            Self::Pass(it) => Key::Pass(it.hash.clone()),
            Self::Unread(it) => Key::Unread(format!("{}#{}", it.reader, it.id)),
            Self::Impact(it) => Key::Impact(it.user_id.clone(), it.queued_at, it.run_id.clone()),
            Self::Achievement(it) => Key::Achievement(it.user_id.clone(), it.unlocked.achievement_id.clone()),
            Self::Declined(it) => Key::Declined(it.user_id.clone()),
            Self::Learned(it) => Key::Learned(it.workflow_id.clone()),
            Self::Ended(it) => Key::Ended(it.at.to_zoned(TimeZone::UTC).date(), it.at, it.run_id.clone()),
        }
    }

    /// When the table may forget it. What happened with a household's money is kept.
    pub fn expires(&self) -> Option<Timestamp> {
        match self {
            Self::Unread(unread) => Some(engine::after(unread.at, UNREAD_KEPT)),
            // What was told is kept as the run's event; these are what was made of it.
            Self::Inbox(it) => Some(engine::after(it.notice.at, NOTICE_KEPT)),
            Self::Delivery(it) => Some(engine::after(it.notice.at, NOTICE_KEPT)),
            Self::Sockets(it) => it.open.values().max().copied(),
            Self::Pass(pass) => Some(pass.expires_at),
            // The run itself is kept; this is only its place in the operators' list.
            Self::Ended(ended) => Some(engine::after(ended.at, UNREAD_KEPT)),
            _ => None,
        }
    }

    /// When the sweep must look at it: a run's expiry unless it is being ended, its next look or, until it executes, its next check; a
    /// question's next reminder, deadline or overdue outcome.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Run(run) if !run.status.is_terminal() => {
                let check = run.check_at.filter(|_| run.status.is_before_execution());
                let expires = Some(run.expires).filter(|_| run.ending.is_none());
                [check, run.look_at, expires].into_iter().flatten().min()
            }
            Self::Task(task) => {
                let outcome = task.decided_at.map(|at| engine::after(at, OUTCOME_OVERDUE));
                let waiting = [task.remind.first().copied(), Some(task.deadline)];
                waiting.into_iter().flatten().filter(|_| task.open).chain(outcome).min()
            }
            _ => None,
        }
    }
}

/// How long what nobody could read is kept: longer than a version that can takes to be deployed.
const UNREAD_KEPT: statemachines::Seconds = statemachines::Seconds(90 * 24 * 3600);

/// How long what a user was told is kept: nobody reads older notices, and no event comes twice after so long.
const NOTICE_KEPT: statemachines::Seconds = statemachines::Seconds(180 * 24 * 3600);

/// How long after a decision its outcome is overdue and the step Lambda is invoked again.
pub const OUTCOME_OVERDUE: statemachines::Seconds = statemachines::Seconds(60);

/// A record as read: with the revision that a conditional write of it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// Its revision, from 1.
    pub rev: u64,
    /// The number of the last event written with it.
    pub seq: u64,
}

/// A write of a record, with the events that tell of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The record as it shall be.
    pub record: Record,
    /// What must hold.
    pub guard: Guard,
    /// What goes out on the bus because of it.
    pub out: Vec<Out>,
}

/// What must hold for a write to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The record is not there.
    Absent,
    /// The record has this revision.
    Rev(u64),
    /// Nothing.
    Any,
}

impl Write {
    /// A first write.
    pub fn create(record: Record) -> Self {
        Self { record, guard: Guard::Absent, out: Vec::new() }
    }

    /// A write over the revision read.
    pub fn update(record: Record, rev: u64) -> Self {
        Self { record, guard: Guard::Rev(rev), out: Vec::new() }
    }

    /// A write over whatever is there, or is not.
    pub fn put(record: Record) -> Self {
        Self { record, guard: Guard::Any, out: Vec::new() }
    }

    /// With events.
    #[must_use]
    pub fn telling(mut self, out: impl IntoIterator<Item = Out>) -> Self {
        self.out.extend(out);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_question_says_where_it_is() {
        for (name, expect) in [
            ("run:7:quick-wins:ask:1", Some("RUN#run:7 TASK#quick-wins#ask")),
            ("r:s:help:12", Some("RUN#r TASK#s#help")),
            ("r:s:undo:2", Some("RUN#r TASK#s#undo")),
            ("r:s:help:x", None),
            ("r:s:other:1", None),
            ("s:ask:1", None),
            ("r", None),
        ] {
            let got = Key::of_task(&name.parse().unwrap()).map(|it| format!("{} {}", it.pk(), it.sk()));
            assert_eq!(got.as_deref(), expect, "{name}");
        }
    }
}
