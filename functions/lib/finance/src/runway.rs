//! Runway: how many months the household's liquid money lasts, and the other figures of a simulation.
//!
//! Runway = liquid (checking, savings, money market; no retirement, no credit) / average essential outflow
//! over the last 90 days, without transfers, card payments and one-offs. The 90 days are the three months up
//! to `as_of`, so that a monthly bill counts three times whatever its day; charges that come once or twice a
//! year count with their share of a month, and a history shorter than the window by the days it covers. Shown usual
//! (the average month) and lean (the leanest of the months that are in the history from their first day on).

mod books;
mod window;

use std::fmt;

use jiff::civil::Date;
use money::{Currency, Money, MoneyError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::books::{Books, figure};
pub(crate) use self::window::Shares;
pub use self::window::Window;
use crate::category::Category;
use crate::flows;
use crate::order::sort_by;
use crate::recurrence::Stream;
use crate::transaction::{Account, AccountKind, Debt, Position, Transaction};

/// All that is known of a household.
#[derive(Debug, Clone, Copy)]
pub struct Household<'a> {
    /// Its accounts.
    pub accounts: &'a [Account],
    /// Its transactions, of twelve months where the provider has them.
    pub transactions: &'a [Transaction],
    /// Its recurring streams, from [`crate::recurrence::detect`] over the same transactions.
    pub streams: &'a [Stream],
    /// Its debts.
    pub debts: &'a [Debt],
    /// Its positions.
    pub positions: &'a [Position],
}

/// An amount and what it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The amount.
    pub amount: Money,
    /// Transactions it is computed from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transaction_ids: Vec<String>,
    /// Accounts whose balances it is computed from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account_ids: Vec<String>,
}

/// A length of time in hundredths of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Months {
    /// 214 is 2.14 months.
    pub hundredths: i64,
}

impl Months {
    /// As a number for expressions and charts.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.hundredths as f64 / 100.0
    }
}

impl fmt::Display for Months {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.hundredths < 0 { "-" } else { "" };
        let whole = self.hundredths.unsigned_abs();
        write!(out, "{sign}{}.{:02}", whole / 100, whole % 100)
    }
}

/// The figures of a household as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// First day looked at.
    pub from: Date,
    /// Last day looked at: `as_of`.
    pub as_of: Date,
    /// Days of the window that the history covers, at least 28; averages are over these.
    pub days_covered: i64,
    /// Checking, savings and money market.
    pub liquid: Figure,
    /// Essential outflow of an average month.
    pub essential: Figure,
    /// Essential outflow of the leanest month.
    pub lean: Figure,
    /// All outflow of an average month.
    pub outflow: Figure,
    /// Income of an average month, as a positive amount.
    pub income: Figure,
    /// Outflows left out of the averages because they happened once.
    pub one_offs: Figure,
    /// `liquid / essential`; none where nothing essential was spent.
    pub runway: Option<Months>,
    /// `liquid / lean`; none where nothing essential was spent.
    pub runway_lean: Option<Months>,
    /// `liquid / outflow`: the months it lasts if nothing is cut; none where nothing was spent.
    pub runway_all_spending: Option<Months>,
    /// Debts by rate, highest first.
    pub debts: Vec<Debt>,
    /// Losses not yet realised in taxable accounts, as a positive amount.
    pub unrealised_losses: Figure,
}

/// Computes the figures in one currency; what is in another is left out.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn figures(household: &Household<'_>, currency: Currency, as_of: Date) -> Result<Figures, MoneyError> {
    let window = Window::of(household.transactions, as_of);
    let flows = flows::flows(household.transactions, household.accounts, currency, (window.from, as_of));
    let books = Books::new(household, &window, &flows, currency);
    let one_offs = books.one_offs()?;
    let essential = books.spent(&one_offs, Category::is_essential);
    let all = books.spent(&one_offs, Category::is_spending);
    let liquid = liquid(household.accounts, currency)?;
    let essential_figure = books.monthly(&essential, Category::is_essential)?;
    let lean = books.leanest(&essential, &essential_figure)?;
    let outflow = books.monthly(&all, Category::is_spending)?;
    Ok(Figures {
        from: window.from,
        as_of,
        days_covered: window.days_covered(),
        runway: runway(liquid.amount, essential_figure.amount),
        runway_lean: runway(liquid.amount, lean.amount),
        essential: essential_figure,
        lean,
        runway_all_spending: runway(liquid.amount, outflow.amount),
        liquid,
        outflow,
        income: books.income()?,
        one_offs: figure(&one_offs, currency)?,
        debts: debts(household.debts, currency),
        unrealised_losses: losses(household, currency)?,
    })
}

/// What an average month brings and costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Income, as a positive amount.
    pub income: Figure,
    /// All outflow, what happened once left out.
    pub outflow: Figure,
}

/// Computes the budget in one currency as [`figures`] does.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range.
pub fn budget(household: &Household<'_>, currency: Currency, as_of: Date) -> Result<Budget, MoneyError> {
    let window = Window::of(household.transactions, as_of);
    let flows = flows::flows(household.transactions, household.accounts, currency, (window.from, as_of));
    let books = Books::new(household, &window, &flows, currency);
    let all = books.spent(&books.one_offs()?, Category::is_spending);
    Ok(Budget { income: books.income()?, outflow: books.monthly(&all, Category::is_spending)? })
}

fn runway(liquid: Money, monthly: Money) -> Option<Months> {
    let hundredths = liquid.minor.max(0).checked_mul(100)?.checked_div(monthly.minor)?;
    monthly.is_positive().then_some(Months { hundredths })
}

fn liquid(accounts: &[Account], currency: Currency) -> Result<Figure, MoneyError> {
    let counted: Vec<&Account> =
        accounts.iter().filter(|one| one.kind.is_liquid() && one.current.currency == currency).collect();
    Ok(Figure {
        amount: Money::sum(counted.iter().map(|one| one.spendable()), currency)?,
        transaction_ids: Vec::new(),
        account_ids: counted.iter().map(|one| one.id.clone()).collect(),
    })
}

fn debts(debts: &[Debt], currency: Currency) -> Vec<Debt> {
    let mut sorted: Vec<Debt> =
        debts.iter().filter(|debt| debt.balance.currency == currency).cloned().collect();
    sort_by(&mut sorted, |a, b| {
        (-a.apr_basis_points, &a.account_id).cmp(&(-b.apr_basis_points, &b.account_id))
    });
    sorted
}

fn losses(household: &Household<'_>, currency: Currency) -> Result<Figure, MoneyError> {
    let taxable = |position: &&Position| {
        household
            .accounts
            .iter()
            .any(|one| one.id == position.account_id && one.kind == AccountKind::Investment)
    };
    let (mut amount, mut account_ids) = (Money::zero(currency), Vec::new());
    for position in household.positions.iter().filter(taxable).filter(|one| one.value.currency == currency) {
        let Some(cost) = position.cost_basis else { continue };
        let loss = cost.sub(position.value)?;
        if loss.is_positive() {
            amount = amount.add(loss)?;
            account_ids.push(position.account_id.clone());
        }
    }
    account_ids.dedup();
    Ok(Figure { amount, transaction_ids: Vec::new(), account_ids })
}
