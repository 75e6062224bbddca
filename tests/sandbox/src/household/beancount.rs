//! Reads beancount ledgers (<https://beancount.github.io/docs/beancount_language_syntax.html>).
//!
//! Signs are the other way round than Plaid's: a posting that takes from an account is negative. Balances are the
//! sums of all postings; only the last [`MONTHS_KEPT`] months of movements are handed on. An asset account becomes a
//! bank account by the words in its name; accounts that hold securities are grouped by their parent into one
//! investment account; payables, benefits counted in days and the like are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use beancount_parser::{BeancountFile, Directive, DirectiveContent, Posting, PostingPrice};
use jiff::civil::Date;
use money::{Currency, Money};
use rust_decimal::Decimal;

use super::categories::detailed_for;
use super::error::HouseholdError;
use super::ledger_accounts::{Chart, Role};
use super::ledger_lines::passed_over;
use super::model::{Account, AccountType, Holding, Household, Transaction};
use crate::calendar::Cadence;

/// Months of movements handed on.
pub const MONTHS_KEPT: i32 = 24;

/// Files a ledger may include, as a guard against a loop of links.
const MOST_FILES: usize = 200;

/// Reads the ledger at `path` and the files it includes.
///
/// # Errors
/// [`HouseholdError::Bad`] with file and line, [`HouseholdError::Unreadable`] for an included file that is missing.
pub(super) fn read(path: &Path) -> Result<Household, HouseholdError> {
    let ledger = Ledger::load(path)?;
    let Some(as_of) = ledger.moves().map(|(_, date, ..)| date).max() else {
        return Err(HouseholdError::at(path, None, "has no transaction"));
    };
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let mut household = Household::blank(&stem, ledger.currency, as_of);
    if let Some(title) = &ledger.title {
        household.name.clone_from(title);
    }
    let chart = Chart::of(ledger.moves().map(|(.., postings)| postings), ledger.currency);
    let mut book = Book { ledger: &ledger, chart: &chart, sums: BTreeMap::new(), lots: BTreeMap::new() };
    let first_kept = Cadence::Monthly.nth(as_of, -MONTHS_KEPT);
    for (number, (place, date, text, postings)) in ledger.moves().enumerate() {
        let movements = book.enter(&place, number, date, text, postings)?;
        if date >= first_kept {
            household.transactions.extend(movements);
        }
    }
    household.transactions.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
    book.close(&mut household)?;
    Ok(household)
}

/// Where a directive stands.
#[derive(Clone)]
struct Position {
    file: PathBuf,
    line: u64,
}

impl Position {
    fn problem(&self, problem: impl Into<String>) -> HouseholdError {
        HouseholdError::at(&self.file, self.line, problem)
    }
}

/// All directives of a ledger and its includes.
struct Ledger {
    currency: Currency,
    title: Option<String>,
    directives: Vec<(PathBuf, Directive<Decimal>)>,
}

impl Ledger {
    fn load(path: &Path) -> Result<Self, HouseholdError> {
        let mut waiting = vec![path.to_owned()];
        let mut seen = BTreeSet::new();
        let mut ledger = Self { currency: Currency::USD, title: None, directives: Vec::new() };
        while let Some(file) = waiting.pop() {
            if !seen.insert(file.clone()) || seen.len() > MOST_FILES {
                continue;
            }
            let text = std::fs::read_to_string(&file)
                .map_err(|source| HouseholdError::Unreadable { file: file.clone(), source })?;
            let parsed: BeancountFile<Decimal> = text.parse().map_err(|error: beancount_parser::Error| {
                let line = u64::from(error.line_number());
                HouseholdError::at(&file, line, "is not valid beancount from here on")
            })?;
            if let Some(line) = passed_over(&text, &parsed) {
                return Err(HouseholdError::at(&file, line, "is not valid beancount"));
            }
            if let Some(code) = parsed.option("operating_currency") {
                ledger.currency = Currency::new(code)
                    .map_err(|error| HouseholdError::at(&file, None, error.to_string()))?;
            }
            ledger.title = ledger.title.or_else(|| parsed.option("title").map(str::to_owned));
            let folder = file.parent().unwrap_or(Path::new("."));
            waiting.extend(parsed.includes.iter().map(|include| folder.join(include)));
            ledger.directives.extend(parsed.directives.into_iter().map(|one| (file.clone(), one)));
        }
        ledger.directives.sort_by_key(|(_, one)| (one.date.year, one.date.month, one.date.day));
        Ok(ledger)
    }

    /// The transactions: place, date, text, postings.
    fn moves(&self) -> impl Iterator<Item = (Position, Date, String, &[Posting<Decimal>])> {
        self.directives.iter().filter_map(|(file, one)| {
            let DirectiveContent::Transaction(transaction) = &one.content else { return None };
            let words = [transaction.payee.as_deref(), transaction.narration.as_deref()];
            let text = words.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty());
            let place = Position { file: file.clone(), line: u64::from(one.line_number) };
            let text = text.collect::<Vec<_>>().join(" ");
            Some((place, date_of(one)?, text, transaction.postings.as_slice()))
        })
    }

    /// The latest price of every commodity, with its day.
    fn prices(&self) -> BTreeMap<String, (Decimal, Option<Date>)> {
        let mut prices = BTreeMap::new();
        for (_, one) in &self.directives {
            if let DirectiveContent::Price(price) = &one.content
                && price.amount.currency.as_str() == self.currency.code()
            {
                prices.insert(price.currency.as_str().to_owned(), (price.amount.value, date_of(one)));
            }
        }
        prices
    }
}

/// Units and cost of one commodity in one investment account.
#[derive(Default)]
struct Lots {
    units: Decimal,
    cost: Decimal,
}

/// Running sums while the ledger is read in order of date.
struct Book<'a> {
    ledger: &'a Ledger,
    chart: &'a Chart,
    /// Sum in the operating currency by Plaid account id.
    sums: BTreeMap<String, Decimal>,
    lots: BTreeMap<(String, String), Lots>,
}

impl Book<'_> {
    /// Books one transaction; answers the movements it makes on bank and card accounts.
    fn enter(
        &mut self,
        place: &Position,
        number: usize,
        date: Date,
        text: String,
        postings: &[Posting<Decimal>],
    ) -> Result<Vec<Transaction>, HouseholdError> {
        let amounts = self.completed(place, postings)?;
        let mut movements = Vec::new();
        for (index, (posting, amount)) in postings.iter().zip(&amounts).enumerate() {
            let Some((account, role)) = self.chart.role(posting.account.as_str()) else { continue };
            let Some(amount) = amount else {
                self.book_lot(account, posting);
                continue;
            };
            *self.sums.entry(account.to_owned()).or_default() += *amount;
            if matches!(role, Role::Investment | Role::Retirement) {
                continue;
            }
            let outflow = self.money(-*amount).map_err(|error| place.problem(error.to_string()))?;
            movements.push(Transaction {
                id: format!("txn_{number:06}_{index}"),
                account_id: account.to_owned(),
                amount: outflow,
                date,
                posted_on: date,
                name: text.clone(),
                merchant: None,
                category: self.category(&text, index, outflow, date, postings, &amounts),
                held: None,
            });
        }
        Ok(movements)
    }

    /// Each posting's amount in the operating currency; none where it is in something else. A posting without an
    /// amount gets what balances the rest.
    fn completed(
        &self,
        place: &Position,
        postings: &[Posting<Decimal>],
    ) -> Result<Vec<Option<Decimal>>, HouseholdError> {
        let operating = self.ledger.currency.code();
        let blanks = postings.iter().filter(|posting| posting.amount.is_none()).count();
        if blanks > 1 {
            return Err(place.problem("more than one posting has no amount"));
        }
        let rest: Decimal = postings.iter().filter_map(|posting| weight(posting, operating)).sum();
        Ok(postings
            .iter()
            .map(|posting| match &posting.amount {
                None => Some(-rest),
                Some(amount) if amount.currency.as_str() == operating => Some(amount.value),
                Some(_) => None,
            })
            .collect())
    }

    fn book_lot(&mut self, account: &str, posting: &Posting<Decimal>) {
        let Some(amount) = &posting.amount else { return };
        let Some(cost) = posting.cost.as_ref().and_then(|cost| cost.amount.as_ref()) else { return };
        let key = (account.to_owned(), amount.currency.as_str().to_owned());
        let lots = self.lots.entry(key).or_default();
        lots.units += amount.value;
        lots.cost += amount.value * cost.value;
    }

    fn category(
        &self,
        text: &str,
        own: usize,
        outflow: Money,
        date: Date,
        postings: &[Posting<Decimal>],
        amounts: &[Option<Decimal>],
    ) -> String {
        let side = if outflow.is_negative() { "Income:" } else { "Expenses:" };
        let others = || postings.iter().zip(amounts).enumerate().filter(|(index, _)| *index != own);
        let purpose = others()
            .filter(|(_, (posting, _))| posting.account.as_str().starts_with(side))
            .max_by_key(|(_, (_, amount))| amount.unwrap_or_default().abs())
            .map(|(_, (posting, _))| posting.account.as_str());
        if let Some(account) = purpose {
            return detailed_for(text, Some(account), outflow, date).to_owned();
        }
        let way = if outflow.is_negative() { "IN" } else { "OUT" };
        let counterpart = others().find_map(|(_, (posting, _))| self.chart.role(posting.account.as_str()));
        match counterpart {
            Some((_, Role::Card)) => "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT".to_owned(),
            Some((_, Role::Loan)) => "LOAN_PAYMENTS_OTHER_PAYMENT".to_owned(),
            Some((_, Role::Investment | Role::Retirement)) => {
                format!("TRANSFER_{way}_INVESTMENT_AND_RETIREMENT_FUNDS")
            }
            Some(_) if self.is_card(postings[own].account.as_str()) => {
                "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT".to_owned()
            }
            Some(_) => format!("TRANSFER_{way}_ACCOUNT_TRANSFER"),
            None => detailed_for(text, None, outflow, date).to_owned(),
        }
    }

    fn is_card(&self, account: &str) -> bool {
        matches!(self.chart.role(account), Some((_, Role::Card)))
    }

    /// Writes accounts, holdings and debts as they stand after the last transaction.
    fn close(&self, household: &mut Household) -> Result<(), HouseholdError> {
        let prices = self.ledger.prices();
        for ((account, commodity), lots) in self.lots.iter().filter(|(_, lots)| !lots.units.is_zero()) {
            let bought_at = lots.cost / lots.units;
            let (price, priced_on) = prices.get(commodity).copied().unwrap_or((bought_at, None));
            household.holdings.push(Holding {
                account_id: account.clone(),
                symbol: commodity.clone(),
                name: None,
                quantity: lots.units,
                price,
                priced_on: priced_on.map(|day| day.min(household.as_of)),
                cost_basis: Some(lots.cost.round_dp(2)),
                currency: household.currency,
                cash_equivalent: false,
            });
        }
        for (id, name, role) in self.chart.accounts() {
            let cash = self.sums.get(id).copied().unwrap_or_default();
            let worth: Decimal = household
                .holdings
                .iter()
                .filter(|holding| holding.account_id == id)
                .map(|holding| holding.quantity * holding.price)
                .sum();
            let owed = if matches!(role, Role::Card | Role::Loan) { -cash } else { cash };
            let balance = self.money((owed + worth).round_dp(2)).map_err(|error| {
                HouseholdError::at(Path::new(&household.user_id), None, format!("account `{name}`: {error}"))
            })?;
            household.accounts.push(account(id, name, role, balance));
        }
        Ok(())
    }

    fn money(&self, amount: Decimal) -> Result<Money, money::MoneyError> {
        Money::parse(
            &amount.round_dp(self.ledger.currency.exponent()).normalize().to_string(),
            self.ledger.currency,
        )
    }
}

/// What a posting weighs in the operating currency when its transaction is balanced.
fn weight(posting: &Posting<Decimal>, operating: &str) -> Option<Decimal> {
    let amount = posting.amount.as_ref()?;
    if let Some(cost) = posting.cost.as_ref().and_then(|cost| cost.amount.as_ref()) {
        return (cost.currency.as_str() == operating).then(|| amount.value * cost.value);
    }
    match &posting.price {
        Some(PostingPrice::Unit(price)) if price.currency.as_str() == operating => {
            Some(amount.value * price.value)
        }
        Some(PostingPrice::Total(total)) if total.currency.as_str() == operating => Some(total.value),
        _ => (amount.currency.as_str() == operating).then_some(amount.value),
    }
}

fn account(id: &str, name: &str, role: Role, balance: Money) -> Account {
    let (kind, subtype) = match role {
        Role::Checking => (AccountType::Depository, "checking"),
        Role::Savings => (AccountType::Depository, "savings"),
        Role::MoneyMarket => (AccountType::Depository, "money market"),
        Role::Card => (AccountType::Credit, "credit card"),
        Role::Loan => (AccountType::Loan, "loan"),
        Role::Retirement => (AccountType::Investment, "401k"),
        Role::Investment => (AccountType::Investment, "brokerage"),
    };
    Account {
        id: id.to_owned(),
        name: name.to_owned(),
        official_name: None,
        kind,
        subtype: subtype.to_owned(),
        mask: None,
        balance,
        available: None,
        limit: None,
    }
}

fn date_of(directive: &Directive<Decimal>) -> Option<Date> {
    let day = &directive.date;
    Date::new(i16::try_from(day.year).ok()?, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()
}
