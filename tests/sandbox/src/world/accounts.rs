//! Balances on the clock's day.

use std::collections::BTreeMap;

use money::{Money, MoneyError};
use serde::Serialize;

use super::state::World;
use crate::household::{Account, AccountType, Household, Transaction, balance_on, effect_on_balance};

/// Balances of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Balances {
    /// Booked.
    pub current: Money,
    /// Booked less what is pending; for cards, what is left of the limit.
    pub available: Option<Money>,
}

/// All movements, past and to come: the household's and those the world has added.
pub fn movements<'a>(world: &'a World, household: &'a Household) -> impl Iterator<Item = &'a Transaction> {
    household.transactions.iter().chain(&world.charges)
}

/// Balances of every account by id.
///
/// # Errors
/// [`MoneyError`] when a sum leaves 64 bits or mixes currencies.
pub fn balances<'a>(
    world: &World,
    household: &'a Household,
) -> Result<BTreeMap<&'a str, Balances>, MoneyError> {
    household
        .accounts
        .iter()
        .map(|account| Ok((account.id.as_str(), balances_of(world, household, account)?)))
        .collect()
}

fn balances_of(world: &World, household: &Household, account: &Account) -> Result<Balances, MoneyError> {
    let current = balance_on(household, account, movements(world, household), world.clock)?;
    let forced = account.available.filter(|_| world.clock == household.as_of);
    let mut pending = movements(world, household)
        .filter(|one| one.account_id == account.id && one.date <= world.clock && one.posted_on > world.clock);
    let after_pending = pending.try_fold(current, |sum, one| {
        let change = effect_on_balance(account, one.amount)?;
        // Banks hold back what is going out, and show what is coming in once it is there.
        let later = account.kind == AccountType::Depository && change.is_positive();
        if later { Ok(sum) } else { sum.add(change) }
    })?;
    let available = match account.kind {
        AccountType::Depository => Some(after_pending),
        AccountType::Credit => account.limit.map(|limit| limit.sub(after_pending)).transpose()?,
        AccountType::Loan | AccountType::Investment | AccountType::Other => None,
    };
    Ok(Balances { current, available: forced.or(available) })
}
