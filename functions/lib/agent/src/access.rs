//! How an agent reaches its providers: configuration of the process, credentials of the request.

use crate::error::AgentError;
use providers::plaid::{self, AppCredentials};
use providers::{Connection, Http, NoConnector, Provider, Session, Token};
use shell::env::{Env, EnvError};
use std::collections::BTreeMap;

/// What an agent's process knows of the outside, read once.
pub struct Outside {
    http: Http,
    base_urls: BTreeMap<Provider, String>,
    plaid: Option<AppCredentials>,
}

/// Why an agent's process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The deployment lacks a setting.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// There is no HTTP client.
    #[error(transparent)]
    Connector(#[from] NoConnector),
}

impl Outside {
    /// Reads `PROVIDER_BASE_URL`, or a provider's own `PLAID_BASE_URL`, `BILLERS_BASE_URL` …, and for Plaid the application's
    /// `PLAID_CLIENT_ID` and `PLAID_SECRET`.
    ///
    /// # Errors
    /// [`OutsideError`] naming the first setting that is missing.
    pub fn from_env(env: &Env<'_>, providers: &[Provider]) -> Result<Self, OutsideError> {
        let mut base_urls = BTreeMap::new();
        for provider in providers {
            let own = env.optional(provider.base_url_variable());
            let url = match own {
                Some(url) => url,
                None => env.required("PROVIDER_BASE_URL")?,
            };
            base_urls.insert(*provider, url);
        }
        let plaid = match providers.contains(&Provider::Plaid) {
            true => Some(AppCredentials {
                client_id: env.required("PLAID_CLIENT_ID")?,
                secret: env.required("PLAID_SECRET")?,
            }),
            false => None,
        };
        Ok(Self { http: Http::new()?, base_urls, plaid })
    }

    /// Connections for one invocation, good until `deadline`.
    pub(crate) fn session(&self, deadline: std::time::Instant) -> Session {
        self.http.session(deadline)
    }

    /// Which of the providers answer at all.
    pub(crate) async fn reachable(&self, session: &Session) -> BTreeMap<String, bool> {
        let mut answers = BTreeMap::new();
        for (provider, url) in &self.base_urls {
            answers.insert(provider.as_str().to_owned(), session.answers(url).await);
        }
        answers
    }
}

/// How an agent reaches its providers for one request.
pub struct Access<'a> {
    outside: &'a Outside,
    session: Session,
    credentials: &'a BTreeMap<String, String>,
    chosen: Option<&'a str>,
}

impl<'a> Access<'a> {
    pub(crate) fn new(
        outside: &'a Outside,
        session: Session,
        credentials: &'a BTreeMap<String, String>,
        chosen: Option<&'a str>,
    ) -> Self {
        Self { outside, session, credentials, chosen }
    }

    /// The user's connection to the one of these providers, of one API, that the step works with: the first where it does not say.
    ///
    /// # Errors
    /// As [`Access::connection`].
    pub fn connection_to_one(&self, of: [Provider; 2]) -> Result<Connection, AgentError> {
        let [preferred, other] = of;
        let provider = if self.chosen == Some(other.as_str()) { other } else { preferred };
        self.connection(provider)
    }

    /// The user's connection to a provider.
    ///
    /// # Errors
    /// [`AgentError::NoCredential`] when the user has not linked it, [`AgentError::NotOnCard`] when the agent's card does not
    /// name it.
    pub fn connection(&self, provider: Provider) -> Result<Connection, AgentError> {
        let base_url = self.outside.base_urls.get(&provider).ok_or(AgentError::NotOnCard { provider })?;
        let token = self.credentials.get(provider.as_str()).ok_or(AgentError::NoCredential { provider })?;
        Ok(Connection::new(provider, base_url, Token::new(token), self.session.clone()))
    }

    /// The user's bank data.
    ///
    /// # Errors
    /// As [`Access::connection`].
    pub fn plaid(&self) -> Result<plaid::Reader, AgentError> {
        let provider = Provider::Plaid;
        let app = self.outside.plaid.clone().ok_or(AgentError::NotOnCard { provider })?;
        Ok(plaid::Reader::new(self.connection(provider)?, app))
    }
}
