//! What a run brings: amounts a month, what they come to in a year, and what that means for a goal.

use super::steps::detail;
use crate::card::{Card, GoalProgress, ImpactLine, LiveImpact};
use crate::out::{Note, RunEvent};
use crate::user::Goal;
use events::{
    Category, EventType, Impact, ImpactKind, ImpactStage, Severity, SimulationCompleted, StepId,
    WorkflowEvent,
};
use money::Money;
use serde_json::json;
use statemachines::Workflow;

/// A step brought something.
pub(super) fn add(card: &mut Card, event: &WorkflowEvent, workflow: &Workflow, goals: &[Goal]) {
    if let Some(impact) = detail::<Impact>(event, "impact") {
        card.impact.items.push(ImpactLine::of(event.step_id.clone(), impact));
        recount(card, workflow, goals);
    }
}

/// Of what a step brought, no more than this is left.
pub(super) fn replace(
    card: &mut Card,
    step: &StepId,
    left: Vec<Impact>,
    workflow: &Workflow,
    goals: &[Goal],
) {
    card.impact.items.retain(|it| it.step_id.as_ref() != Some(step));
    card.impact.items.extend(left.into_iter().map(|impact| ImpactLine::of(Some(step.clone()), impact)));
    recount(card, workflow, goals);
}

/// A step cost something once.
pub(super) fn charge(card: &mut Card, step: &StepId, fees: Vec<Impact>, workflow: &Workflow, goals: &[Goal]) {
    card.impact.items.extend(fees.into_iter().map(|impact| ImpactLine::of(Some(step.clone()), impact)));
    recount(card, workflow, goals);
}

/// A goal came nearer, as computed once at the end.
pub(super) fn progress_goal(card: &mut Card, event: &WorkflowEvent) {
    if let Some(goal) = detail(event, "goal") {
        card.impact.goal = Some(goal);
    }
}

fn recount(card: &mut Card, workflow: &Workflow, goals: &[Goal]) {
    let items = std::mem::take(&mut card.impact.items);
    card.impact = totals(items, workflow, goals);
}

impl ImpactLine {
    /// An impact of a step.
    pub fn of(step_id: Option<StepId>, impact: Impact) -> Self {
        Self {
            step_id,
            kind: impact.kind,
            stage: impact.stage,
            monthly: impact.monthly,
            months: impact.months,
            label: impact.label,
            evidence: impact.evidence,
        }
    }
}

/// Adds up impacts, each kind and stage for itself, a month; confirmed savings also over the next twelve months. What is put aside or
/// earned counts once it is confirmed. A total that would mix currencies, or overflow, is left out; its items are still listed.
pub fn totals(items: Vec<ImpactLine>, workflow: &Workflow, goals: &[Goal]) -> LiveImpact {
    let mut impact = sums(items);
    impact.goal = goal_progress(&impact, workflow, goals);
    impact
}

/// The same without goals.
pub(crate) fn sums(items: Vec<ImpactLine>) -> LiveImpact {
    let savings = |stage| total(&items, |it| it.kind == ImpactKind::Savings && it.stage == stage, A_MONTH);
    let sure = |kind| total(&items, |it| it.kind == kind && it.stage != ImpactStage::Promised, A_MONTH);
    LiveImpact {
        promised: savings(ImpactStage::Promised),
        confirmed: savings(ImpactStage::Confirmed),
        realised: savings(ImpactStage::Realised),
        set_aside: sure(ImpactKind::SetAside),
        income: sure(ImpactKind::Income),
        income_promised: total(
            &items,
            |it| it.kind == ImpactKind::Income && it.stage == ImpactStage::Promised,
            A_MONTH,
        ),
        annual: total(&items, is_saved, A_YEAR),
        fees: total(&items, is_fee, A_MONTH).and_then(|it| it.neg().ok()),
        goal: None,
        items,
    }
}

/// A charge that is lower or gone, as the provider says.
fn is_saved(it: &ImpactLine) -> bool {
    it.kind == ImpactKind::Savings && it.stage == ImpactStage::Confirmed
}

/// What the household has more than without the run. Money put aside is not: it was the household's before.
fn is_gained(it: &ImpactLine) -> bool {
    is_saved(it) || it.kind == ImpactKind::Income && it.stage != ImpactStage::Promised
}

/// A cost, so negative.
fn is_fee(it: &ImpactLine) -> bool {
    it.kind == ImpactKind::Fee
}

/// What a year of it leaves: what was paid once for it is taken off.
fn left_of_a_year(items: &[ImpactLine]) -> Option<Money> {
    total(items, |it| is_gained(it) || is_fee(it), A_YEAR)
}

/// How many of the next months it holds.
type Months = fn(&ImpactLine) -> u32;

const A_MONTH: Months = |_| 1;
const A_YEAR: Months = |it| it.months.unwrap_or(12).min(12);

fn total(items: &[ImpactLine], wanted: impl Fn(&ImpactLine) -> bool, months: Months) -> Option<Money> {
    let mut amounts = items.iter().filter(|it| wanted(it)).map(|it| it.monthly.times(i64::from(months(it))));
    let first = amounts.next()?.ok()?;
    amounts.try_fold(first, |sum, more| sum.add(more?)).ok()
}

/// How a year of what a run confirmed (savings and income) brings the user's goal nearer: the first of their goals of a kind that the
/// workflow serves. `None` without such a goal, without an amount, or in another currency.
pub fn goal_progress(impact: &LiveImpact, workflow: &Workflow, goals: &[Goal]) -> Option<GoalProgress> {
    let goal = goals
        .iter()
        .find(|goal| workflow.estimated_impact.goals.contains(&goal.kind) && goal.target.is_positive())?;
    nearer(impact, goal)
}

/// How much of a goal's target a year of what was confirmed adds, fees taken off. `None` without an amount, or in another currency.
pub fn nearer(impact: &LiveImpact, goal: &Goal) -> Option<GoalProgress> {
    let annual = left_of_a_year(&impact.items)?;
    if annual.currency != goal.target.currency || !goal.target.is_positive() {
        return None;
    }
    let tenths = i128::from(annual.minor) * 1000 / i128::from(goal.target.minor);
    Some(GoalProgress { name: goal.name.clone(), tenths_of_percent: i64::try_from(tenths).ok()? })
}

/// The event that tells how much longer the household's money lasts after a year of what was confirmed: of a workflow that is for
/// emergencies or protects. Nothing where nothing essential is spent, or nothing was saved.
pub fn risk_event(
    impact: &LiveImpact,
    workflow: &Workflow,
    simulation: &SimulationCompleted,
) -> Option<RunEvent> {
    let (liquid, essential) = (simulation.liquid, simulation.monthly_essential_outflow);
    let monthly = total(&impact.items, is_gained, A_MONTH)?;
    let annual =
        left_of_a_year(&impact.items).filter(|it| it.is_positive() && it.currency == liquid.currency)?;
    if !matches!(workflow.category, Category::Emergency | Category::Protect) || !essential.is_positive() {
        return None;
    }
    let months = |minor: i128| minor * 10 / i128::from(essential.minor);
    let now = months(i128::from(liquid.minor));
    let then = months(i128::from(liquid.minor) + i128::from(annual.minor));
    let label = format!("In a year of this the runway grows from {} to {} months", tenths(now), tenths(then));
    let evidence = vec![format!("simulation:{}", simulation.simulation_id)];
    let stage = ImpactStage::Promised;
    let kind = ImpactKind::RiskReduced;
    let impact = Impact { kind, stage, monthly, months: None, label: label.clone(), evidence };
    let mut events = Vec::with_capacity(1);
    Note::push(&mut events, EventType::RiskReduced, Severity::Success, label).detail("impact", json!(impact));
    let mut event = events.remove(0);
    event.progress = 100;
    (then > now).then_some(event)
}

/// Tenths as a decimal number: `2.3`, `-0.4`.
pub fn tenths(tenths: i128) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// The event that tells of a goal that came nearer; nothing of one that did not.
pub fn goal_event(goal: &GoalProgress) -> Option<RunEvent> {
    if goal.tenths_of_percent <= 0 {
        return None;
    }
    let mut events = Vec::with_capacity(1);
    let percent = tenths(goal.tenths_of_percent.into());
    let message = format!("{}: a year of this adds {percent} % of the target", goal.name);
    Note::push(&mut events, EventType::GoalProgressed, Severity::Success, message)
        .detail("goal", json!(goal));
    let mut event = events.remove(0);
    event.progress = 100;
    Some(event)
}
