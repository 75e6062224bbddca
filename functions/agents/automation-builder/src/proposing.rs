//! Which rules to set up.

use crate::effect::Effect;
use crate::{Inputs, Sources, guard};
use agent::{AgentError, BankData, Task, Update};
use events::{AgentResponse, Proposal};
use finance::savings::{self as algorithm, RuleProposal};
use money::{Money, Rounding};
use providers::SavingsRules;
use providers::savings::{Authorisation, NewRule, Rule, RuleKind, RuleStatus, SavingsAccount};
use serde_json::json;
use std::collections::BTreeMap;

/// The weekday of fixed transfers: the day most wages come in.
const WEEKDAY: &str = "friday";

/// Proposes the rules that suit the household and that its balance can carry.
pub async fn propose(sources: &Sources, task: &Task, inputs: &Inputs) -> Result<AgentResponse, AgentError> {
    task.progress.say(Update::new("Looking at your balance and your income", 10));
    let bank = BankData::read(&sources.plaid, task.as_of).await?;
    let accounts = sources.savings.accounts().await?;
    let present = sources.savings.rules().await?;
    task.progress.say(Update::new("Choosing rules that your balance can carry", 60));
    let currency = bank.currency();
    let floor = floor(inputs)?;
    let freed = Money::sum(inputs.monthly_saved.iter().flatten().copied(), currency)?;
    let plan = algorithm::propose(&bank.household(), freed, floor, task.as_of)?;
    let (mut proposals, mut too_close) = (Vec::new(), false);
    for found in &plan.proposals {
        let Some(effect) = effect(found, &accounts, &bank, task) else { continue };
        if is_set_up(&effect, &present) {
            continue;
        }
        if carries(&effect, &accounts, &bank, task)? {
            proposals.push(effect.proposal(&found.rule.id, found.reason.clone())?);
        } else {
            too_close = true;
        }
    }
    let total = Money::sum(proposals.iter().filter_map(|one: &Proposal| one.monthly), currency)?;
    Ok(AgentResponse {
        headline: match (proposals.is_empty(), too_close) {
            (true, true) => format!("No rule can be set up now without touching your floor of {floor}."),
            (true, false) => "No further rule suits this household.".to_owned(),
            (false, _) => headline(&proposals, total, freed, inputs),
        },
        outputs: BTreeMap::from([
            ("rules".to_owned(), json!([])),
            ("projectedMonthlyIncrease".to_owned(), json!(Money::zero(currency))),
        ]),
        proposals,
        ..AgentResponse::default()
    })
}

/// The user's floor; without one, a tenth of a month's essentials (three days of them), rounded up to whole tens.
fn floor(inputs: &Inputs) -> Result<Money, AgentError> {
    if let Some(floor) = inputs.floor {
        return Ok(floor);
    }
    let monthly = inputs.monthly_essential_outflow;
    let tens = 10_i64.pow(monthly.currency.exponent() + 1);
    // Up, by rounding its negative down.
    Ok(monthly.neg()?.ratio(1, 10 * tens, Rounding::Floor)?.neg()?.times(tens)?)
}

/// A rule as the provider takes it; `None` where no account can pay or be filled.
fn effect(found: &RuleProposal, accounts: &[SavingsAccount], bank: &BankData, task: &Task) -> Option<Effect> {
    let rule = &found.rule;
    let from = accounts.iter().find(|one| one.account_id == rule.from_account && one.can_send)?;
    let fills = |one: &&SavingsAccount| one.can_receive && one.account_id != from.account_id;
    let wanted = accounts.iter().filter(fills).find(|one| rule.to_account.as_ref() == Some(&one.account_id));
    let to = wanted.or_else(|| accounts.iter().filter(fills).find(|one| one.subtype == "savings"))?;
    let unit = Money::new(10_i64.pow(rule.floor.currency.exponent()), rule.floor.currency);
    Some(Effect {
        rule: NewRule {
            from_account: from.account_id.clone(),
            to_account: to.account_id.clone(),
            floor: rule.floor,
            authorisation: Authorisation {
                reference: format!("AUTH-{}", task.run_id),
                signed_on: task.as_of,
            },
            rule: match &rule.rule {
                algorithm::RuleKind::RoundUp { threshold } => {
                    RuleKind::RoundUp { multiple: unit, threshold: *threshold }
                }
                algorithm::RuleKind::PaycheckShare { basis_points } => {
                    RuleKind::PercentOfPaycheck { basis_points: *basis_points }
                }
                algorithm::RuleKind::Weekly { amount } => {
                    RuleKind::FixedWeekly { amount: *amount, weekday: WEEKDAY.to_owned() }
                }
            },
        },
        from_name: from.name.clone(),
        to_name: to.name.clone(),
        projected: found.projection.monthly,
        evidence: bank.posted(&found.projection.transaction_ids),
    })
}

/// Whether a rule of this kind takes from the account already.
fn is_set_up(effect: &Effect, present: &[Rule]) -> bool {
    present.iter().any(|rule| {
        rule.status == RuleStatus::Active
            && rule.from_account == effect.rule.from_account
            && std::mem::discriminant(&rule.rule) == std::mem::discriminant(&effect.rule.rule)
    })
}

/// Whether the account can carry the first transfer today.
fn carries(
    effect: &Effect,
    accounts: &[SavingsAccount],
    bank: &BankData,
    task: &Task,
) -> Result<bool, AgentError> {
    let account = accounts.iter().find(|one| one.account_id == effect.rule.from_account);
    match (account, effect.first_transfer()) {
        (Some(account), Some(first)) => {
            Ok(guard::check(bank, account, effect.rule.floor, task.as_of)?.allows(first)?)
        }
        (Some(_), None) => Ok(true),
        (None, _) => Ok(false),
    }
}

fn headline(proposals: &[Proposal], total: Money, freed: Money, inputs: &Inputs) -> String {
    let of_income = match inputs.monthly_income.and_then(|income| percent(total, income)) {
        Some(percent) => format!(", {percent} % of your income"),
        None => String::new(),
    };
    let left = inputs.reducible_monthly.and_then(|found| found.sub(freed).ok());
    let more = match left.filter(|more| more.is_positive()) {
        Some(more) => format!("; the audit found up to {more} more that could be freed"),
        None => String::new(),
    };
    let rules =
        if proposals.len() == 1 { "One rule".to_owned() } else { format!("{} rules", proposals.len()) };
    format!("{rules} would set aside {total} a month{of_income}{more}.")
}

fn percent(part: Money, whole: Money) -> Option<i64> {
    let same = part.currency == whole.currency && whole.is_positive();
    same.then(|| part.minor.saturating_mul(100).checked_div(whole.minor)).flatten()
}
