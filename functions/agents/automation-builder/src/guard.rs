//! The floor guard: a rule is set up only where its first transfer leaves the user's floor untouched.

use agent::{AgentError, BankData};
use finance::recurrence::{Direction, StreamKind};
use finance::savings::{FloorCheck, scheduled_bills};
use jiff::ToSpan;
use jiff::civil::Date;
use money::{Currency, Money};
use providers::savings::SavingsAccount;

/// How far ahead bills are looked for where no next income is in sight.
const LOOK_AHEAD_DAYS: i32 = 14;

/// What the guard looks at for an account.
///
/// # Errors
/// [`AgentError::Money`] when the amounts cannot be summed.
pub fn check(
    bank: &BankData,
    account: &SavingsAccount,
    floor: Money,
    as_of: Date,
) -> Result<FloorCheck, AgentError> {
    let currency = floor.currency;
    let pending = bank.transactions.iter().filter(|one| {
        one.pending
            && one.account_id == account.account_id
            && one.amount.currency == currency
            && one.amount.is_positive()
    });
    let until = next_income(bank, currency, as_of);
    Ok(FloorCheck {
        available: account.available,
        pending: Money::sum(pending.map(|one| one.amount), currency)?,
        scheduled_bills: scheduled_bills(&bank.streams, &account.account_id, currency, (as_of, until))?,
        // Runs that share an account go one after the other, so no other holds money of it back.
        reservations: Money::zero(currency),
        floor,
    })
}

/// The day of the next regular income, else two weeks ahead.
fn next_income(bank: &BankData, currency: Currency, as_of: Date) -> Date {
    let payday = bank.streams.iter().filter(|stream| {
        stream.direction == Direction::Inflow
            && stream.kind == StreamKind::Payroll
            && stream.last.currency == currency
    });
    let next = payday.filter_map(|stream| stream.next_expected).filter(|day| *day >= as_of).min();
    let ahead = as_of.checked_add(LOOK_AHEAD_DAYS.days()).unwrap_or(as_of);
    next.map_or(ahead, |day| day.min(ahead))
}
