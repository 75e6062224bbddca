//! Reads Plaid's custom sandbox users (<https://plaid.com/docs/sandbox/user-custom/>).
//!
//! `starting_balance` is the balance on the last date of the file's transactions; an account without one gets the
//! balance of [`super::balances::least_balance`]. Inflow models, which let Plaid invent transactions, are not played.

use std::path::Path;

use jiff::civil::Date;
use money::{Currency, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::balances::least_balance;
use super::categories::detailed_for;
use super::error::HouseholdError;
use super::model::{
    Account, AccountType, Address, Holding, Household, Liability, LiabilityKind, Transaction,
};

/// A decimal number of a JSON file, exactly as written.
#[derive(Debug, Clone, Copy)]
struct Number(Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let text = number.to_string();
        text.parse::<Decimal>()
            .or_else(|_| Decimal::from_scientific(&text))
            .map(Self)
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a decimal amount")))
    }
}

#[derive(Deserialize)]
struct File {
    override_accounts: Option<Vec<FileAccount>>,
}

#[derive(Deserialize)]
struct FileAccount {
    r#type: Option<String>,
    subtype: Option<String>,
    starting_balance: Option<Number>,
    force_available_balance: Option<Number>,
    currency: Option<String>,
    #[serde(default)]
    meta: Meta,
    #[serde(default)]
    numbers: Numbers,
    #[serde(default)]
    transactions: Vec<FileTransaction>,
    #[serde(default)]
    identity: Identity,
    liability: Option<FileLiability>,
    #[serde(default)]
    holdings: Vec<FileHolding>,
}

#[derive(Default, Deserialize)]
struct Meta {
    name: Option<String>,
    official_name: Option<String>,
    limit: Option<Number>,
    mask: Option<String>,
}

#[derive(Default, Deserialize)]
struct Numbers {
    account: Option<String>,
}

#[derive(Deserialize)]
struct FileTransaction {
    date_transacted: Date,
    date_posted: Option<Date>,
    amount: Number,
    description: String,
    currency: Option<String>,
}

#[derive(Default, Deserialize)]
struct Identity {
    #[serde(default)]
    names: Vec<Option<String>>,
    #[serde(default)]
    addresses: Vec<FileAddress>,
}

#[derive(Deserialize)]
struct FileAddress {
    #[serde(default)]
    data: AddressData,
}

#[derive(Default, Clone, Deserialize)]
struct AddressData {
    street: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
}

#[derive(Deserialize)]
struct FileLiability {
    r#type: Option<String>,
    purchase_apr: Option<Number>,
    cash_apr: Option<Number>,
    balance_transfer_apr: Option<Number>,
    nominal_apr: Option<Number>,
    principal: Option<Number>,
    last_payment_amount: Option<Number>,
    minimum_payment_amount: Option<Number>,
    is_overdue: Option<bool>,
}

#[derive(Deserialize)]
struct FileHolding {
    institution_price: Number,
    institution_price_as_of: Option<Date>,
    cost_basis: Option<Number>,
    quantity: Number,
    currency: Option<String>,
    security: Security,
}

#[derive(Deserialize)]
struct Security {
    ticker_symbol: Option<String>,
    name: Option<String>,
}

/// Reads `text`, the content of `path`; `asked` is the date of a user without any dated transaction or holding.
///
/// # Errors
/// [`HouseholdError::Bad`]: with the line for what JSON can place, else naming the account and field.
pub(super) fn read(path: &Path, text: &str, asked: Option<Date>) -> Result<Household, HouseholdError> {
    let file: File = serde_json::from_str(text)
        .map_err(|error| HouseholdError::at(path, u64::try_from(error.line()).ok(), error.to_string()))?;
    let accounts = file.override_accounts.unwrap_or_default();
    if accounts.is_empty() {
        let problem = "has no `override_accounts`, so it describes a document and not a household";
        return Err(HouseholdError::at(path, None, problem));
    }
    Reader { path, asked }.household(&accounts)
}

struct Reader<'a> {
    path: &'a Path,
    asked: Option<Date>,
}

impl Reader<'_> {
    fn household(&self, files: &[FileAccount]) -> Result<Household, HouseholdError> {
        let as_of = self.last_date(files)?;
        let currency = self.currency(files.iter().find_map(currency_word))?;
        let user_id = self.path.file_stem().map_or("custom".into(), |stem| stem.to_string_lossy());
        let mut household = Household::blank(&user_id, currency, as_of);
        for (index, file) in files.iter().enumerate() {
            let Some(kind) = self.account_type(index, file)? else { continue };
            self.add_account(&mut household, index, file, kind)?;
        }
        if household.accounts.is_empty() {
            return Err(self.problem("has no bank, card, loan or investment account"));
        }
        household.transactions.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
        self.fill_balances(&mut household, files)?;
        let named = files.iter().flat_map(|file| &file.identity.names).flatten().next();
        household.name = named.cloned().unwrap_or_else(|| user_id.into_owned());
        if let Some(address) = files.iter().flat_map(|file| &file.identity.addresses).next() {
            household.address = address_of(&address.data);
        }
        Ok(household)
    }

    /// Plaid's account type; none for kinds that hold no money, such as payroll.
    fn account_type(&self, index: usize, file: &FileAccount) -> Result<Option<AccountType>, HouseholdError> {
        match file.r#type.as_deref() {
            Some("depository") => Ok(Some(AccountType::Depository)),
            Some("credit") => Ok(Some(AccountType::Credit)),
            Some("loan") => Ok(Some(AccountType::Loan)),
            Some("investment" | "brokerage") => Ok(Some(AccountType::Investment)),
            Some("payroll") => Ok(None),
            Some(other) => {
                Err(self
                    .problem(format!("override_accounts[{index}].type: `{other}` is not an account type")))
            }
            None => Err(self.problem(format!("override_accounts[{index}].type: is missing"))),
        }
    }

    fn add_account(
        &self,
        household: &mut Household,
        index: usize,
        file: &FileAccount,
        kind: AccountType,
    ) -> Result<(), HouseholdError> {
        let currency = self.currency(currency_word(file))?;
        let subtype = file.subtype.clone().unwrap_or_else(|| "other".to_owned());
        let id = format!("acc_{}_{}", index + 1, subtype.replace(' ', "_"));
        let money = |number: Option<Number>, field: &str| {
            number
                .map(|number| self.money(number, currency, &format!("override_accounts[{index}].{field}")))
                .transpose()
        };
        let owed = file.liability.as_ref().and_then(|liability| liability.principal);
        household.accounts.push(Account {
            name: file.meta.name.clone().unwrap_or_else(|| title(&subtype)),
            official_name: file.meta.official_name.clone(),
            kind,
            mask: file.meta.mask.clone().or_else(|| file.numbers.account.as_deref().map(last_four)),
            balance: money(file.starting_balance.or(owed), "starting_balance")?
                .unwrap_or(Money::zero(currency)),
            available: money(file.force_available_balance, "force_available_balance")?,
            limit: money(file.meta.limit, "meta.limit")?,
            subtype,
            id: id.clone(),
        });
        for (at, one) in file.transactions.iter().enumerate() {
            let place = format!("override_accounts[{index}].transactions[{at}]");
            household.transactions.push(self.transaction(&id, at, one, currency, &place)?);
        }
        if let Some(liability) = &file.liability {
            household.liabilities.push(self.liability(&id, liability, currency, index)?);
        }
        for one in &file.holdings {
            household.holdings.push(self.holding(&id, one, currency)?);
        }
        Ok(())
    }

    fn transaction(
        &self,
        account: &str,
        index: usize,
        one: &FileTransaction,
        currency: Currency,
        place: &str,
    ) -> Result<Transaction, HouseholdError> {
        let currency = match one.currency.as_deref() {
            Some(word) => self.currency(Some(word))?,
            None => currency,
        };
        let amount = self.money(one.amount, currency, place)?;
        Ok(Transaction {
            id: format!("txn_{account}_{:04}", index + 1),
            account_id: account.to_owned(),
            amount,
            date: one.date_transacted,
            // Some of Plaid's samples are posted a year before they happen; those post at once.
            posted_on: one.date_posted.unwrap_or(one.date_transacted).max(one.date_transacted),
            name: one.description.clone(),
            merchant: None,
            category: detailed_for(&one.description, None, amount, one.date_transacted).to_owned(),
            held: None,
        })
    }

    fn liability(
        &self,
        account: &str,
        one: &FileLiability,
        currency: Currency,
        index: usize,
    ) -> Result<Liability, HouseholdError> {
        let place = |field: &str| format!("override_accounts[{index}].liability.{field}");
        let kind = match one.r#type.as_deref() {
            Some("student") => LiabilityKind::Student,
            Some("mortgage") => LiabilityKind::Mortgage,
            Some("credit") => LiabilityKind::Credit,
            other => {
                let other = other.unwrap_or("missing");
                return Err(self.problem(format!("{}: `{other}` is no kind of liability", place("type"))));
            }
        };
        let minimum = one.minimum_payment_amount.unwrap_or(Number(Decimal::ZERO));
        let last = one.last_payment_amount;
        Ok(Liability {
            account_id: account.to_owned(),
            kind,
            apr: one.purchase_apr.or(one.nominal_apr).map_or(Decimal::ZERO, |number| number.0),
            cash_apr: one.cash_apr.map(|number| number.0),
            balance_transfer_apr: one.balance_transfer_apr.map(|number| number.0),
            minimum: self.money(minimum, currency, &place("minimum_payment_amount"))?,
            last_payment: last
                .map(|number| self.money(number, currency, &place("last_payment_amount")))
                .transpose()?,
            next_due_on: None,
            overdue: one.is_overdue.unwrap_or(false),
        })
    }

    fn holding(
        &self,
        account: &str,
        one: &FileHolding,
        currency: Currency,
    ) -> Result<Holding, HouseholdError> {
        let symbol = one.security.ticker_symbol.clone().or_else(|| one.security.name.clone());
        Ok(Holding {
            account_id: account.to_owned(),
            symbol: symbol.unwrap_or_else(|| "UNKNOWN".to_owned()),
            name: one.security.name.clone(),
            quantity: one.quantity.0,
            price: one.institution_price.0,
            priced_on: one.institution_price_as_of,
            // Plaid's samples give the cost of one unit.
            cost_basis: one.cost_basis.map(|cost| cost.0 * one.quantity.0),
            currency: one.currency.as_deref().map_or(Ok(currency), |word| self.currency(Some(word)))?,
            cash_equivalent: false,
        })
    }

    fn fill_balances(&self, household: &mut Household, files: &[FileAccount]) -> Result<(), HouseholdError> {
        let given: Vec<bool> = files
            .iter()
            .filter(|file| file.r#type.as_deref() != Some("payroll"))
            .map(|file| {
                file.starting_balance.is_some()
                    || file.liability.as_ref().is_some_and(|one| one.principal.is_some())
            })
            .collect();
        for (account, given) in household.accounts.iter_mut().zip(given) {
            if !given {
                account.balance = least_balance(account, &household.transactions)
                    .map_err(|error| self.problem(format!("account `{}`: {error}", account.id)))?;
            }
        }
        Ok(())
    }

    fn last_date(&self, files: &[FileAccount]) -> Result<Date, HouseholdError> {
        let moved = files
            .iter()
            .flat_map(|file| &file.transactions)
            .map(|one| one.date_posted.unwrap_or(one.date_transacted).max(one.date_transacted));
        let priced =
            files.iter().flat_map(|file| &file.holdings).filter_map(|one| one.institution_price_as_of);
        moved.max().or_else(|| priced.max()).or(self.asked).ok_or_else(|| {
            self.problem(
                "has no dated transaction or holding; say from which day with AS_OF=<date> (--as-of)",
            )
        })
    }

    fn money(&self, number: Number, currency: Currency, place: &str) -> Result<Money, HouseholdError> {
        Money::parse(&number.0.normalize().to_string(), currency)
            .map_err(|error| self.problem(format!("{place}: {error}")))
    }

    fn currency(&self, word: Option<&str>) -> Result<Currency, HouseholdError> {
        let Some(word) = word else { return Ok(Currency::USD) };
        Currency::new(word).map_err(|error| self.problem(error.to_string()))
    }

    fn problem(&self, problem: impl Into<String>) -> HouseholdError {
        HouseholdError::at(self.path, None, problem)
    }
}

fn currency_word(file: &FileAccount) -> Option<&str> {
    file.currency.as_deref().or_else(|| file.transactions.iter().find_map(|one| one.currency.as_deref()))
}

fn address_of(data: &AddressData) -> Address {
    Address {
        street: data.street.clone(),
        city: data.city.clone(),
        state: data.region.clone(),
        postal_code: data.postal_code.clone(),
    }
}

fn last_four(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    digits[digits.len().saturating_sub(4)..].iter().collect()
}

fn title(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
