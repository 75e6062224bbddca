//! The records of the one table, their keys and what a write of one may assume.

mod reading;

use engine::{
    Access, Card, Completion, Goals, Out, Queue, Recommendation, Run, RunContext, Selection, StepRecord,
    Task, Unread, UserRun,
};
use events::{RecommendationId, RunId, StepId, TaskKind, UserId, WorkflowEvent};
use jiff::Timestamp;
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
    /// Something that came in and could not be read, by its source and id.
    Unread(String),
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
            | Self::Selection(user, _) => format!("USER#{user}"),
            Self::Unread(_) => "UNREAD".to_owned(),
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
            // Milliseconds of as many digits until the year 2286, so that texts sort as times do.
            Self::UserRun(_, queued, run) => format!("RUN#{:013}-{run}", queued.as_millisecond().max(0)),
            Self::Recommendation(_, id) => format!("REC#{id}"),
            Self::Selection(_, key) => format!("KEY#{key}"),
            Self::Unread(id) => id.clone(),
        }
    }
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
    /// Something that came in and could not be read: kept for a version that can.
    Unread(Unread),
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
            Self::Access(it) => Key::Access(it.user_id.clone()),
            Self::Goals(it) => Key::Goals(it.user_id.clone()),
            Self::Queue(it) => Key::Queue(it.user_id.clone()),
            Self::UserRun(it) => Key::UserRun(it.user_id.clone(), it.queued_at, it.run_id.clone()),
            Self::Recommendation(it) => Key::Recommendation(it.user_id.clone(), it.recommendation_id.clone()),
            Self::Selection(it) => Key::Selection(it.user_id.clone(), it.idempotency_key.clone()),
            Self::Unread(it) => Key::Unread(format!("{}#{}", it.reader, it.id)),
        }
    }

    /// When the table may forget it. What happened with a household's money is kept.
    pub fn expires(&self) -> Option<Timestamp> {
        match self {
            Self::Unread(unread) => Some(engine::after(unread.at, UNREAD_KEPT)),
            _ => None,
        }
    }

    /// When the sweep must look at it: a run's expiry, its next look or, until it executes, its next check; a question's next reminder,
    /// deadline or overdue outcome.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Run(run) if !run.status.is_terminal() => {
                let check = run.check_at.filter(|_| run.status.is_before_execution());
                [check, run.look_at, Some(run.expires)].into_iter().flatten().min()
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
