//! Plaid's requests and answers, and what they are in the household's terms.
//!
//! Amounts arrive as JSON numbers in major units and are read from their decimal text. What is in an unofficial currency
//! (crypto, points) has no [`Currency`] and is left out: no algorithm here could add it to anything.

use crate::error::Cause;
use finance::transaction as domain;
use jiff::civil::Date;
use money::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};
use serde_json::Number;

#[derive(Serialize)]
pub(super) struct TokenRequest<'a> {
    pub access_token: &'a str,
}

#[derive(Serialize)]
pub(super) struct SyncRequest<'a> {
    pub access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<&'a str>,
    pub count: u32,
    pub options: SyncOptions,
}

#[derive(Serialize)]
pub(super) struct SyncOptions {
    pub include_original_description: bool,
    pub days_requested: u32,
}

#[derive(Deserialize)]
pub(super) struct SyncPage {
    pub added: Vec<Transaction>,
    pub modified: Vec<Transaction>,
    pub removed: Vec<Removed>,
    pub next_cursor: String,
    pub has_more: bool,
}

#[derive(Deserialize)]
pub(super) struct Removed {
    pub transaction_id: String,
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    pub transaction_id: String,
    account_id: String,
    amount: Number,
    iso_currency_code: Option<String>,
    date: Date,
    authorized_date: Option<Date>,
    name: String,
    original_description: Option<String>,
    merchant_name: Option<String>,
    pending: bool,
    pending_transaction_id: Option<String>,
    personal_finance_category: Option<FinanceCategory>,
}

#[derive(Deserialize)]
struct FinanceCategory {
    primary: String,
    detailed: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct AccountsAnswer {
    pub accounts: Vec<AccountEntry>,
}

#[derive(Deserialize)]
pub(super) struct AccountEntry {
    account_id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    balances: Balances,
}

#[derive(Deserialize)]
struct Balances {
    available: Option<Number>,
    current: Option<Number>,
    limit: Option<Number>,
    iso_currency_code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RecurringAnswer {
    inflow_streams: Vec<Stream>,
    outflow_streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    stream_id: String,
    account_id: String,
    description: String,
    merchant_name: Option<String>,
    frequency: String,
    transaction_ids: Vec<String>,
    last_amount: StreamAmount,
    last_date: Date,
    is_active: bool,
}

#[derive(Deserialize)]
struct StreamAmount {
    amount: Option<Number>,
    iso_currency_code: Option<String>,
}

/// What Plaid finds recurring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streams {
    /// Money in.
    pub inflow: Vec<RecurringStream>,
    /// Money out.
    pub outflow: Vec<RecurringStream>,
}

/// One recurring stream of Plaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecurringStream {
    /// Plaid's id.
    pub id: String,
    /// The account.
    pub account_id: String,
    /// The bank's text. Untrusted.
    pub description: String,
    /// The merchant, where Plaid knows it.
    pub merchant: Option<String>,
    /// `WEEKLY`, `BIWEEKLY`, `SEMI_MONTHLY`, `MONTHLY`, `ANNUALLY` or `UNKNOWN`.
    pub frequency: String,
    /// Its transactions.
    pub transaction_ids: Vec<String>,
    /// The last one's amount; positive is money out.
    pub last_amount: Money,
    /// The last one's day.
    pub last_date: Date,
    /// Whether more are expected.
    pub is_active: bool,
}

/// An amount that is none.
#[derive(Debug)]
pub(super) struct BadAmount(MoneyError);

impl From<BadAmount> for Cause {
    fn from(bad: BadAmount) -> Self {
        let what = match bad.0 {
            MoneyError::BadCurrency { .. } => "a currency that is none",
            _ => "an amount that is none",
        };
        Self::Garbled { what: what.to_owned() }
    }
}

fn money(amount: &Number, currency: Currency) -> Result<Money, BadAmount> {
    Money::parse(&amount.to_string(), currency).map_err(BadAmount)
}

/// A balance: investment accounts have fractions of a cent, which nobody can spend.
fn balance(amount: &Number, currency: Currency) -> Result<Money, BadAmount> {
    let text = amount.to_string();
    let whole = match text.split_once('.') {
        Some((units, decimals)) if !decimals.contains(['e', 'E']) => {
            let places = usize::try_from(currency.exponent()).unwrap_or(decimals.len()).min(decimals.len());
            format!("{units}.{}", &decimals[..places])
        }
        _ => text,
    };
    Money::parse(whole.trim_end_matches('.'), currency).map_err(BadAmount)
}

fn currency(code: Option<&str>) -> Result<Option<Currency>, BadAmount> {
    code.map(Currency::new).transpose().map_err(BadAmount)
}

impl Transaction {
    /// `None` for one in an unofficial currency.
    pub(super) fn into_domain(self) -> Result<Option<domain::Transaction>, BadAmount> {
        let Some(currency) = currency(self.iso_currency_code.as_deref())? else {
            return Ok(None);
        };
        Ok(Some(domain::Transaction {
            id: self.transaction_id,
            account_id: self.account_id,
            date: self.date,
            authorized_date: self.authorized_date,
            amount: money(&self.amount, currency)?,
            description: self.original_description.unwrap_or(self.name),
            merchant: self.merchant_name,
            category: self.personal_finance_category.map(|category| domain::ProviderCategory {
                primary: category.primary,
                detailed: category.detailed,
            }),
            pending: self.pending,
            pending_transaction_id: self.pending_transaction_id,
        }))
    }
}

impl AccountEntry {
    /// `None` for one in an unofficial currency, or of which the bank tells no balance.
    pub(super) fn into_domain(self) -> Result<Option<domain::Account>, BadAmount> {
        let balances = self.balances;
        let Some(currency) = currency(balances.iso_currency_code.as_deref())? else {
            return Ok(None);
        };
        let read =
            |amount: &Option<Number>| amount.as_ref().map(|amount| balance(amount, currency)).transpose();
        let available = read(&balances.available)?;
        let Some(current) = read(&balances.current)?.or(available) else {
            return Ok(None);
        };
        Ok(Some(domain::Account {
            id: self.account_id,
            name: self.name,
            kind: domain::AccountKind::from_plaid(&self.kind, self.subtype.as_deref()),
            available,
            current,
            limit: read(&balances.limit)?,
        }))
    }
}

impl RecurringAnswer {
    pub(super) fn into_domain(self) -> Result<Streams, BadAmount> {
        let read = |streams: Vec<Stream>| {
            let known = streams.into_iter().filter_map(|stream| stream.into_domain().transpose());
            known.collect::<Result<Vec<_>, _>>()
        };
        Ok(Streams { inflow: read(self.inflow_streams)?, outflow: read(self.outflow_streams)? })
    }
}

impl Stream {
    fn into_domain(self) -> Result<Option<RecurringStream>, BadAmount> {
        let currency = currency(self.last_amount.iso_currency_code.as_deref())?;
        let (Some(currency), Some(amount)) = (currency, &self.last_amount.amount) else {
            return Ok(None);
        };
        Ok(Some(RecurringStream {
            last_amount: money(amount, currency)?,
            id: self.stream_id,
            account_id: self.account_id,
            description: self.description,
            merchant: self.merchant_name,
            frequency: self.frequency,
            transaction_ids: self.transaction_ids,
            last_date: self.last_date,
            is_active: self.is_active,
        }))
    }
}
