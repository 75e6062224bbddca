//! Configuration from the environment, read once at the start so that a wrong deployment fails at its first invocation.

use std::fmt;
use std::str::FromStr;

type Lookup<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Where a function's configuration is read from.
pub struct Env<'a> {
    lookup: Lookup<'a>,
}

impl Env<'static> {
    /// The environment of the process.
    #[must_use]
    pub fn process() -> Self {
        Self { lookup: Box::new(|name| std::env::var(name).ok()) }
    }
}

impl<'a> Env<'a> {
    /// Given values, for tests.
    #[must_use]
    pub fn of(values: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            lookup: Box::new(move |name| {
                let found = values.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            }),
        }
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// [`EnvError`] when it is unset or empty.
    pub fn required(&self, name: &str) -> Result<String, EnvError> {
        self.optional(name).ok_or_else(|| EnvError { name: name.to_owned(), problem: "is not set" })
    }

    /// A variable that may be there; an empty one is as good as none.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    /// A variable that must be there and be a `T`.
    ///
    /// # Errors
    /// [`EnvError`] when it is unset, empty or no `T`.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, EnvError> {
        self.required(name)?
            .parse()
            .map_err(|_| EnvError { name: name.to_owned(), problem: "has a value of another kind" })
    }
}

/// [`Env::required`] of the process.
///
/// # Errors
/// As [`Env::required`].
pub fn required(name: &str) -> Result<String, EnvError> {
    Env::process().required(name)
}

/// [`Env::optional`] of the process.
#[must_use]
pub fn optional(name: &str) -> Option<String> {
    Env::process().optional(name)
}

/// A variable of the environment that is missing or wrong. Never shows its value.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name} {problem}")]
pub struct EnvError {
    /// The variable.
    pub name: String,
    problem: &'static str,
}

/// As `Display`: what `main` returns is printed with `{:?}`.
impl fmt::Debug for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_variable_and_hides_its_value() {
        let env = Env::of(&[("TABLE_NAME", "runs"), ("EMPTY", " "), ("CAP", "many"), ("AGE", "7")]);
        assert_eq!(env.required("TABLE_NAME").unwrap(), "runs");
        assert_eq!(env.parsed::<u8>("AGE").unwrap(), 7);
        for (error, expect) in [
            (env.required("NONE").unwrap_err(), "environment variable NONE is not set"),
            (env.required("EMPTY").unwrap_err(), "environment variable EMPTY is not set"),
            (env.parsed::<u8>("CAP").unwrap_err(), "environment variable CAP has a value of another kind"),
        ] {
            assert_eq!(format!("{error:?}"), expect);
        }
    }
}
