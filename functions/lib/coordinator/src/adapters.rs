//! One value that is all of a step Lambda's ports, put together from one adapter per outside system.

use events::{AgentId, AgentRequest, AgentResponse, ErrorClass};
use jiff::Timestamp;
use ports::{
    AgentFailure, AskAgent, Clock, Commit, CommitError, CompleteTask, Key, PortError, Read, Stored, Write,
};

/// The adapters of a step Lambda.
#[derive(Clone, Debug)]
pub struct Adapters<Table, Agents, Tokens, Time> {
    /// Holds the state.
    pub table: Table,
    /// Reaches the agents.
    pub agents: Agents,
    /// Completes waiting states.
    pub tokens: Tokens,
    /// Tells the time.
    pub clock: Time,
}

impl<T: Read + Sync, A: Sync + Send, K: Sync + Send, C: Sync + Send> Read for Adapters<T, A, K, C> {
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError> {
        self.table.read(keys).await
    }
}

impl<T: Commit + Sync, A: Sync + Send, K: Sync + Send, C: Sync + Send> Commit for Adapters<T, A, K, C> {
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        self.table.commit(writes).await
    }
}

impl<T: Sync + Send, A: AskAgent + Sync, K: Sync + Send, C: Sync + Send> AskAgent for Adapters<T, A, K, C> {
    async fn ask_agent(
        &self,
        agent: &AgentId,
        request: &AgentRequest,
    ) -> Result<AgentResponse, AgentFailure> {
        self.agents.ask_agent(agent, request).await
    }
}

impl<T: Sync + Send, A: Sync + Send, K: CompleteTask + Sync, C: Sync + Send> CompleteTask
    for Adapters<T, A, K, C>
{
    async fn succeed(&self, token: &str) -> Result<(), PortError> {
        self.tokens.succeed(token).await
    }

    async fn fail(&self, token: &str, class: ErrorClass, message: &str) -> Result<(), PortError> {
        self.tokens.fail(token, class, message).await
    }
}

impl<T: Sync + Send, A: Sync + Send, K: Sync + Send, C: Clock> Clock for Adapters<T, A, K, C> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
