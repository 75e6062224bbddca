//! Reads beancount ledgers (<https://beancount.github.io/docs/beancount_language_syntax.html>).
//!
//! Signs are the other way round than Plaid's: a posting that takes from an account is negative. Balances are the
//! sums of all postings; only the last [`MONTHS_KEPT`] months of movements are handed on. An asset account becomes a
//! bank account by the words in its name, or because it pays expenses or receives income; accounts that hold securities
//! are grouped by their parent into one investment account; receivables, payables, benefits counted in days and the like
//! are left out. A ledger without any bank account is refused. A `pad` becomes the transaction it stands for.
//!
//! A ledger is read in its `operating_currency`, the first if it has several; one that names none in the currency that
//! most of its postings are in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use beancount_parser::{BeancountFile, Directive, DirectiveContent, Posting};
use jiff::civil::Date;
use money::{Currency, Money};
use rust_decimal::Decimal;

use super::categories::detailed_for;
use super::error::HouseholdError;
use super::ledger_accounts::{Chart, Role};
use super::ledger_amounts::amounts;
use super::ledger_lines::passed_over;
use super::ledger_pads::fill_pads;
use super::model::{Account, AccountType, Holding, Household, Transaction};
use super::text;
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
    if !chart.has_bank_account() {
        return Err(ledger.without_bank_account(path));
    }
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
        let (mut currency, mut title, mut directives) = (None, None, Vec::new());
        while let Some(file) = waiting.pop() {
            if !seen.insert(file.clone()) || seen.len() > MOST_FILES {
                continue;
            }
            let text = text::read(&file)?;
            let parsed: BeancountFile<Decimal> = text.parse().map_err(|error: beancount_parser::Error| {
                let line = u64::from(error.line_number());
                HouseholdError::at(&file, line, "is not valid beancount from here on")
            })?;
            if let Some(line) = passed_over(&text, &parsed) {
                return Err(HouseholdError::at(&file, line, "is not valid beancount"));
            }
            if let Some(code) = parsed.option("operating_currency").filter(|_| currency.is_none()) {
                let code = Currency::new(code);
                currency = Some(code.map_err(|error| HouseholdError::at(&file, None, error.to_string()))?);
            }
            title = title.or_else(|| parsed.option("title").map(str::to_owned));
            let folder = file.parent().unwrap_or(Path::new("."));
            waiting.extend(parsed.includes.iter().map(|include| folder.join(include)));
            directives.extend(parsed.directives.into_iter().map(|one| (file.clone(), one)));
        }
        directives.sort_by_key(|(_, one): &(PathBuf, Directive<Decimal>)| {
            (one.date.year, one.date.month, one.date.day)
        });
        let currency = currency.unwrap_or_else(|| usual_currency(&directives));
        fill_pads(&mut directives, currency.code())?;
        Ok(Self { currency, title, directives })
    }

    /// Says of a ledger without a bank account which of its accounts is none, where it is first posted to, and why.
    fn without_bank_account(&self, path: &Path) -> HouseholdError {
        let code = self.currency.code();
        let how = format!(
            "an asset account is one if its name says Checking, Savings or MoneyMarket, or if it pays Expenses: or receives Income: in {code}, the ledger's operating currency"
        );
        let assets = self.moves().find_map(|(place, _, _, postings)| {
            let of_assets = |posting: &&Posting<Decimal>| posting.account.as_str().starts_with("Assets:");
            Some((place, postings.iter().find(of_assets)?.account.as_str().to_owned()))
        });
        match assets {
            Some((place, name)) => {
                place.problem(format!("`{name}` is no bank account, nor is any other; {how}"))
            }
            None => HouseholdError::at(path, None, format!("has no bank account; {how}")),
        }
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

/// The currency that most postings are in, of equals the first by its letters; what is held at a cost is no currency.
fn usual_currency(directives: &[(PathBuf, Directive<Decimal>)]) -> Currency {
    let mut uses: BTreeMap<Currency, usize> = BTreeMap::new();
    for (_, one) in directives {
        let DirectiveContent::Transaction(transaction) = &one.content else { continue };
        for posting in transaction.postings.iter().filter(|posting| posting.cost.is_none()) {
            let amount = posting.amount.as_ref();
            if let Some(currency) = amount.and_then(|amount| Currency::new(amount.currency.as_str()).ok()) {
                *uses.entry(currency).or_default() += 1;
            }
        }
    }
    let most = uses.into_iter().max_by_key(|(currency, uses)| (*uses, Reverse(*currency)));
    most.map_or(Currency::USD, |(currency, _)| currency)
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
        if postings.iter().filter(|posting| posting.amount.is_none()).count() > 1 {
            return Err(place.problem("more than one posting has no amount"));
        }
        Ok(amounts(postings, self.ledger.currency.code()))
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
        if others().any(|(_, (posting, _))| posting.account.as_str().starts_with("Equity:")) {
            // What was there before the ledger began is no income.
            return format!("TRANSFER_{way}_ACCOUNT_TRANSFER");
        }
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
