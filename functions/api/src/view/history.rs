//! What a user's runs have brought over time, and what that made true.

use crate::view::RunStatus;
use crate::view::card::Impact;
use engine::{Achieved, DatedImpact, LiveImpact, Realised, RunImpact};
use events::{ImpactKind, RunId, StepId, WorkflowId};
use jiff::Timestamp;
use jiff::civil::Date;
use money::{Currency, Money};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statemachines::Achievement;

/// What all runs of a user have brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImpactView {
    /// All runs together, a month.
    pub totals: Impact,
    /// How near that brings each goal in a year.
    pub goals: Vec<GoalShare>,
    /// Savings agreed, confirmed and realised so far, one point a day on which something changed, earliest first.
    pub series: Vec<PointView>,
    /// Run by run, the latest first.
    pub runs: Vec<RunImpactView>,
}

/// How near the runs bring a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GoalShare {
    /// The goal.
    pub name: String,
    /// Tenths of a percent of the target that a year of them adds.
    pub tenths_of_percent: i64,
}

/// All savings a month up to a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PointView {
    /// The day.
    pub date: Date,
    /// Agreed, confirmed or not; the totals' `promised` is what of it is not confirmed yet.
    pub agreed: Money,
    /// Read back from providers.
    pub confirmed: Money,
    /// Seen in later charges.
    pub realised: Money,
}

/// What a run has brought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunImpactView {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Its workflow's name.
    pub name: String,
    /// When it ended, the last time.
    pub ended_at: Timestamp,
    /// How it ended: of one that was not completed, what is in force counts.
    pub status: RunStatus,
    /// Line by line.
    pub lines: Vec<DatedLine>,
}

/// One figure with its dates and evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatedLine {
    /// The step that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// What kind of change.
    pub kind: ImpactKind,
    /// One sentence.
    pub label: String,
    /// A month.
    pub monthly: Money,
    /// For how many months it holds, where its end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// The first day on which it does not hold any more, where that is known: nothing counts it from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    /// When it was agreed.
    pub promised_at: Timestamp,
    /// When it was read back from the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When and how it was seen in later charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised: Option<RealisedView>,
    /// The transactions or provider records it comes from.
    pub evidence: Vec<String>,
}

/// A saving that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RealisedView {
    /// How much of it, a month.
    pub monthly: Money,
    /// The day of the figures it was seen in.
    pub on: Date,
    /// The simulation, and the charges before and after.
    pub evidence: Vec<String>,
}

/// A user's achievements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AchievementsView {
    /// Those unlocked, the latest first.
    pub unlocked: Vec<UnlockedView>,
    /// Those to come.
    pub locked: Vec<LockedView>,
}

/// An achievement that is unlocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnlockedView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The figures that made it true.
    pub reason: String,
    /// The run that it came true with, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// When.
    pub at: Timestamp,
}

/// An achievement to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockedView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// What was declined of a recommendation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRequest {
    /// The workflow.
    pub workflow_id: WorkflowId,
}

/// What the user does not want to be suggested for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclinesView {
    /// Workflow by workflow.
    pub declined: Vec<DeclinedView>,
}

/// A workflow that was declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclinedView {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// When, the last time.
    pub at: Timestamp,
}

impl ImpactView {
    /// Of runs on a day, with their sums and what those mean for the goals.
    pub(crate) fn of(mut runs: Vec<RunImpact>, sums: LiveImpact, goals: Vec<GoalShare>, today: Date) -> Self {
        let currency = runs.first().map_or(Currency::USD, |run| run.currency);
        let money = |minor| Money { minor, currency };
        let point = |it: engine::history::Point| PointView {
            date: it.date,
            agreed: money(it.agreed),
            confirmed: money(it.confirmed),
            realised: money(it.realised),
        };
        let series = engine::history::series(&runs, currency, today).into_iter().map(point).collect();
        // Of a run that was undone since there is nothing left to show.
        runs.retain(|run| run.status == engine::RunStatus::Completed || !run.lines.is_empty());
        runs.sort_by_key(|run| std::cmp::Reverse(run.ended_at));
        Self { totals: sums.into(), goals, series, runs: runs.into_iter().map(RunImpactView::from).collect() }
    }
}

impl From<RunImpact> for RunImpactView {
    fn from(it: RunImpact) -> Self {
        Self {
            run_id: it.run_id,
            workflow_id: it.workflow_id,
            name: it.name,
            ended_at: it.ended_at,
            status: it.status.into(),
            lines: it.lines.into_iter().map(DatedLine::from).collect(),
        }
    }
}

impl From<DatedImpact> for DatedLine {
    fn from(it: DatedImpact) -> Self {
        Self {
            ends: it.ends(),
            months: it.line.months,
            step_id: it.line.step_id,
            kind: it.line.kind,
            label: it.line.label,
            monthly: it.line.monthly,
            promised_at: it.promised_at,
            confirmed_at: it.confirmed_at,
            realised: it.realised.map(RealisedView::from),
            evidence: it.line.evidence,
        }
    }
}

impl From<Realised> for RealisedView {
    fn from(it: Realised) -> Self {
        Self { monthly: it.monthly, on: it.on, evidence: it.evidence }
    }
}

impl AchievementsView {
    /// Those of a user, and the rules that have not come true yet.
    pub(crate) fn of(mut achieved: Vec<Achieved>) -> Self {
        achieved
            .sort_by(|a, b| b.at.cmp(&a.at).then(a.unlocked.achievement_id.cmp(&b.unlocked.achievement_id)));
        let known = |rule: &Achievement| achieved.iter().any(|it| it.unlocked.achievement_id == rule.id);
        let to_come = Achievement::all().into_iter().filter(|rule| !known(rule));
        let locked =
            to_come.map(|it| LockedView { id: it.id, name: it.name, description: it.description }).collect();
        let unlocked = |it: Achieved| UnlockedView {
            id: it.unlocked.achievement_id,
            name: it.unlocked.name,
            description: it.unlocked.description,
            reason: it.unlocked.reason,
            run_id: it.unlocked.run_id,
            at: it.at,
        };
        Self { unlocked: achieved.into_iter().map(unlocked).collect(), locked }
    }
}
