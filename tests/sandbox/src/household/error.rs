//! Why a household file could not be read: always the file, and the line where there is one.

use std::fmt;
use std::path::PathBuf;

/// A household file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HouseholdError {
    /// The file could not be opened.
    #[error("{file}: cannot be read: {source}", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Something in the file is wrong.
    #[error("{place}: {problem}")]
    Bad {
        /// Where.
        place: Place,
        /// What is wrong and how to put it right.
        problem: String,
    },
    /// The file holds several people.
    #[error(
        "{file}: holds {count} people; choose one with PERSON=<id> (--person): {ids}",
        file = file.display(),
        count = available.len(),
        ids = available.join(", ")
    )]
    PersonNeeded {
        /// The file.
        file: PathBuf,
        /// Who could be chosen.
        available: Vec<String>,
    },
    /// The person is not in the file.
    #[error("{file}: has no person `{asked}`; it has: {ids}", file = file.display(), ids = available.join(", "))]
    UnknownPerson {
        /// The file.
        file: PathBuf,
        /// Who was asked for.
        asked: String,
        /// Who could be chosen.
        available: Vec<String>,
    },
    /// The kind of file is not known.
    #[error(
        "{file}: is no household file; known are .yaml (the project's own), .json (a Plaid custom sandbox user), .beancount and .csv",
        file = file.display()
    )]
    UnknownFormat {
        /// The file.
        file: PathBuf,
    },
}

/// A file and, where known, a line of it (counted from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line.
    pub line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}", self.file.display()),
            None => write!(out, "{}", self.file.display()),
        }
    }
}

impl HouseholdError {
    /// Something wrong at a line of `file`.
    pub(super) fn at(
        file: &std::path::Path,
        line: impl Into<Option<u64>>,
        problem: impl Into<String>,
    ) -> Self {
        Self::Bad { place: Place { file: file.to_owned(), line: line.into() }, problem: problem.into() }
    }
}
