//! The figures of a simulation: what an upstream would publish about a household on a day.

use events::{Charge, DebtFigure, RecurringCharge, SimulationCompleted, SimulationId};
use finance::recurrence::{self, Direction, Stream};
use finance::runway::{self, Figures, Months};
use finance::transaction::{Account as KnownAccount, AccountKind, Debt, Position, Transaction as Movement};
use money::{Money, MoneyError};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::hash::digest_of;
use crate::household::{AccountType, Household, LiabilityKind, Source, movement};
use crate::world::{World, balances, movements};

/// The runway that is published where nothing essential is spent, as the event has no word for "for ever".
pub const WITHOUT_END: f64 = 999.0;

/// Figures that cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// A sum left its range.
    #[error("the figures cannot be computed")]
    Money(#[from] MoneyError),
    /// The event has no room for the simulation's id.
    #[error("the simulation has no usable id")]
    Id(#[from] events::InvalidId),
}

/// The figures of a household on its own date.
///
/// # Errors
/// [`FiguresError`].
pub fn of_household(household: &Household) -> Result<SimulationCompleted, FiguresError> {
    of_world(&World::new(&household.user_id, Source::of(""), String::new(), household), household)
}

/// The figures of a user on the clock's day, computed as the product would from what its providers answer.
///
/// # Errors
/// [`FiguresError`].
pub fn of_world(world: &World, household: &Household) -> Result<SimulationCompleted, FiguresError> {
    let today = world.clock;
    let transactions: Vec<Movement> =
        movements(world, household).filter(|one| one.date <= today).map(|one| movement(one, today)).collect();
    let accounts = accounts(world, household)?;
    let streams = recurrence::detect(&transactions, today);
    let figures = runway::figures(
        &runway::Household {
            accounts: &accounts,
            transactions: &transactions,
            streams: &streams,
            debts: &debts(household, &accounts),
            positions: &positions(household)?,
        },
        household.currency,
        today,
    )?;
    event(&world.user_id, &figures, accounts.len(), recurring(&streams, &transactions))
}

fn event(
    user: &str,
    figures: &Figures,
    accounts: usize,
    recurring: Vec<RecurringCharge>,
) -> Result<SimulationCompleted, FiguresError> {
    let months = |months: Option<Months>| months.map_or(WITHOUT_END, Months::as_f64);
    Ok(SimulationCompleted {
        simulation_id: SimulationId::parse(format!("sim-{}", digest_of(&[user, &format!("{figures:?}")])))?,
        as_of: figures.as_of,
        runway_months: months(figures.runway),
        runway_months_lean: months(figures.runway_lean),
        liquid: figures.liquid.amount,
        monthly_essential_outflow: figures.essential.amount,
        monthly_outflow: figures.outflow.amount,
        monthly_income: figures.income.amount,
        debts: figures.debts.iter().map(debt_figure).collect(),
        unrealised_losses: figures.unrealised_losses.amount,
        volatility: None,
        accounts_linked: u32::try_from(accounts).unwrap_or(u32::MAX),
        recurring: Some(recurring),
    })
}

/// What is paid again and again, each with its latest charges, so that a charge that became less is seen.
fn recurring(streams: &[Stream], transactions: &[Movement]) -> Vec<RecurringCharge> {
    let of = |id: &String| transactions.iter().find(|one| one.id == *id);
    let charge = |one: &Movement| Charge { transaction: one.id.clone(), date: one.date, amount: one.amount };
    let paid = streams.iter().filter(|stream| stream.direction == Direction::Outflow);
    paid.map(|stream| RecurringCharge {
        name: stream.merchant.clone(),
        charges: stream.transaction_ids.iter().rev().take(CHARGES).rev().filter_map(of).map(charge).collect(),
    })
    .collect()
}

/// Charges told of one thing that is paid again and again: a year's of what is paid monthly.
const CHARGES: usize = 12;

fn debt_figure(debt: &Debt) -> DebtFigure {
    DebtFigure {
        name: debt.name.clone(),
        apr: Decimal::new(debt.apr_basis_points, 2).to_f64().unwrap_or_default(),
        balance: debt.balance,
        minimum: debt.minimum,
    }
}

fn accounts(world: &World, household: &Household) -> Result<Vec<KnownAccount>, MoneyError> {
    let balances = balances(world, household)?;
    Ok(household
        .accounts
        .iter()
        .map(|account| {
            let balance = balances.get(account.id.as_str());
            KnownAccount {
                id: account.id.clone(),
                name: account.name.clone(),
                kind: AccountKind::from_plaid(account.kind.word(), Some(&account.subtype)),
                available: balance.and_then(|balance| balance.available),
                current: balance.map_or(account.balance, |balance| balance.current),
                limit: account.limit,
            }
        })
        .collect())
}

/// The debts whose terms are known and that are owed.
fn debts(household: &Household, accounts: &[KnownAccount]) -> Vec<Debt> {
    let owed = |id: &str| accounts.iter().find(|account| account.id == id);
    household
        .liabilities
        .iter()
        .filter_map(|liability| {
            let account = owed(&liability.account_id)?;
            Some(Debt {
                account_id: liability.account_id.clone(),
                name: account.name.clone(),
                apr_basis_points: (liability.apr * Decimal::ONE_HUNDRED).round().to_i64()?,
                balance: account.current,
                minimum: liability.minimum,
            })
            .filter(|debt| debt.balance.is_positive() || liability.kind == LiabilityKind::Mortgage)
        })
        .collect()
}

fn positions(household: &Household) -> Result<Vec<Position>, MoneyError> {
    let kept = household.holdings.iter().filter(|holding| {
        household
            .accounts
            .iter()
            .any(|account| account.id == holding.account_id && account.kind == AccountType::Investment)
    });
    kept.map(|holding| {
        let money = |amount: Decimal| {
            let places = holding.currency.exponent();
            Money::parse(&amount.round_dp(places).normalize().to_string(), holding.currency)
        };
        Ok(Position {
            account_id: holding.account_id.clone(),
            symbol: holding.symbol.clone(),
            cost_basis: holding.cost_basis.map(money).transpose()?,
            value: money(holding.quantity * holding.price)?,
        })
    })
    .collect()
}
