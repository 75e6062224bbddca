//! Reads a CSV file of transactions; its header says what is what, by the names that banks and tools use.
//!
//! Amounts are the other way round than Plaid's: negative is money out. A file without signs says which way by a
//! `debit`/`credit` type column, or has a column for each; one that does not say is refused. The balance is that of
//! the latest row where the file has a balance column, else that of [`super::balances::least_balance`]. Of the rows
//! of one day the last is the latest, the first in a file that lists the newest first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use csv::StringRecord;
use jiff::civil::{Date, DateTime};
use money::{Currency, Money};

use super::balances::least_balance;
use super::categories::detailed_for;
use super::error::HouseholdError;
use super::model::{Account, AccountType, Household, Transaction};

const DATE: &[&str] =
    &["date", "timestamp", "transaction_date", "posted_date", "posting_date", "booking_date", "value_date"];
const TEXT: &[&str] =
    &["merchant", "description", "payee", "name", "narration", "memo", "counterparty", "details"];
const AMOUNT: &[&str] = &["amount", "amount_usd", "value", "transaction_amount"];
const DEBIT: &[&str] = &["debit", "debit_amount", "withdrawal", "withdrawals", "money_out", "paid_out"];
const CREDIT: &[&str] = &["credit", "credit_amount", "deposit", "deposits", "money_in", "paid_in"];
const KIND: &[&str] = &["transaction_type", "type", "direction", "debit_credit", "dr_cr"];
const BALANCE: &[&str] = &["balance_after", "balance", "running_balance", "closing_balance"];
const PERSON: &[&str] = &["user_id", "person", "person_id", "customer_id", "user", "account_holder", "owner"];
const ACCOUNT: &[&str] = &["account", "account_id", "account_name", "account_number"];
const CATEGORY: &[&str] = &["category", "category_name", "primary_category"];
const CURRENCY: &[&str] = &["currency", "iso_currency_code", "currency_code"];
const ID: &[&str] = &["transaction_id", "id", "reference"];

/// Which column holds what.
struct Columns {
    date: usize,
    text: usize,
    amount: Option<usize>,
    debit: Option<usize>,
    credit: Option<usize>,
    kind: Option<usize>,
    balance: Option<usize>,
    person: Option<usize>,
    account: Option<usize>,
    category: Option<usize>,
    currency: Option<usize>,
    id: Option<usize>,
}

/// Reads `text`, the content of `path`, for `person`.
///
/// # Errors
/// [`HouseholdError::Bad`] with the line; [`HouseholdError::PersonNeeded`] and [`HouseholdError::UnknownPerson`] with
/// the people there are.
pub(super) fn read(path: &Path, text: &str, person: Option<&str>) -> Result<Household, HouseholdError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| bad_csv(path, &error))?.clone();
    let columns = Columns::of(path, &header)?;
    let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(|error| bad_csv(path, &error))?;
    let person = choose_person(path, &columns, &records, person)?;
    let rows: Vec<Row> = records
        .iter()
        .filter(|record| {
            person.is_none() || columns.person.and_then(|at| record.get(at)) == person.as_deref()
        })
        .map(|record| Row::read(path, &columns, record))
        .collect::<Result<_, _>>()?;
    if !rows.is_empty() && rows.iter().all(|row| row.way == Way::Unsaid) {
        let column = columns.amount.and_then(|at| header.get(at)).unwrap_or_default();
        let problem = format!(
            "no amount in column `{column}` has a sign, so nothing tells money out from money in; write money out as -12.50, or add a column `type` that says debit or credit"
        );
        return Err(HouseholdError::at(path, rows.first().map(|row| row.line), problem));
    }
    household(path, person, in_order(rows))
}

/// The rows, oldest first; those of one moment in the order in which they happened, which is that of the balances.
fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    let steps = |from_to: fn(&DateTime, &DateTime) -> bool| {
        rows.windows(2).filter(|pair| from_to(&pair[0].moment, &pair[1].moment)).count()
    };
    // Of accounts that stand one after the other, each may begin anew: most of the steps decide.
    if steps(DateTime::gt) > steps(DateTime::lt) {
        rows.reverse();
    }
    rows.sort_by_key(|row| row.moment);
    rows
}

impl Columns {
    fn of(path: &Path, header: &StringRecord) -> Result<Self, HouseholdError> {
        let names: Vec<String> = header.iter().map(plain).collect();
        let find = |known: &[&str]| known.iter().find_map(|word| names.iter().position(|name| name == word));
        let need = |known: &[&str], what: &str| {
            let problem =
                || format!("the header names no {what} column; known names are: {}", known.join(", "));
            find(known).ok_or_else(|| HouseholdError::at(path, 1, problem()))
        };
        let (amount, debit, credit) = (find(AMOUNT), find(DEBIT), find(CREDIT));
        if amount.is_none() && (debit.is_none() || credit.is_none()) {
            need(AMOUNT, "amount (or a debit and a credit)")?;
        }
        Ok(Self {
            date: need(DATE, "date")?,
            text: need(TEXT, "description")?,
            amount,
            debit,
            credit,
            kind: find(KIND),
            balance: find(BALANCE),
            person: find(PERSON),
            account: find(ACCOUNT),
            category: find(CATEGORY),
            currency: find(CURRENCY),
            id: find(ID),
        })
    }
}

/// How a row says which way its money goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By a sign, a word, or the column that the amount stands in.
    Said,
    /// Not at all: a bare number, which is money in beside others that have a minus.
    Unsaid,
}

/// One line of the file.
struct Row {
    line: u64,
    id: Option<String>,
    account: String,
    moment: DateTime,
    text: String,
    category: Option<String>,
    /// Positive is money in, as in most files.
    inflow: Money,
    way: Way,
    balance: Option<Money>,
}

impl Row {
    fn read(path: &Path, columns: &Columns, record: &StringRecord) -> Result<Self, HouseholdError> {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let bad = |problem: String| HouseholdError::at(path, line, problem);
        let currency = cell(columns.currency)
            .map_or(Ok(Currency::USD), |code| Currency::new(&code.to_uppercase()))
            .map_err(|error| bad(error.to_string()))?;
        let money = |text: &str| {
            let number = number_text(text).ok_or_else(|| {
                bad(format!("`{text}` has a comma that separates no thousands; write a fraction as 12.50"))
            })?;
            Money::parse(&number, currency).map_err(|error| bad(error.to_string()))
        };
        let moment = cell(Some(columns.date)).unwrap_or_default();
        let (inflow, way) = match (cell(columns.amount), cell(columns.debit), cell(columns.credit)) {
            (Some(amount), _, _) => signed(amount, money(amount)?, cell(columns.kind)),
            (None, Some(debit), None) => (minus(money(debit)?), Way::Said),
            (None, None, Some(credit)) => (money(credit)?, Way::Said),
            (None, Some(debit), Some(credit)) => {
                (money(credit)?.sub(money(debit)?).map_err(|error| bad(error.to_string()))?, Way::Said)
            }
            (None, None, None) => return Err(bad("the amount is missing".to_owned())),
        };
        Ok(Self {
            line,
            id: cell(columns.id).map(str::to_owned),
            account: cell(columns.account).unwrap_or("checking").to_owned(),
            moment: moment_of(moment).ok_or_else(|| {
                bad(format!("`{moment}` is not a date; write it as 2026-01-31 or 01/31/2026"))
            })?,
            text: cell(Some(columns.text)).unwrap_or("(no description)").to_owned(),
            category: cell(columns.category).map(str::to_owned),
            inflow,
            way,
            balance: cell(columns.balance).map(money).transpose()?,
        })
    }
}

/// The household of `rows`, which are in order.
fn household(path: &Path, person: Option<String>, rows: Vec<Row>) -> Result<Household, HouseholdError> {
    let Some(last) = rows.last() else {
        return Err(HouseholdError::at(path, None, "has a header but no transaction"));
    };
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let user_id = person.unwrap_or(stem);
    let mut household = Household::blank(&user_id, last.inflow.currency, last.moment.date());
    let mut balances: BTreeMap<String, (Currency, Option<Money>)> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for row in &rows {
        if let Some(id) = row.id.as_ref().filter(|id| !ids.insert((*id).clone())) {
            return Err(HouseholdError::at(path, row.line, format!("transaction `{id}` appears twice")));
        }
        let balance = balances.entry(row.account.clone()).or_insert((row.inflow.currency, None));
        balance.1 = row.balance.or(balance.1);
        household.transactions.push(transaction(row));
    }
    for (name, (currency, balance)) in balances {
        let mut account = account(&name, balance.unwrap_or(Money::zero(currency)));
        if balance.is_none() {
            account.balance = least_balance(&account, &household.transactions)
                .map_err(|error| HouseholdError::at(path, None, format!("account `{name}`: {error}")))?;
        }
        household.accounts.push(account);
    }
    Ok(household)
}

fn transaction(row: &Row) -> Transaction {
    let amount = minus(row.inflow);
    let date = row.moment.date();
    Transaction {
        id: row.id.clone().unwrap_or_else(|| format!("txn_line_{:06}", row.line)),
        account_id: account_id(&row.account),
        amount,
        date,
        posted_on: date,
        name: row.text.clone(),
        merchant: Some(row.text.clone()),
        category: detailed_for(&row.text, row.category.as_deref(), amount, date).to_owned(),
        held: None,
    }
}

fn account(name: &str, balance: Money) -> Account {
    let lower = name.to_lowercase();
    let (kind, subtype) = if lower.contains("saving") {
        (AccountType::Depository, "savings")
    } else if lower.contains("credit") || lower.contains("card") {
        (AccountType::Credit, "credit card")
    } else {
        (AccountType::Depository, "checking")
    };
    // A card's balance stands in such files as what one has, which is negative; on the card it is what one owes.
    let balance = if kind == AccountType::Credit { minus(balance) } else { balance };
    Account {
        id: account_id(name),
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

fn account_id(name: &str) -> String {
    format!("acc_{}", plain(name))
}

fn choose_person(
    path: &Path,
    columns: &Columns,
    records: &[StringRecord],
    asked: Option<&str>,
) -> Result<Option<String>, HouseholdError> {
    let people: BTreeSet<&str> = columns
        .person
        .map(|at| records.iter().filter_map(|record| record.get(at)).filter(|id| !id.is_empty()).collect())
        .unwrap_or_default();
    let available = || people.iter().map(|id| (*id).to_owned()).collect();
    match asked {
        Some(asked) if people.contains(asked) => Ok(Some(asked.to_owned())),
        Some(asked) => Err(HouseholdError::UnknownPerson {
            file: path.to_owned(),
            asked: asked.to_owned(),
            available: available(),
        }),
        None if people.len() > 1 => {
            Err(HouseholdError::PersonNeeded { file: path.to_owned(), available: available() })
        }
        None => Ok(people.first().map(|id| (*id).to_owned())),
    }
}

/// A header name in lower case with underscores.
fn plain(name: &str) -> String {
    let lower = name.trim_start_matches('\u{feff}').trim().to_lowercase();
    lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

/// The digits of an amount without currency sign and thousands separators; brackets mean minus. None where a comma stands
/// elsewhere than before three digits of the whole part: it may well be a decimal comma.
fn number_text(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|letter| !matches!(letter, '$' | '€' | '£' | ' ')).collect();
    let (sign, digits) = match bare.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => ("-", inner),
        None => match bare.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", bare.trim_start_matches('+')),
        },
    };
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let thousands = groups.clone().all(|group| group.len() == 3);
    let leads = groups.next().is_none() || (1..=3).contains(&first.len());
    let plain = thousands && leads && !fraction.contains(',');
    plain.then(|| format!("{sign}{}{fraction}", whole.replace(',', "")))
}

/// An amount with the sign its type column asks for, and whether it says which way it goes.
fn signed(text: &str, amount: Money, kind: Option<&str>) -> (Money, Way) {
    let kind = kind.map(str::to_lowercase);
    let says = |words: &[&str]| kind.as_deref().is_some_and(|kind| words.contains(&kind));
    if says(&["debit", "dr", "out", "outflow", "expense", "withdrawal", "payment"]) {
        return (if amount.is_positive() { minus(amount) } else { amount }, Way::Said);
    }
    let told = says(&["credit", "cr", "in", "inflow", "income", "deposit"])
        || amount.is_negative()
        || text.contains('+');
    (amount, if told { Way::Said } else { Way::Unsaid })
}

/// The amount with its sign turned; the one amount without a counterpart keeps its sign.
fn minus(amount: Money) -> Money {
    amount.neg().unwrap_or(amount)
}

fn moment_of(text: &str) -> Option<DateTime> {
    text.parse().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from)).or_else(|| {
        ["%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y"]
            .iter()
            .find_map(|format| Date::strptime(format, text).ok().map(DateTime::from))
    })
}

fn bad_csv(path: &Path, error: &csv::Error) -> HouseholdError {
    HouseholdError::at(path, error.position().map(csv::Position::line), error.to_string())
}
