//! What the demo is told by its environment; `make demo` sets it.

use anyhow::{Context, bail};
use jiff::civil::Date;
use std::io::{IsTerminal, stdin, stdout};
use std::path::PathBuf;

/// Who answers the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auto {
    /// The person at the terminal.
    Ask,
    /// Everything is approved.
    Approve,
    /// Everything is left out.
    Skip,
    /// Approved and left out in turn.
    Mixed,
}

/// The demo's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `API_URL`, without a slash at its end.
    pub api_url: String,
    /// `SANDBOX_URL`, without a slash at its end.
    pub sandbox_url: String,
    /// `AWS_ENDPOINT_URL`: the local AWS.
    pub aws_url: String,
    /// `AWS_REGION`.
    pub region: String,
    /// `BUS_NAME`.
    pub bus: String,
    /// `STAGE`: what the functions' names begin with.
    pub stage: String,
    /// `USER_POOL_ID`.
    pub user_pool: String,
    /// `USER_POOL_CLIENT_ID`.
    pub client: String,
    /// `HOUSEHOLD`: its file; the sandbox's own where none is named.
    pub household: Option<PathBuf>,
    /// `PERSON`: which, in a file of several.
    pub person: Option<String>,
    /// `AS_OF`: the date to start from.
    pub as_of: Option<Date>,
    /// `AUTO`: who answers.
    pub auto: Auto,
    /// `FAULT`: the provider faults to run under; none for a plain run.
    pub faults: Option<String>,
}

impl Settings {
    /// From the process's environment.
    ///
    /// # Errors
    /// Names what is missing or wrong, and what to do.
    pub fn from_env() -> anyhow::Result<Self> {
        let household = optional("HOUSEHOLD").map(|file| {
            let path = PathBuf::from(&file);
            path.canonicalize().with_context(|| format!("HOUSEHOLD={file}"))
        });
        Ok(Self {
            api_url: address("API_URL")?,
            sandbox_url: address("SANDBOX_URL")?,
            aws_url: address("AWS_ENDPOINT_URL")?,
            region: optional("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            bus: required("BUS_NAME")?,
            stage: required("STAGE")?,
            user_pool: required("USER_POOL_ID")?,
            client: required("USER_POOL_CLIENT_ID")?,
            household: household.transpose()?,
            person: optional("PERSON"),
            as_of: optional("AS_OF").map(|said| date(&said)).transpose()?,
            auto: auto(optional("AUTO").as_deref(), stdin().is_terminal() && stdout().is_terminal())?,
            faults: optional("FAULT").filter(|name| name != "none"),
        })
    }
}

fn auto(said: Option<&str>, terminal: bool) -> anyhow::Result<Auto> {
    Ok(match said {
        Some("approve") => Auto::Approve,
        Some("skip") => Auto::Skip,
        Some("mixed") => Auto::Mixed,
        Some(other) => bail!("AUTO={other}: must be approve, skip or mixed"),
        None if terminal => Auto::Ask,
        None => Auto::Approve,
    })
}

fn date(said: &str) -> anyhow::Result<Date> {
    said.parse().with_context(|| format!("AS_OF={said}: must be a date such as 2026-06-30"))
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn required(name: &str) -> anyhow::Result<String> {
    optional(name).with_context(|| format!("{name} is not set: start the demo by `make demo`"))
}

fn address(name: &str) -> anyhow::Result<String> {
    Ok(required(name)?.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_date_is_named() {
        assert_eq!(date("2026-02-28").unwrap().to_string(), "2026-02-28");
        for wrong in ["2026-02-30", "soon"] {
            let error = date(wrong).unwrap_err().to_string();
            assert_eq!(error, format!("AS_OF={wrong}: must be a date such as 2026-06-30"));
        }
    }

    #[test]
    fn without_a_terminal_nobody_is_asked() {
        for (said, terminal, expect) in [
            (Some("skip"), true, Some(Auto::Skip)),
            (Some("mixed"), false, Some(Auto::Mixed)),
            (None, true, Some(Auto::Ask)),
            (None, false, Some(Auto::Approve)),
            (Some("maybe"), true, None),
        ] {
            assert_eq!(auto(said, terminal).ok(), expect, "{said:?} {terminal}");
        }
    }
}
