//! What the API needs from outside.

use crate::auth::{FetchKeys, KeysUnavailable, Newcomer, Session, SignIn, SignInError};
use crate::proofs::KeepProofs;
use engine::Out;
use events::RunId;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use ports::{
    Clock, Commit, CommitError, ContinueStep, DeadLetter, FindDue, HandOver, Invoke, InvokeError, Key, List,
    Listing, LookThroughFailures, PortError, Read, Report, StepFunction, StepWork, Stored, Write,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything the API needs from outside; each route's bounds say what it needs of it.
pub trait Outside:
    Read
    + Commit
    + Report
    + List
    + FindDue
    + Invoke
    + ContinueStep
    + FetchKeys
    + SignIn
    + KeepProofs
    + LookThroughFailures
    + HandOver
    + Clock
    + Send
    + Sync
    + 'static
{
}
impl<P> Outside for P where
    P: Read
        + Commit
        + Report
        + List
        + FindDue
        + Invoke
        + ContinueStep
        + FetchKeys
        + SignIn
        + KeepProofs
        + LookThroughFailures
        + HandOver
        + Clock
        + Send
        + Sync
        + 'static
{
}

/// An adapter: shared by all calls.
trait Port: Send + Sync {}
impl<P: Send + Sync> Port for P {}

/// Seven adapters as one.
pub struct Adapters<T, F, K, U, V, Q, C> {
    /// The table.
    pub table: T,
    /// The functions.
    pub functions: F,
    /// The issuer's keys.
    pub keys: K,
    /// The user pool.
    pub pool: U,
    /// The files that prove things.
    pub proofs: V,
    /// The failure queue.
    pub failures: Q,
    /// The clock.
    pub clock: C,
}

impl<T: Read + Port, F: Port, K: Port, U: Port, V: Port, Q: Port, C: Port> Read
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        self.table.read(keys).await
    }
}

impl<T: Commit + Port, F: Port, K: Port, U: Port, V: Port, Q: Port, C: Port> Commit
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        self.table.commit(writes).await
    }
}

impl<T: Report + Port, F: Port, K: Port, U: Port, V: Port, Q: Port, C: Port> Report
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn report(&self, run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError> {
        self.table.report(run, epoch, out).await
    }
}

impl<T: List + Port, F: Port, K: Port, U: Port, V: Port, Q: Port, C: Port> List
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn list(
        &self,
        list: Listing,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Stored>, PortError> {
        self.table.list(list, after, limit).await
    }
}

impl<T: FindDue + Port, F: Port, K: Port, U: Port, V: Port, Q: Port, C: Port> FindDue
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError> {
        self.table.find_due(now, limit).await
    }
}

impl<T: Port, F: Invoke + Port, K: Port, U: Port, V: Port, Q: Port, C: Port> Invoke
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError> {
        self.functions.invoke(function, payload).await
    }
}

impl<T: Port, F: ContinueStep + Port, K: Port, U: Port, V: Port, Q: Port, C: Port> ContinueStep
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError> {
        self.functions.continue_step(function, work).await
    }
}

impl<T: Port, F: HandOver + Port, K: Port, U: Port, V: Port, Q: Port, C: Port> HandOver
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn hand_over(&self, function: &str, payload: &Value) -> Result<(), PortError> {
        self.functions.hand_over(function, payload).await
    }
}

impl<T: Port, F: Port, K: Port, U: Port, V: Port, Q: LookThroughFailures + Port, C: Port> LookThroughFailures
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn failures(&self, most: usize) -> Result<Vec<DeadLetter>, PortError> {
        self.failures.failures(most).await
    }

    async fn hold_failure(&self, id: &str, most: usize) -> Result<Option<DeadLetter>, PortError> {
        self.failures.hold_failure(id, most).await
    }

    async fn remove_failure(&self, receipt: &str) -> Result<(), PortError> {
        self.failures.remove_failure(receipt).await
    }
}

impl<T: Port, F: Port, K: FetchKeys + Port, U: Port, V: Port, Q: Port, C: Port> FetchKeys
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn fetch_keys(&self) -> Result<JwkSet, KeysUnavailable> {
        self.keys.fetch_keys().await
    }
}

impl<T: Port, F: Port, K: Port, U: SignIn + Port, V: Port, Q: Port, C: Port> SignIn
    for Adapters<T, F, K, U, V, Q, C>
{
    async fn sign_in(&self, name: &str, password: &str) -> Result<Session, SignInError> {
        self.pool.sign_in(name, password).await
    }

    async fn choose_password(&self, who: &Newcomer, password: &str) -> Result<Session, SignInError> {
        self.pool.choose_password(who, password).await
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Session, SignInError> {
        self.pool.refresh(refresh_token).await
    }

    async fn sign_out(&self, refresh_token: &str) -> Result<(), SignInError> {
        self.pool.sign_out(refresh_token).await
    }
}

impl<T: Port, F: Port, K: Port, U: Port, V: KeepProofs + Port, Q: Port, C: Port> KeepProofs
    for Adapters<T, F, K, U, V, Q, C>
{
    fn address(&self) -> String {
        self.proofs.address()
    }

    fn largest(&self) -> u64 {
        self.proofs.largest()
    }

    async fn form(
        &self,
        key: &str,
        then: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, PortError> {
        self.proofs.form(key, then, now).await
    }

    async fn link(&self, key: &str, name: &str, now: Timestamp) -> Result<String, PortError> {
        self.proofs.link(key, name, now).await
    }

    async fn holds(&self, key: &str, now: Timestamp) -> Result<bool, PortError> {
        self.proofs.holds(key, now).await
    }
}

impl<T: Port, F: Port, K: Port, U: Port, V: Port, Q: Port, C: Clock> Clock for Adapters<T, F, K, U, V, Q, C> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
