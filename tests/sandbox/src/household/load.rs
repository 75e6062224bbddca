//! Picks the reader for a household file and brings the household to the date that was asked for.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::HouseholdError;
use super::model::Household;
use super::{balances, beancount, broadband, csv, derive, own, plaid_user, text};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The household file.
    pub file: PathBuf,
    /// The person, in a file of several.
    pub person: Option<String>,
    /// The date to start from; none means the household's last date.
    pub as_of: Option<Date>,
    /// A file of broadband offers by city, to be added to the household's own.
    pub broadband: Option<PathBuf>,
}

impl Source {
    /// The household of `file` with nothing else asked for.
    #[must_use]
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), person: None, as_of: None, broadband: None }
    }
}

/// Reads a household: the project's own format (`.yaml`), a Plaid custom sandbox user (`.json`), a beancount ledger
/// (`.beancount`) or a CSV file of transactions (`.csv`).
///
/// An earlier `as_of` than the file's last date lets what comes later wait for the clock. A file in the own format
/// states balances and plans as of one date and can only be moved forward, by the clock.
///
/// # Errors
/// [`HouseholdError`] naming the file and, where one is at fault, the line.
pub fn load(source: &Source) -> Result<Household, HouseholdError> {
    let path = source.file.as_path();
    let own_format = matches!(extension(path).as_str(), "yaml" | "yml");
    let mut household = match extension(path).as_str() {
        "yaml" | "yml" => own::read(path, &text::read(path)?)?,
        "json" => plaid_user::read(path, &text::read(path)?, source.as_of)?,
        "beancount" | "bean" => beancount::read(path)?,
        "csv" => csv::read(path, &text::read(path)?, source.person.as_deref())?,
        _ => return Err(HouseholdError::UnknownFormat { file: path.to_owned() }),
    };
    check_person(source, &household)?;
    if let Some(as_of) = source.as_of {
        start_on(path, &mut household, as_of, own_format)?;
    }
    if let Some(offers) = &source.broadband {
        household.offers.extend(broadband::offers(offers, &household.address)?);
    }
    if !own_format {
        derive::complete(&mut household)
            .map_err(|error| HouseholdError::at(path, None, error.to_string()))?;
    }
    Ok(household)
}

/// Only a CSV file holds several people; elsewhere the name must be the household's own.
fn check_person(source: &Source, household: &Household) -> Result<(), HouseholdError> {
    match &source.person {
        Some(asked) if *asked != household.user_id => Err(HouseholdError::UnknownPerson {
            file: source.file.clone(),
            asked: asked.clone(),
            available: vec![household.user_id.clone()],
        }),
        _ => Ok(()),
    }
}

fn start_on(
    path: &Path,
    household: &mut Household,
    as_of: Date,
    own_format: bool,
) -> Result<(), HouseholdError> {
    if own_format && as_of != household.as_of {
        let stated = household.as_of;
        let problem = format!(
            "states its plans as of {stated} and cannot start on {as_of}; move the clock there (PUT /admin/clock)"
        );
        return Err(HouseholdError::at(path, None, problem));
    }
    if !household.transactions.is_empty() && !household.transactions.iter().any(|one| one.date <= as_of) {
        return Err(HouseholdError::at(path, None, format!("has no transaction on or before {as_of}")));
    }
    balances::move_date(household, as_of).map_err(|error| HouseholdError::at(path, None, error.to_string()))
}

fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
}
