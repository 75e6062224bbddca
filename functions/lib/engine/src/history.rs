//! What a user's runs have brought over time: promised, confirmed, realised, each with its date and evidence; and what follows from it.

mod realise;
mod series;
mod term;

pub use realise::{Seen, seen};
pub use series::{Point, series};
pub use term::{ends_of, in_force};

use crate::LiveImpact;
use crate::card::{GoalProgress, ImpactLine};
use crate::run::Run;
use crate::status::RunStatus;
use events::{AchievementUnlocked, ImpactKind, ImpactStage, RunId, UserId, WorkflowId};
use indexmap::IndexMap;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use statemachines::{Achievement, ExprError, Variables, Workflow};
use std::collections::BTreeSet;

/// What a run that has ended brought and is in force, line by line. One record a run: written when it ends, and again when it ends once
/// more after a resume, or when something of it is undone later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunImpact {
    /// Whose it is.
    pub user_id: UserId,
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Its workflow's name.
    pub name: String,
    /// When it was queued, which never changes.
    pub queued_at: Timestamp,
    /// The household's own day then; what was written before it was kept has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
    /// When it ended, the last time.
    pub ended_at: Timestamp,
    /// How it ended, the last time.
    pub status: RunStatus,
    /// The currency of its household.
    pub currency: Currency,
    /// What it brought.
    pub lines: Vec<DatedImpact>,
    /// What that means for a goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalProgress>,
}

/// One line of a run's impact, with when it became how certain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatedImpact {
    /// What it is, promised or confirmed, with its evidence.
    pub line: ImpactLine,
    /// When it was agreed.
    pub promised_at: Timestamp,
    /// When it was read back from the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When and how it was seen in later charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised: Option<Realised>,
}

/// A saving that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Realised {
    /// How much of it, a month.
    pub monthly: Money,
    /// The day of the figures it was seen in.
    pub on: Date,
    /// The simulation, and the charges before and after.
    pub evidence: Vec<String>,
}

/// An achievement of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Achieved {
    /// Whose it is.
    pub user_id: UserId,
    /// What was achieved, and why.
    pub unlocked: AchievementUnlocked,
    /// When.
    pub at: Timestamp,
}

/// What a user does not want to be suggested. One record a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    /// Whose word it is.
    pub user_id: UserId,
    /// When each workflow was last declined.
    #[serde(default)]
    pub workflows: IndexMap<WorkflowId, Timestamp>,
}

impl RunImpact {
    /// What a run has brought, at its end. A line dates from the end of its step; one that was there `before` keeps its dates, and
    /// what was seen of it.
    pub fn of(
        run: &Run,
        workflow: &Workflow,
        impact: &LiveImpact,
        currency: Currency,
        before: Option<&Self>,
    ) -> Self {
        let ended_at = run.ended_at.unwrap_or(run.queued_at);
        let dated = |line: &ImpactLine| {
            let known = before.and_then(|it| it.lines.iter().find(|it| it.line == *line));
            known.cloned().unwrap_or_else(|| {
                let settled = line.step_id.as_ref().and_then(|step| run.entry(step).ended_at);
                let at = settled.unwrap_or(ended_at);
                DatedImpact {
                    line: line.clone(),
                    promised_at: at,
                    confirmed_at: (line.stage != ImpactStage::Promised).then_some(at),
                    realised: None,
                }
            })
        };
        Self {
            user_id: run.user_id.clone(),
            run_id: run.run_id.clone(),
            workflow_id: workflow.id.clone(),
            name: workflow.name.clone(),
            queued_at: run.queued_at,
            as_of: Some(run.as_of),
            ended_at,
            status: run.status,
            currency,
            lines: impact.items.iter().map(dated).collect(),
            goal: impact.goal.clone(),
        }
    }

    /// The household's day at a moment: as many days after the run's `as_of` as have passed since it was queued. Charges and later
    /// simulations are dated by that calendar, which need not be the clock's.
    fn household_day(&self, at: Timestamp) -> Date {
        at.to_zoned(TimeZone::UTC).date().saturating_sub(self.ahead())
    }

    /// The clock's day on a day of the household: runs of one user need not have one calendar but that.
    fn clock_day(&self, day: Date) -> Date {
        day.saturating_add(self.ahead())
    }

    /// How far the clock is ahead of the household's calendar.
    fn ahead(&self) -> Span {
        self.as_of.map_or_else(Span::new, |as_of| self.queued_at.to_zoned(TimeZone::UTC).date() - as_of)
    }

    /// What is confirmed of it a month, of one kind, in one currency.
    fn confirmed(&self, kind: ImpactKind, currency: Currency) -> i64 {
        let lines = self.lines.iter().filter(|it| it.line.kind == kind && it.confirmed_at.is_some());
        lines.map(|it| it.line.monthly).filter(|it| it.currency == currency).map(|it| it.minor).sum()
    }

    fn realised(&self, currency: Currency) -> i64 {
        let amounts = self.lines.iter().filter_map(|it| it.realised.as_ref()).map(|it| it.monthly);
        amounts.filter(|it| it.currency == currency).map(|it| it.minor).sum()
    }

    /// All that is confirmed of it a month, whatever kind.
    pub fn amount(&self, currency: Currency) -> i64 {
        [ImpactKind::Savings, ImpactKind::SetAside, ImpactKind::Income]
            .into_iter()
            .map(|kind| self.confirmed(kind, currency))
            .sum()
    }
}

/// All runs together: the sums over every line that holds at a day, with the months that are left of it. A realised saving counts as
/// what was seen of it, beside what was confirmed.
pub fn sums<'a>(runs: impl IntoIterator<Item = &'a RunImpact>, today: Date) -> LiveImpact {
    let lines = runs.into_iter().flat_map(|run| &run.lines).filter_map(|it| it.left(today));
    let seen = |it: &DatedImpact| {
        let realised = it.realised.as_ref()?;
        let evidence = realised.evidence.clone();
        let stage = ImpactStage::Realised;
        Some(ImpactLine { stage, monthly: realised.monthly, evidence, ..it.line.clone() })
    };
    let all = lines.flat_map(|it| {
        let seen = seen(&it);
        std::iter::once(it.line).chain(seen)
    });
    crate::fold::sums(all.collect())
}

/// Achievements that come true of a user's runs at a day and that are not in `before`.
///
/// # Errors
/// [`ExprError`] of a rule that cannot be evaluated, which the tests rule out.
pub fn unlocked(
    runs: &[RunImpact],
    before: &BTreeSet<String>,
    run_id: Option<&RunId>,
    today: Date,
) -> Result<Vec<AchievementUnlocked>, ExprError> {
    let Some(currency) = runs.first().map(|run| run.currency) else { return Ok(Vec::new()) };
    let history = Variables::of(&json!({ "history": variables(runs, currency, today) }));
    let mut unlocked = Vec::new();
    for rule in Achievement::all().into_iter().filter(|rule| !before.contains(&rule.id)) {
        if let Some(reason) = rule.reason(&history)? {
            unlocked.push(AchievementUnlocked {
                achievement_id: rule.id,
                name: rule.name,
                description: rule.description,
                reason,
                run_id: run_id.cloned(),
            });
        }
    }
    Ok(unlocked)
}

/// What the rules of achievements read: amounts a month of what holds at a day, and what was ever completed. Amounts of another currency
/// than the first run's are left out.
fn variables(runs: &[RunImpact], currency: Currency, today: Date) -> Value {
    let left: Vec<_> = runs.iter().map(|run| run.left(today)).collect();
    let of = |kind| left.iter().map(|run| run.confirmed(kind, currency)).sum();
    let money = |minor: i64| json!(Money { minor, currency });
    let confirmed: i64 = of(ImpactKind::Savings);
    let (set_aside, income): (i64, i64) = (of(ImpactKind::SetAside), of(ImpactKind::Income));
    let amount = confirmed + set_aside + income;
    let completed = || runs.iter().filter(|run| run.status == RunStatus::Completed);
    let brought = completed().filter(|run| run.amount(currency) > 0).map(|run| &run.workflow_id);
    let goal = runs.iter().filter_map(|run| run.goal.as_ref()).map(|goal| goal.tenths_of_percent).max();
    json!({
        "completed": completed().count(),
        "workflows": brought.collect::<BTreeSet<_>>(),
        "goal_tenths": goal.unwrap_or(0),
        "confirmed": money(confirmed),
        "realised": money(left.iter().map(|run| run.realised(currency)).sum()),
        "set_aside": money(set_aside),
        "income": money(income),
        "total": money(amount),
        "amount": amount,
    })
}

#[cfg(test)]
mod tests;
