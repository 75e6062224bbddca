//! Balances of sources that do not give one for the day that is asked for.

use jiff::civil::Date;
use money::{Money, MoneyError};

use super::model::{Account, AccountType, Household, Transaction};

/// What a movement adds to the account's balance: money out lowers a deposit and raises a debt.
///
/// # Errors
/// [`MoneyError::Overflow`] for the one amount that has no counterpart.
pub fn effect_on_balance(account: &Account, amount: Money) -> Result<Money, MoneyError> {
    match account.kind {
        AccountType::Credit | AccountType::Loan => Ok(amount),
        AccountType::Depository | AccountType::Investment | AccountType::Other => amount.neg(),
    }
}

/// The balance after the last movement for an account whose source gives none: what the movements add up to, on top
/// of the smallest opening balance, not below zero, with which the account never went below zero.
///
/// # Errors
/// [`MoneyError`] when the sum leaves 64 bits or mixes currencies.
pub fn least_balance(account: &Account, movements: &[Transaction]) -> Result<Money, MoneyError> {
    let zero = Money::zero(account.balance.currency);
    let (mut running, mut lowest) = (zero, zero);
    for movement in movements.iter().filter(|one| one.account_id == account.id) {
        running = running.add(effect_on_balance(account, movement.amount)?)?;
        lowest = lowest.min(running)?;
    }
    running.sub(lowest)
}

/// Booked balance of an account on `day`, from the one on the household's date and the movements between them.
///
/// # Errors
/// As `least_balance`.
pub fn balance_on<'a>(
    household: &Household,
    account: &Account,
    movements: impl Iterator<Item = &'a Transaction>,
    day: Date,
) -> Result<Money, MoneyError> {
    let reference = household.as_of;
    let mut own = movements.filter(|one| one.account_id == account.id);
    own.try_fold(account.balance, |balance, one| {
        let change = effect_on_balance(account, one.amount)?;
        if one.posted_on > reference && one.posted_on <= day {
            balance.add(change)
        } else if one.posted_on <= reference && one.posted_on > day {
            balance.sub(change)
        } else {
            Ok(balance)
        }
    })
}

/// Moves the household's own date to `day`, balances with it; what happened later waits for the clock.
///
/// # Errors
/// As [`least_balance`].
pub fn move_date(household: &mut Household, day: Date) -> Result<(), MoneyError> {
    let moved: Vec<Money> = household
        .accounts
        .iter()
        .map(|account| balance_on(household, account, household.transactions.iter(), day))
        .collect::<Result<_, _>>()?;
    for (account, balance) in household.accounts.iter_mut().zip(moved) {
        account.balance = balance;
        if household.as_of != day {
            account.available = None;
        }
    }
    household.as_of = day;
    Ok(())
}
