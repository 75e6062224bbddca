//! Savings rules: round-ups, a share of every paycheck, a fixed sum a week; the floor that guards them; what
//! they bring.
//!
//! Round-up = next whole unit − amount, settled debits only; a full refund takes its round-up back; what has
//! gathered is transferred at a threshold. No transfer may take the account below the user's floor:
//! `available − pending − scheduled bills − reservations − amount ≥ floor`, checked when planned and again
//! right before the transfer (after CFPB v. Hello Digit, 2022, on automated saving that overdrew accounts).

mod proposal;

pub use proposal::{Projection, RuleProposal, SavingsPlan, project, propose};

use jiff::civil::Date;
use money::{Currency, Money, MoneyError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::category;
use crate::merchant;
use crate::recurrence::{Direction, Stream};
use crate::transaction::{self, Transaction};

/// When and how much a rule saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum RuleKind {
    /// The change of every purchase up to the next whole unit, transferred when it has gathered to the
    /// threshold.
    RoundUp {
        /// Transferred once this much has gathered.
        threshold: Money,
    },
    /// A share of every wage, in basis points (500 is 5 %).
    PaycheckShare {
        /// The share.
        basis_points: i64,
    },
    /// The same sum every week.
    Weekly {
        /// The sum.
        amount: Money,
    },
}

/// A savings rule as it is set up at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavingsRule {
    /// Stable within a household, such as `round-up:<account>`.
    pub id: String,
    /// What it does.
    pub rule: RuleKind,
    /// Account it takes from.
    pub from_account: String,
    /// Account it saves to; none lets the provider open one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_account: Option<String>,
    /// It never takes the account below this.
    pub floor: Money,
}

/// The change of one purchase; negative takes an earlier one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundUp {
    /// The purchase, or the refund.
    pub transaction_id: String,
    /// Its day.
    pub date: Date,
    /// The change.
    pub amount: Money,
}

/// A transfer of gathered round-ups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatheredTransfer {
    /// The day the threshold was reached.
    pub date: Date,
    /// What had gathered.
    pub amount: Money,
    /// The purchases it comes from.
    pub transaction_ids: Vec<String>,
}

/// Round-ups of a time, the transfers they make and what is still gathering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundUps {
    /// Change by purchase, oldest first.
    pub entries: Vec<RoundUp>,
    /// Transfers, oldest first.
    pub transfers: Vec<GatheredTransfer>,
    /// Gathered since the last transfer; negative after refunds.
    pub carried: Money,
}

/// The change up to the next whole unit; nothing for whole amounts and for money in.
#[must_use]
pub fn round_up(amount: Money) -> Money {
    let unit = 10_i64.pow(amount.currency.exponent());
    let rest = if amount.is_positive() { amount.minor % unit } else { 0 };
    Money::new(if rest == 0 { 0 } else { unit - rest }, amount.currency)
}

/// The round-ups of an account from `from` to `to`, both included.
///
/// # Errors
/// [`MoneyError`] where a sum leaves its range or the threshold is in another currency.
pub fn round_ups(
    transactions: &[Transaction],
    account_id: &str,
    threshold: Money,
    (from, to): (Date, Date),
) -> Result<RoundUps, MoneyError> {
    let currency = threshold.currency;
    let entries = entries(transactions, account_id, currency, (from, to))?;
    let (mut carried, mut ids, mut transfers) = (Money::zero(currency), Vec::new(), Vec::new());
    for entry in &entries {
        carried = carried.add(entry.amount)?;
        ids.push(entry.transaction_id.clone());
        if threshold.is_positive() && carried >= threshold {
            let transaction_ids = std::mem::take(&mut ids);
            transfers.push(GatheredTransfer { date: entry.date, amount: carried, transaction_ids });
            carried = Money::zero(currency);
        }
    }
    Ok(RoundUps { entries, transfers, carried })
}

fn entries(
    transactions: &[Transaction],
    account_id: &str,
    currency: Currency,
    (from, to): (Date, Date),
) -> Result<Vec<RoundUp>, MoneyError> {
    let mut open: Vec<(&Transaction, String, RoundUp)> = Vec::new();
    let mut entries = Vec::new();
    let of_account = |one: &&&Transaction| {
        one.account_id == account_id
            && !one.pending
            && one.amount.currency == currency
            && (from..=to).contains(&one.date)
    };
    for one in transaction::settled(transactions).iter().filter(of_account) {
        let key = merchant::key(one);
        if one.is_outflow() && category::categorise(one).is_spending() {
            let entry =
                RoundUp { transaction_id: one.id.clone(), date: one.date, amount: round_up(one.amount) };
            if entry.amount.is_positive() {
                entries.push(entry.clone());
                open.push((one, key, entry));
            }
        } else if one.amount.is_negative() {
            let refund = one.amount.neg()?;
            let bought =
                open.iter().rposition(|(debit, merchant, _)| debit.amount == refund && *merchant == key);
            if let Some(at) = bought {
                let (_, _, taken) = open.remove(at);
                entries.push(RoundUp {
                    transaction_id: one.id.clone(),
                    date: one.date,
                    amount: taken.amount.neg()?,
                });
            }
        }
    }
    Ok(entries)
}

/// What the floor guard looks at, all in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloorCheck {
    /// The bank's available balance.
    pub available: Money,
    /// Pending debits.
    pub pending: Money,
    /// Bills expected before the next income, from [`scheduled_bills`].
    pub scheduled_bills: Money,
    /// Money other running workflows have reserved.
    pub reservations: Money,
    /// What must stay.
    pub floor: Money,
}

impl FloorCheck {
    /// What can be taken: `available − pending − scheduled bills − reservations − floor`; negative below the
    /// floor.
    ///
    /// # Errors
    /// [`MoneyError`] across currencies or outside the range.
    pub fn headroom(&self) -> Result<Money, MoneyError> {
        self.available.sub(self.pending)?.sub(self.scheduled_bills)?.sub(self.reservations)?.sub(self.floor)
    }

    /// Whether a transfer keeps to the floor. Nothing and negative amounts are no transfer and are refused.
    ///
    /// # Errors
    /// As [`FloorCheck::headroom`].
    pub fn allows(&self, amount: Money) -> Result<bool, MoneyError> {
        let left = self.headroom()?.sub(amount)?;
        Ok(amount.is_positive() && !left.is_negative())
    }
}

/// Outflow streams of an account expected from `as_of` to `until`, both included, each as often as it comes: the
/// bills a transfer must leave money for.
///
/// # Errors
/// [`MoneyError`] where the sum leaves its range.
pub fn scheduled_bills(
    streams: &[Stream],
    account_id: &str,
    currency: Currency,
    (as_of, until): (Date, Date),
) -> Result<Money, MoneyError> {
    let of_account = |stream: &&Stream| {
        stream.direction == Direction::Outflow
            && stream.account_id == account_id
            && stream.last.currency == currency
            && as_of <= until
    };
    let mut bills = Money::zero(currency);
    for stream in streams.iter().filter(of_account) {
        let amount = if stream.fixed_amount { stream.last } else { stream.average };
        bills = bills.add(amount.times(charges(stream, until))?)?;
    }
    Ok(bills)
}

/// How often a stream is expected up to a day. A charge expected before today and not seen is still to come.
fn charges(stream: &Stream, until: Date) -> i64 {
    let Some(next) = stream.next_expected.filter(|next| *next >= stream.last_date) else { return 0 };
    let every = stream.cadence.span();
    let mut count = 0;
    while every.checked_mul(count).and_then(|after| next.checked_add(after)).is_ok_and(|day| day <= until) {
        count += 1;
    }
    count
}
