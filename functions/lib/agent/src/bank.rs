//! A household's bank data as of the run's date, read once per proposal.

use crate::error::AgentError;
use finance::recurrence::{self, Stream};
use finance::runway::Household;
use finance::transaction::{Account, Transaction};
use jiff::civil::Date;
use money::Currency;
use providers::{Accounts, Transactions, plaid};
use std::collections::{BTreeMap, BTreeSet};

/// Accounts, transactions and the recurring streams found in them.
pub struct BankData {
    /// All linked accounts.
    pub accounts: Vec<Account>,
    /// All transactions up to the run's date. Later ones are left out, so that a proposal repeated days later says the same.
    pub transactions: Vec<Transaction>,
    /// What recurs in them.
    pub streams: Vec<Stream>,
}

impl BankData {
    /// Reads it.
    ///
    /// # Errors
    /// [`AgentError::Looking`] when the bank connection fails.
    pub async fn read(plaid: &plaid::Reader, as_of: Date) -> Result<Self, AgentError> {
        let accounts = plaid.accounts().await?;
        let mut transactions = plaid.transactions().await?;
        transactions.retain(|one| one.date <= as_of);
        Ok(Self { accounts, streams: recurrence::detect(&transactions, as_of), transactions })
    }

    /// As the algorithms take it.
    #[must_use]
    pub fn household(&self) -> Household<'_> {
        Household {
            accounts: &self.accounts,
            transactions: &self.transactions,
            streams: &self.streams,
            debts: &[],
            positions: &[],
        }
    }

    /// The currency most transactions are in; of accounts where there are no transactions; else the dollar.
    #[must_use]
    pub fn currency(&self) -> Currency {
        let used = self.transactions.iter().map(|one| one.amount.currency);
        let held = self.accounts.iter().map(|one| one.current.currency);
        most(used).or_else(|| most(held)).unwrap_or(Currency::USD)
    }

    /// Of these transactions the posted ones: a pending one changes its id when it posts.
    #[must_use]
    pub fn posted(&self, ids: &[String]) -> Vec<String> {
        // Filled and not collected, for which a sort would be compiled.
        let mut posted: BTreeSet<&str> = BTreeSet::new();
        posted.extend(self.transactions.iter().filter(|one| !one.pending).map(|one| one.id.as_str()));
        ids.iter().filter(|id| posted.contains(id.as_str())).cloned().collect()
    }
}

fn most(currencies: impl Iterator<Item = Currency>) -> Option<Currency> {
    let mut counts: BTreeMap<Currency, usize> = BTreeMap::new();
    for currency in currencies {
        *counts.entry(currency).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(currency, _)| currency)
}
