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
            label: impact.label,
            evidence: impact.evidence,
        }
    }
}

/// Adds up impacts, each kind and stage for itself, a month; confirmed savings also over twelve months. What is put aside or earned
/// counts once it is confirmed. A total that would mix currencies, or overflow, is left out; its items are still listed.
pub fn totals(items: Vec<ImpactLine>, workflow: &Workflow, goals: &[Goal]) -> LiveImpact {
    let mut impact = sums(items);
    impact.goal = goal_progress(&impact, workflow, goals);
    impact
}

/// The same without goals.
pub(crate) fn sums(items: Vec<ImpactLine>) -> LiveImpact {
    let savings = |stage| total(&items, |it| it.kind == ImpactKind::Savings && it.stage == stage);
    let sure = |kind| total(&items, |it| it.kind == kind && it.stage != ImpactStage::Promised);
    let mut impact = LiveImpact {
        promised: savings(ImpactStage::Promised),
        confirmed: savings(ImpactStage::Confirmed),
        realised: savings(ImpactStage::Realised),
        set_aside: sure(ImpactKind::SetAside),
        income: sure(ImpactKind::Income),
        annual: None,
        goal: None,
        items: Vec::new(),
    };
    impact.annual = impact.confirmed.and_then(|amount| amount.annual().ok());
    impact.items = items;
    impact
}

fn total(items: &[ImpactLine], wanted: impl Fn(&ImpactLine) -> bool) -> Option<Money> {
    let mut amounts = items.iter().filter(|it| wanted(it)).map(|it| it.monthly);
    let first = amounts.next()?;
    amounts.try_fold(first, Money::add).ok()
}

/// How a year of what a run confirmed (savings, and what is put aside) brings the user's goal nearer: the first of their goals of a
/// kind that the workflow serves. `None` without such a goal, without an amount, or in another currency.
pub fn goal_progress(impact: &LiveImpact, workflow: &Workflow, goals: &[Goal]) -> Option<GoalProgress> {
    let goal = goals
        .iter()
        .find(|goal| workflow.estimated_impact.goals.contains(&goal.kind) && goal.target.is_positive())?;
    nearer(impact, goal)
}

/// How much of a goal's target a year of what was confirmed and put aside adds. `None` without an amount, or in another currency.
pub fn nearer(impact: &LiveImpact, goal: &Goal) -> Option<GoalProgress> {
    let annual = spare(impact)?.annual().ok()?;
    if annual.currency != goal.target.currency || !goal.target.is_positive() {
        return None;
    }
    let tenths = i128::from(annual.minor) * 1000 / i128::from(goal.target.minor);
    Some(GoalProgress { name: goal.name.clone(), tenths_of_percent: i64::try_from(tenths).ok()? })
}

/// What is confirmed and put aside a month.
fn spare(impact: &LiveImpact) -> Option<Money> {
    match (impact.confirmed, impact.set_aside) {
        (Some(saved), Some(aside)) => saved.add(aside).ok(),
        (saved, aside) => saved.or(aside),
    }
}

/// The event that tells how much longer the household's money lasts after a year of what was confirmed and put aside: of a workflow
/// that is for emergencies or protects. Nothing where nothing essential is spent, or nothing was saved.
pub fn risk_event(
    impact: &LiveImpact,
    workflow: &Workflow,
    simulation: &SimulationCompleted,
) -> Option<RunEvent> {
    let (liquid, essential) = (simulation.liquid, simulation.monthly_essential_outflow);
    let monthly = spare(impact).filter(|it| it.is_positive() && it.currency == liquid.currency)?;
    if !matches!(workflow.category, Category::Emergency | Category::Protect) || !essential.is_positive() {
        return None;
    }
    let tenths = |minor: i128| minor * 10 / i128::from(essential.minor);
    let now = tenths(i128::from(liquid.minor));
    let then = tenths(i128::from(liquid.minor) + 12 * i128::from(monthly.minor));
    let months = |tenths: i128| format!("{}.{}", tenths / 10, tenths % 10);
    let label = format!("In a year of this the runway grows from {} to {} months", months(now), months(then));
    let evidence = vec![format!("simulation:{}", simulation.simulation_id)];
    let stage = ImpactStage::Promised;
    let impact = Impact { kind: ImpactKind::RiskReduced, stage, monthly, label: label.clone(), evidence };
    let mut events = Vec::with_capacity(1);
    Note::push(&mut events, EventType::RiskReduced, Severity::Success, label).detail("impact", json!(impact));
    let mut event = events.remove(0);
    event.progress = 100;
    (then > now).then_some(event)
}

/// The event that tells of a goal that came nearer.
pub fn goal_event(goal: &GoalProgress) -> RunEvent {
    let mut events = Vec::with_capacity(1);
    let (percent, tenth) = (goal.tenths_of_percent / 10, goal.tenths_of_percent % 10);
    let message = format!("{}: a year of this adds {percent}.{tenth} % of the target", goal.name);
    Note::push(&mut events, EventType::GoalProgressed, Severity::Success, message)
        .detail("goal", json!(goal));
    let mut event = events.remove(0);
    event.progress = 100;
    event
}
