//! Which events give a notice, and which.

use crate::kind::NoticeKind;
use crate::notice::{Action, Notice};
use crate::words;
use engine::{LiveImpact, Task, Unanswered};
use events::{ActionsRecommended, RunId, Severity, UserId, WorkflowEvent, WorkflowSuggested};
use jiff::Timestamp;
use serde_json::Value;

/// What happened, as it came from the bus.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// An event of a run.
    Run(Box<WorkflowEvent>),
    /// What to do after a run.
    Suggested(WorkflowSuggested),
    /// What a simulation recommends.
    Recommended(ActionsRecommended),
    /// What a user achieved: its title, and why.
    Achieved {
        /// Its title.
        title: String,
        /// Why, in one sentence.
        reason: String,
    },
}

/// A row of [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The event's `detail-type`.
    pub event: &'static str,
    /// When the row fits.
    pub when: When,
    /// What the user is told.
    pub kind: NoticeKind,
}

/// When a row fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// It asks the user something.
    Asks,
    /// It reminds of what it asks.
    Reminds,
    /// It asks something that it has not asked before.
    AsksAnew,
    /// It asks the user to undo something by hand.
    AsksToUndo,
    /// `details.outcome` is this.
    Outcome(&'static str),
    /// It has this severity.
    Is(Severity),
    /// Something of it can be started.
    Available,
}

/// Which events give a notice: the first row that fits, and nothing where none does. Channels and rules of the bus follow it.
pub const TABLE: [Row; 18] = [
    row("step.waiting_user", When::Reminds, NoticeKind::Reminder),
    row("step.waiting_user", When::AsksToUndo, NoticeKind::ByHand),
    row("step.waiting_user", When::AsksAnew, NoticeKind::Question),
    row("warning.review_needed", When::Asks, NoticeKind::Help),
    row("workflow.completed", When::Always, NoticeKind::Completed),
    row("workflow.failed", When::Outcome("NeedsAttention"), NoticeKind::NeedsAttention),
    row("workflow.failed", When::Outcome("RolledBack"), NoticeKind::RolledBack),
    row("workflow.failed", When::Outcome("Stopped"), NoticeKind::Stopped),
    row("workflow.failed", When::Is(Severity::Warning), NoticeKind::Stopped),
    row("workflow.failed", When::Always, NoticeKind::Failed),
    row("impact.savings", When::Always, NoticeKind::Savings),
    row("impact.risk_reduced", When::Always, NoticeKind::RiskReduced),
    row("impact.goal_progress", When::Always, NoticeKind::GoalProgress),
    row("warning.partial", When::Always, NoticeKind::Partial),
    row("warning.dependency", When::Always, NoticeKind::Held),
    row("achievement.unlocked", When::Always, NoticeKind::Achievement),
    row("workflow.suggested", When::Available, NoticeKind::Suggestion),
    row("actions.recommended", When::Available, NoticeKind::Recommendation),
];

const fn row(event: &'static str, when: When, kind: NoticeKind) -> Row {
    Row { event, when, kind }
}

/// What is known around an event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The workflow's name.
    pub workflow: Option<&'a str>,
    /// The step's name.
    pub step: Option<&'a str>,
    /// The question, where one is asked.
    pub task: Option<&'a Task>,
    /// What the run has brought so far.
    pub impact: Option<&'a LiveImpact>,
    /// What becomes of the question when nobody answers it.
    pub unanswered: Option<Unanswered>,
}

/// What a user is told of a fact of this id and time.
pub fn notice_of(id: &str, at: Timestamp, user: &UserId, fact: &Fact, around: Around<'_>) -> Option<Notice> {
    let kind = kind_of(fact)?;
    Some(Notice {
        notice_id: Notice::id(at, id),
        user_id: user.clone(),
        kind,
        title: words::title(kind, fact, around),
        lines: words::lines(kind, fact, around),
        run_id: run_of(fact).cloned(),
        action: action(kind, fact, around.unanswered),
        at,
    })
}

/// The notice that tells of several others; its id is given, so that it is made once.
pub fn digest(user: &UserId, id: &str, at: Timestamp, of: &[Notice]) -> Notice {
    let lines = of.iter().flat_map(|it| std::iter::once(it.title.clone()).chain(it.lines.first().cloned()));
    let many = if of.len() == 1 { "update" } else { "updates" };
    Notice {
        notice_id: id.to_owned(),
        user_id: user.clone(),
        kind: NoticeKind::Digest,
        title: format!("Your day: {} {many}", of.len()),
        lines: lines.collect(),
        run_id: None,
        action: None,
        at,
    }
}

fn kind_of(fact: &Fact) -> Option<NoticeKind> {
    let event = match fact {
        Fact::Run(event) => event.event_type.as_str(),
        Fact::Suggested(_) => "workflow.suggested",
        Fact::Recommended(_) => "actions.recommended",
        Fact::Achieved { .. } => "achievement.unlocked",
    };
    TABLE.iter().find(|row| row.event == event && row.when.fits(fact)).map(|row| row.kind)
}

fn run_of(fact: &Fact) -> Option<&RunId> {
    match fact {
        Fact::Run(event) => Some(&event.run_id),
        Fact::Suggested(next) => Some(&next.run_id),
        Fact::Recommended(_) | Fact::Achieved { .. } => None,
    }
}

fn action(kind: NoticeKind, fact: &Fact, unanswered: Option<Unanswered>) -> Option<Action> {
    let Fact::Run(event) = fact else { return None };
    let asked = event.data.user_action.as_ref()?;
    let label = words::label(kind).to_owned();
    let afterwards = unanswered.map(|it| it.words().to_owned());
    Some(Action { task_id: asked.task_id.clone(), label, deadline: asked.deadline, afterwards })
}

impl When {
    fn fits(self, fact: &Fact) -> bool {
        match (self, fact) {
            (Self::Always, _) => true,
            (Self::Available, Fact::Suggested(next)) => next.available,
            (Self::Available, Fact::Recommended(made)) => made.actions.iter().any(|it| it.available),
            (when, Fact::Run(event)) => when.fits_run(event),
            _ => false,
        }
    }

    fn fits_run(self, event: &WorkflowEvent) -> bool {
        let detail = |name| event.data.details.get(name);
        let said = |name| detail(name).and_then(Value::as_bool) == Some(true);
        let asked = event.data.user_action.as_ref().map(|it| it.task_id.as_str());
        match self {
            Self::Always => true,
            Self::Asks => asked.is_some(),
            Self::Reminds => said("reminder"),
            Self::AsksAnew => !said("again"),
            // A question is named `<run>:<step>:<slot>:<round>`.
            Self::AsksToUndo => asked.is_some_and(|it| it.rsplit(':').nth(1) == Some("undo")),
            Self::Outcome(outcome) => detail("outcome").and_then(Value::as_str) == Some(outcome),
            Self::Is(severity) => event.severity == severity,
            Self::Available => false,
        }
    }
}
