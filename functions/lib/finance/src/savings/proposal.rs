//! Which savings rules suit a household, and what they would have saved over the last three months.

use jiff::civil::Date;
use money::{Currency, Money, MoneyError, Rounding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RuleKind, SavingsRule, round_ups};
use crate::category::Category;
use crate::flows;
use crate::recurrence::{Direction, StreamKind, StreamStatus};
use crate::runway::{self, Household, Shares, Window};
use crate::transaction::{Account, AccountKind};

/// What a rule would have saved in an average month of the last three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// The rule.
    pub rule_id: String,
    /// Saved a month, rounded down.
    pub monthly: Money,
    /// The purchases or wages it comes from; none for a fixed sum.
    pub transaction_ids: Vec<String>,
}

/// A proposed rule with its projection and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleProposal {
    /// The rule.
    pub rule: SavingsRule,
    /// What it would save.
    pub projection: Projection,
    /// Why, for the user.
    pub reason: String,
}

/// The rules proposed to a household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavingsPlan {
    /// The rules.
    pub proposals: Vec<RuleProposal>,
    /// Projected monthly increase: the sum of the projections.
    pub monthly: Money,
    /// What is left of an average month's income before the rules, freed money included; may be negative.
    pub surplus: Money,
}

/// The usual share of a paycheck to begin with: 5 %.
const PAYCHECK_BASIS_POINTS: i64 = 500;
/// Change is transferred by the five units.
const ROUND_UP_UNITS: i64 = 5;

/// What a rule would have saved.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn project(household: &Household<'_>, rule: &SavingsRule, as_of: Date) -> Result<Projection, MoneyError> {
    let currency = rule.floor.currency;
    let window = Window::of(household.transactions, as_of);
    let (monthly, transaction_ids) = match &rule.rule {
        RuleKind::Weekly { amount } => (amount.ratio(52, 12, Rounding::Floor)?, Vec::new()),
        RuleKind::RoundUp { threshold } => {
            let gathered =
                round_ups(household.transactions, &rule.from_account, *threshold, (window.from, as_of))?;
            let total = Money::sum(gathered.entries.iter().map(|entry| entry.amount), currency)?;
            let ids = gathered.entries.into_iter().map(|entry| entry.transaction_id).collect();
            (window.monthly(total, Rounding::Floor)?, ids)
        }
        RuleKind::PaycheckShare { basis_points } => {
            let flows =
                flows::flows(household.transactions, household.accounts, currency, (window.from, as_of));
            let paid =
                flows.iter().filter(|flow| flow.category == Category::Income && flow.amount.is_negative());
            let paid: Vec<_> = paid.filter(|flow| flow.transaction.account_id == rule.from_account).collect();
            let shares = Shares::of(&window, &flows, household.streams);
            let received = shares.monthly(&paid, Rounding::HalfUp, currency)?.neg()?;
            let ids = paid.iter().map(|flow| flow.transaction.id.clone()).collect();
            (received.basis_points(*basis_points, Rounding::Floor)?, ids)
        }
    };
    Ok(Projection { rule_id: rule.id.clone(), monthly, transaction_ids })
}

/// The rules that suit: round-ups for everybody with a checking account; a share of the paycheck where wages
/// are regular, else a fixed sum a week, each limited to half of what is left of a month. `freed` is what
/// earlier steps have freed a month.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn propose(
    household: &Household<'_>,
    freed: Money,
    floor: Money,
    as_of: Date,
) -> Result<SavingsPlan, MoneyError> {
    let currency = floor.currency;
    let budget = runway::budget(household, currency, as_of)?;
    let surplus = budget.income.amount.sub(budget.outflow.amount)?.add(freed)?;
    let free = surplus.ratio(1, 2, Rounding::Floor)?;
    let mut proposals = Vec::new();
    if let Some(account) = main_account(household, currency) {
        let unit = 10_i64.pow(currency.exponent());
        let threshold = Money::new(ROUND_UP_UNITS * unit, currency);
        let candidates = [
            Some((
                RuleKind::RoundUp { threshold },
                "Small change of every purchase, without noticing it".to_owned(),
            )),
            steady(household, free, budget.income.amount, currency)?,
        ];
        for (rule, reason) in candidates.into_iter().flatten() {
            let rule = set_up(rule, household, account, floor);
            let projection = project(household, &rule, as_of)?;
            if projection.monthly.is_positive() {
                proposals.push(RuleProposal { rule, projection, reason });
            }
        }
    }
    let monthly = Money::sum(proposals.iter().map(|one| one.projection.monthly), currency)?;
    Ok(SavingsPlan { proposals, monthly, surplus })
}

/// The rule for regular money: by paycheck where one comes, else by week; none where nothing is left of a
/// month.
fn steady(
    household: &Household<'_>,
    free: Money,
    income: Money,
    currency: Currency,
) -> Result<Option<(RuleKind, String)>, MoneyError> {
    if !free.is_positive() {
        return Ok(None);
    }
    let wage = household.streams.iter().find(|stream| {
        stream.direction == Direction::Inflow
            && stream.kind == StreamKind::Payroll
            && stream.status == StreamStatus::Mature
            && stream.last.currency == currency
    });
    if let Some(wage) = wage {
        // Whole percents, at most the usual share and at most half of what is left.
        let affordable = free.minor.saturating_mul(100).checked_div(income.minor.max(1)).unwrap_or(0) * 100;
        let basis_points = PAYCHECK_BASIS_POINTS.min(affordable);
        let reason = format!(
            "{} % of every payment from {}, before it can be spent",
            basis_points / 100,
            wage.merchant
        );
        return Ok((basis_points > 0).then_some((RuleKind::PaycheckShare { basis_points }, reason)));
    }
    let unit = 10_i64.pow(currency.exponent());
    let weekly = free.ratio(12, 52, Rounding::Floor)?;
    let amount = Money::new(weekly.minor / unit * unit, currency);
    let reason =
        format!("{amount} every week: your income comes irregularly, so a small steady sum fits better");
    Ok(amount.is_positive().then_some((RuleKind::Weekly { amount }, reason)))
}

fn set_up(rule: RuleKind, household: &Household<'_>, account: &Account, floor: Money) -> SavingsRule {
    let name = match &rule {
        RuleKind::RoundUp { .. } => "round-up",
        RuleKind::PaycheckShare { .. } => "paycheck-share",
        RuleKind::Weekly { .. } => "weekly",
    };
    let saves = |one: &&Account| matches!(one.kind, AccountKind::Savings | AccountKind::MoneyMarket);
    SavingsRule {
        id: format!("{name}:{}", account.id),
        rule,
        from_account: account.id.clone(),
        to_account: household.accounts.iter().find(saves).map(|one| one.id.clone()),
        floor,
    }
}

/// The checking account with the most transactions; the first by id of equals.
fn main_account<'a>(household: &Household<'a>, currency: Currency) -> Option<&'a Account> {
    let used =
        |account: &Account| household.transactions.iter().filter(|one| one.account_id == account.id).count();
    let checking = |one: &&Account| one.kind == AccountKind::Checking && one.current.currency == currency;
    let by_use = |one: &&Account| (std::cmp::Reverse(used(one)), one.id.clone());
    household.accounts.iter().filter(checking).min_by_key(by_use)
}
