//! Plaid: accounts, transactions and recurring streams (<https://plaid.com/docs/api>, version 2020-09-14).

mod error;
mod wire;

use crate::connection::Connection;
use crate::error::{Cause, ProviderError};
use finance::transaction::{Account, Transaction};
use http::Request;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;

pub use wire::{RecurringStream, Streams};

/// Looks at accounts.
pub trait Accounts {
    /// All linked accounts with the balances the bank reported last.
    async fn accounts(&self) -> Result<Vec<Account>, ProviderError>;
}

/// Looks at transactions.
pub trait Transactions {
    /// All transactions of the linked accounts, pending ones included, as of now.
    async fn transactions(&self) -> Result<Vec<Transaction>, ProviderError>;
}

/// Looks at what the bank data provider itself finds recurring.
pub trait RecurringStreams {
    /// Streams of income and of expenses of the last 12 months.
    async fn recurring(&self) -> Result<Streams, ProviderError>;
}

/// The application's own credentials.
#[derive(Clone)]
pub struct AppCredentials {
    /// Plaid's `client_id`.
    pub client_id: String,
    /// Plaid's `secret`.
    pub secret: String,
}

impl fmt::Debug for AppCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppCredentials(…)")
    }
}

/// Looks at bank data; Plaid's API for it changes nothing.
#[derive(Clone)]
pub struct Reader {
    connection: Connection,
    app: AppCredentials,
}

/// How many transactions a page has; Plaid's maximum.
const PAGE: u32 = 500;

/// A year and a month, so that a yearly charge is seen twice as often as chance allows.
const DAYS_REQUESTED: u32 = 396;

/// How often a sync that the bank's data changed under is begun again.
const RESTARTS: u32 = 3;

impl Reader {
    /// Over a connection to [`crate::Provider::Plaid`].
    #[must_use]
    pub fn new(connection: Connection, app: AppCredentials) -> Self {
        Self { connection, app }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ProviderError> {
        let request = Request::post(self.connection.url(path))
            .header(CONTENT_TYPE, "application/json")
            .header("plaid-version", "2020-09-14")
            .header("plaid-client-id", &self.app.client_id)
            .header("plaid-secret", &self.app.secret)
            .body(self.connection.encode(body)?);
        let answer = self.connection.send(request).await?;
        if answer.status.is_success() {
            return self.connection.decode(&answer.body);
        }
        Err(self.connection.error(error::cause(&answer)))
    }

    /// One sync from the beginning.
    async fn sync(&self) -> Result<BTreeMap<String, wire::Transaction>, ProviderError> {
        let mut cursor: Option<String> = None;
        let mut found = BTreeMap::new();
        loop {
            let request = wire::SyncRequest {
                access_token: self.connection.token().reveal(),
                cursor: cursor.as_deref(),
                count: PAGE,
                options: wire::SyncOptions {
                    include_original_description: true,
                    days_requested: DAYS_REQUESTED,
                },
            };
            let page: wire::SyncPage = self.post("/transactions/sync", &request).await?;
            if page.has_more && cursor.as_deref() == Some(page.next_cursor.as_str()) {
                let what = "a page that leads to itself".to_owned();
                return Err(self.connection.error(Cause::Garbled { what }));
            }
            for one in page.added.into_iter().chain(page.modified) {
                found.insert(one.transaction_id.clone(), one);
            }
            for gone in page.removed {
                found.remove(&gone.transaction_id);
            }
            if !page.has_more {
                return Ok(found);
            }
            cursor = Some(page.next_cursor);
        }
    }
}

impl Accounts for Reader {
    async fn accounts(&self) -> Result<Vec<Account>, ProviderError> {
        let request = wire::TokenRequest { access_token: self.connection.token().reveal() };
        let answer: wire::AccountsAnswer = self.post("/accounts/get", &request).await?;
        let accounts = answer.accounts.into_iter().filter_map(|account| account.into_domain().transpose());
        accounts.collect::<Result<_, _>>().map_err(|bad: wire::BadAmount| self.connection.error(bad.into()))
    }
}

impl Transactions for Reader {
    async fn transactions(&self) -> Result<Vec<Transaction>, ProviderError> {
        let mut restarts = 0;
        let found = loop {
            match self.sync().await {
                // Pages of two states of the data must not be mixed: Plaid asks to begin again at the first cursor.
                Err(error) if error::changed_meanwhile(&error) && restarts < RESTARTS => restarts += 1,
                // A bank that does not come to rest is one to come back to later.
                Err(error) if error::changed_meanwhile(&error) => {
                    return Err(self.connection.error(Cause::Down { status: 400 }));
                }
                other => break other?,
            }
        };
        let transactions = found.into_values().filter_map(|one| one.into_domain().transpose());
        transactions
            .collect::<Result<_, _>>()
            .map_err(|bad: wire::BadAmount| self.connection.error(bad.into()))
    }
}

impl RecurringStreams for Reader {
    async fn recurring(&self) -> Result<Streams, ProviderError> {
        let request = wire::TokenRequest { access_token: self.connection.token().reveal() };
        let answer: wire::RecurringAnswer = self.post("/transactions/recurring/get", &request).await?;
        answer.into_domain().map_err(|bad| self.connection.error(bad.into()))
    }
}
