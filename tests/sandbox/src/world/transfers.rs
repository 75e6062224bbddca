//! What savings rules move on a day. A transfer that would take the giving account below its floor, pending debits
//! counted, is not made; change stays gathered until the account can bear it.

use money::{Money, Rounding};

use super::accounts::{balances, movements};
use super::refusal::Refusal;
use super::savings::{Rule, RuleKind};
use super::state::World;
use crate::household::{Household, Transaction};

/// Lets every rule do what it does on the clock's day.
///
/// # Errors
/// `bad_request` when an amount cannot be computed.
pub(super) fn run(world: &mut World, household: &Household) -> Result<(), Refusal> {
    of_one_bank(world, household)?;
    world.at_partner(|world| of_one_bank(world, household))
}

fn of_one_bank(world: &mut World, household: &Household) -> Result<(), Refusal> {
    let rules: Vec<Rule> = world.rules.values().cloned().collect();
    for mut rule in rules {
        let due = due(world, household, &mut rule)?;
        if due.is_positive() && bears(world, household, &rule, due)? {
            rule.transferred = rule.transferred.add(due)?;
            rule.gathered = rule.gathered.map(|_| Money::zero(due.currency));
            world.charges.extend(legs(world, &rule, due)?);
        }
        world.rules.insert(rule.rule_id.clone(), rule);
    }
    Ok(())
}

/// What the rule wants to move today; notes what it gathers and when it is next due.
fn due(world: &World, household: &Household, rule: &mut Rule) -> Result<Money, Refusal> {
    let today = world.clock;
    let zero = Money::zero(rule.floor.currency);
    match &rule.rule {
        RuleKind::FixedWeekly { amount, weekday } => {
            if rule.next_transfer_on != Some(today) {
                return Ok(zero);
            }
            let amount = *amount;
            rule.next_transfer_on = Some(weekday.after(today));
            Ok(amount)
        }
        RuleKind::PercentOfPaycheck { basis_points } => {
            let paid = settled_today(world, household, rule)
                .filter(|one| one.amount.is_negative() && one.category.starts_with("INCOME"));
            let income = Money::sum(paid.map(|one| one.amount), zero.currency)?.abs()?;
            Ok(income.basis_points(*basis_points, Rounding::Floor)?)
        }
        RuleKind::RoundUp { multiple, threshold } => {
            let purchases = settled_today(world, household, rule)
                .filter(|one| one.amount.is_positive() && !one.category.starts_with("TRANSFER"));
            let change: i64 = purchases
                .map(|one| (multiple.minor - one.amount.minor % multiple.minor) % multiple.minor)
                .fold(0, i64::saturating_add);
            let gathered = rule.gathered.unwrap_or(zero).add(Money::new(change, zero.currency))?;
            let reached = gathered >= *threshold;
            rule.gathered = Some(gathered);
            Ok(if reached { gathered } else { zero })
        }
    }
}

/// Movements of the giving account that are booked today.
fn settled_today<'a>(
    world: &'a World,
    household: &'a Household,
    rule: &'a Rule,
) -> impl Iterator<Item = &'a Transaction> {
    movements(world, household)
        .filter(|one| one.account_id == rule.from_account && one.posted_on == world.clock)
}

/// Whether the giving account keeps its floor.
fn bears(world: &World, household: &Household, rule: &Rule, amount: Money) -> Result<bool, Refusal> {
    let balances = balances(world, household)?;
    let available = balances.get(rule.from_account.as_str()).and_then(|balance| balance.available);
    let Some(available) = available else { return Ok(false) };
    Ok(available.sub(amount)? >= rule.floor)
}

/// Both legs of a transfer, booked at once.
fn legs(world: &World, rule: &Rule, amount: Money) -> Result<[Transaction; 2], Refusal> {
    let today = world.clock;
    let leg = |account: &str, amount: Money, way: &str| Transaction {
        id: format!("txn_{}_{today}_{}", rule.rule_id, way.to_lowercase()),
        account_id: account.to_owned(),
        amount,
        date: today,
        posted_on: today,
        name: "AUTOMATIC SAVINGS TRANSFER".to_owned(),
        merchant: None,
        category: format!("TRANSFER_{way}_SAVINGS"),
        held: None,
    };
    Ok([leg(&rule.from_account, amount, "OUT"), leg(&rule.to_account, amount.neg()?, "IN")])
}
