//! What the API answers, as far as the demo reads it.

use events::{
    Answer, Choice, Figure, Guide, ImpactKind, NotTriggered, RecommendationId, RecommendedAction,
    Reversibility, RunId, SimulationId, UserTaskRequest, WorkflowId, WorkflowSuggested,
};
use jiff::Timestamp;
use money::Money;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A page of recommendations.
#[derive(Clone, Debug, Deserialize)]
pub struct Recommendations {
    /// This page's.
    pub recommendations: Vec<Recommendation>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What was recommended because of a simulation.
#[derive(Clone, Debug, Deserialize)]
pub struct Recommendation {
    /// The recommendation.
    pub recommendation_id: RecommendationId,
    /// The simulation it answers.
    pub simulation_id: SimulationId,
    /// Best first.
    pub actions: Vec<RecommendedAction>,
    /// What did not trigger, with figure and threshold.
    pub not_triggered: Vec<NotTriggered>,
}

/// The catalog.
#[derive(Clone, Debug, Deserialize)]
pub struct Workflows {
    /// Every workflow.
    pub workflows: Vec<Workflow>,
}

/// One workflow of the catalog.
#[derive(Clone, Debug, Deserialize)]
pub struct Workflow {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// `available` or `planned`.
    pub status: String,
    /// The consents it needs.
    pub consents: Vec<String>,
}

/// The run that a selection led to.
#[derive(Clone, Debug, Deserialize)]
pub struct Selected {
    /// The run.
    pub run_id: RunId,
}

/// A run's progress card.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Card {
    /// The run.
    pub run_id: RunId,
    /// Its workflow's name.
    pub name: String,
    /// Its state.
    pub status: String,
    /// Why it is where it is.
    pub reason: Option<String>,
    /// Overall progress in percent.
    pub progress: u8,
    /// Work left.
    pub remaining_seconds: Remaining,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether its state is ahead of its steps: what is told of them comes a moment later.
    pub behind: bool,
    /// Steps under way.
    pub current: Vec<Current>,
    /// Settled steps.
    pub completed: Vec<Completed>,
    /// Steps to come.
    pub upcoming: Vec<Upcoming>,
    /// What it brought so far.
    pub impact: Impact,
    /// What was calculated once it was completed.
    pub completion: Option<Completion>,
}

impl Card {
    /// Whether the run has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.status.as_str(), "Completed" | "Failed" | "RolledBack" | "Stopped" | "NeedsAttention")
    }

    /// Whether it may have questions: to wait for the user is told by the step, or by the run where an alert is shown.
    pub fn may_ask(&self) -> bool {
        self.status == "Paused" || self.current.iter().any(|step| step.waiting_user)
    }
}

/// Seconds of work.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Remaining {
    /// At best.
    pub min: u32,
    /// At worst.
    pub max: u32,
}

/// A step under way.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Current {
    /// Its name.
    pub name: String,
    /// Its agent.
    pub agent: String,
    /// What it is doing.
    pub status: String,
    /// How far it is, in percent.
    pub percent: u8,
    /// Whether it waits for the user.
    pub waiting_user: bool,
    /// When it began.
    pub since: Timestamp,
    /// Figures to follow, by label.
    pub figures: BTreeMap<String, Figure>,
}

/// A settled step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Completed {
    /// Its name.
    pub name: String,
    /// `complete`, `skipped`, `failed` or `undone`.
    pub outcome: String,
    /// What was found or done.
    pub message: String,
    /// How long it took.
    pub seconds: u32,
    /// Whether and until when what it did can be undone.
    pub undo: Option<UndoTerms>,
}

/// Whether and until when something can be undone.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UndoTerms {
    /// Whether.
    pub reversibility: Reversibility,
    /// Until when, where the provider says so.
    pub until: Option<Timestamp>,
}

/// A step to come.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Upcoming {
    /// Its name.
    pub name: String,
}

/// What a run brought, a month.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Impact {
    /// Agreed.
    pub promised: Option<Money>,
    /// Read back.
    pub confirmed: Option<Money>,
    /// Put aside.
    pub set_aside: Option<Money>,
    /// Extra income.
    pub income: Option<Money>,
    /// Extra income that is promised.
    pub income_promised: Option<Money>,
    /// Confirmed over twelve months.
    pub annual: Option<Money>,
    /// Paid once to providers.
    pub fees: Option<Money>,
    /// What it means for a goal.
    pub goal: Option<Goal>,
    /// Each figure with what it comes from.
    pub lines: Vec<ImpactLine>,
}

/// How a run brings a goal nearer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Goal {
    /// The goal.
    pub name: String,
    /// Tenths of a percent of the target that a year of it adds.
    pub tenths_of_percent: i64,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ImpactLine {
    /// What kind.
    pub kind: ImpactKind,
    /// A month.
    pub monthly: Money,
    /// One sentence.
    pub label: String,
    /// What it comes from.
    pub evidence: Vec<String>,
}

/// What was calculated once a run was completed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Completion {
    /// Its impact.
    pub impact: Impact,
    /// What to do next.
    pub suggestion: Option<WorkflowSuggested>,
}

/// Questions that wait.
#[derive(Clone, Debug, Deserialize)]
pub struct Questions {
    /// The soonest due first.
    pub tasks: Vec<Question>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Question {
    /// What is asked.
    pub request: UserTaskRequest,
    /// What was decided so far.
    pub decisions: Vec<Decision>,
    /// What happened, where it is a recovery alert.
    pub alert: Option<Alert>,
    /// How to reverse what is left by hand, where that is asked.
    pub by_hand: Option<ByHand>,
}

/// A decision on record.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Decision {
    /// The item.
    pub item_id: Option<events::ItemId>,
    /// What was decided.
    pub answer: Answer,
}

/// A recovery alert.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Alert {
    /// What went wrong.
    pub what_happened: String,
    /// What the step has done all the same.
    pub done: Vec<String>,
    /// What it could not do.
    pub stuck: Vec<String>,
    /// What the user can do.
    pub options: Vec<AlertOption>,
    /// In what state the workflow is.
    pub status: String,
    /// What the run has brought so far.
    pub impact: AlertImpact,
}

/// What a run has brought when it shows an alert.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AlertImpact {
    /// Saved a month.
    pub saved: Option<Money>,
    /// What this step may bring a month and has not yet.
    pub pending: Option<Money>,
    /// Seconds from the run's start to the alert.
    pub seconds_invested: u32,
    /// Things of this step that are still to be decided or done.
    pub items_remaining: u32,
    /// The steps to come.
    pub steps_remaining: Vec<String>,
}

/// How to reverse by hand what no agent could undo.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ByHand {
    /// What is in force.
    pub items: Vec<LeftItem>,
    /// What to do for each.
    pub steps: Vec<String>,
    /// Who helps.
    pub contact: String,
    /// What proves it.
    pub proof: String,
}

/// An effect that is in force and should not be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LeftItem {
    /// The item.
    pub item_id: events::ItemId,
    /// What was done.
    pub title: String,
    /// The provider's reference.
    pub reference: String,
    /// Why it was not undone.
    pub why: String,
}

/// What a run has done, undone and left.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Report {
    /// In plain words.
    pub text: String,
}

/// One way on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AlertOption {
    /// What to answer.
    pub choice: Choice,
    /// What the user does.
    pub label: String,
    /// What happens then.
    pub leads_to: String,
}

/// What became of an answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Answered {
    /// The guide again, where help was asked for.
    pub guide: Option<Guide>,
    /// The call for help as it is kept.
    pub help: Option<Help>,
}

/// A call for help.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Help {
    /// Who helps on the other side.
    pub contact: Option<String>,
}

/// Why a call was refused.
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    /// One sentence.
    pub detail: String,
    /// The wrong fields.
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

/// A wrong field.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldError {
    /// Its path.
    pub field: String,
    /// What is wrong.
    pub what: String,
}
