//! From the simulation upstream: the household's figures, and what was recommended and selected because of them.

use crate::envelope::Event;
use crate::ids::{RecommendationId, RunId, SimulationId, WorkflowId};
use jiff::civil::Date;
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `simulation.completed`: the upstream's result for one household. Catalog triggers read it as `simulation.…`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationCompleted {
    /// The upstream's id. The same id published twice gives one recommendation.
    pub simulation_id: SimulationId,
    /// The date that all arithmetic of this simulation and its runs uses.
    pub as_of: Date,
    /// Months that liquid money lasts at the usual essential outflow.
    pub runway_months: f64,
    /// The same at the lean outflow (essentials at their leanest month of the window).
    pub runway_months_lean: f64,
    /// Checking, savings and money market; no retirement, no credit.
    pub liquid: Money,
    /// Average essential outflow a month over the last 90 days.
    pub monthly_essential_outflow: Money,
    /// Average outflow a month over the last 90 days, transfers and card payments left out.
    pub monthly_outflow: Money,
    /// Average income a month over the last 90 days.
    pub monthly_income: Money,
    /// Debts by interest rate, highest first; another order is put right.
    #[serde(default)]
    pub debts: Vec<DebtFigure>,
    /// Sum of unrealised losses in taxable accounts, as a positive amount.
    pub unrealised_losses: Money,
    /// Annualised volatility of the portfolio over the last 30 days, as a fraction (0.25 = 25 %), if there are holdings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volatility: Option<f64>,
    /// How many accounts were linked when this was computed.
    pub accounts_linked: u32,
    /// What the household pays again and again, where the upstream says so: what was saved is seen here, once a charge that was to
    /// become less has become less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring: Option<Vec<RecurringCharge>>,
}

/// Something that the household pays again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurringCharge {
    /// Name shown to the user.
    pub name: String,
    /// Its charges of the last year, oldest first.
    pub charges: Vec<Charge>,
}

/// One charge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The transaction, by the id that evidence names.
    pub transaction: String,
    /// Its day.
    pub date: Date,
    /// What was paid.
    pub amount: Money,
}

/// One debt of the household.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DebtFigure {
    /// Name shown to the user.
    pub name: String,
    /// Annual percentage rate, in percent (22.9 = 22.9 %).
    pub apr: f64,
    /// What is owed.
    pub balance: Money,
    /// The minimum payment a month.
    pub minimum: Money,
}

impl Event for SimulationCompleted {
    fn detail_type(&self) -> &'static str {
        "simulation.completed"
    }
}

/// `actions.recommended`: the answer to a simulation, best first. Empty when no trigger fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionsRecommended {
    /// One per simulation.
    pub recommendation_id: RecommendationId,
    /// The simulation this answers.
    pub simulation_id: SimulationId,
    /// The simulation's date.
    pub as_of: Date,
    /// Ranked, best first.
    pub actions: Vec<RecommendedAction>,
    /// Triggers that did not fire, with figure and threshold as text.
    #[serde(default)]
    pub not_triggered: Vec<NotTriggered>,
}

/// One recommended workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendedAction {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version a run would be pinned to.
    pub version: u32,
    /// Name shown to the user.
    pub name: String,
    /// The workflow's category.
    pub category: Category,
    /// 1 is best.
    pub rank: u32,
    /// The trigger's score; only its order matters.
    pub score: f64,
    /// Why, in words with the figures in them.
    pub reasons: Vec<String>,
    /// `false`: planned, shown but not selectable.
    pub available: bool,
}

/// What a workflow is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Spend less for the same.
    Optimize,
    /// Lower a risk.
    Protect,
    /// Earn or keep more.
    Grow,
    /// Act now.
    Emergency,
}

/// A trigger that did not fire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotTriggered {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// Figure and threshold, such as `runway is 7.4 months, the trigger is below 3.0`.
    pub reason: String,
}

impl Event for ActionsRecommended {
    fn detail_type(&self) -> &'static str {
        "actions.recommended"
    }
}

/// `workflow.selected`: the user picked a recommended action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowSelected {
    /// The recommendation picked from.
    pub recommendation_id: RecommendationId,
    /// The workflow picked.
    pub workflow_id: WorkflowId,
    /// The same key selects once: a second use answers with the first one's run.
    pub idempotency_key: String,
}

impl Event for WorkflowSelected {
    fn detail_type(&self) -> &'static str {
        "workflow.selected"
    }
}

/// `workflow.suggested`: what to do next, after a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowSuggested {
    /// The run that ended.
    pub run_id: RunId,
    /// The suggested workflow.
    pub workflow_id: WorkflowId,
    /// Name shown to the user.
    pub name: String,
    /// `false`: planned, marked as not yet available.
    pub available: bool,
    /// Why, in words with the figures in them.
    pub reasons: Vec<String>,
}

impl Event for WorkflowSuggested {
    fn detail_type(&self) -> &'static str {
        "workflow.suggested"
    }
}
