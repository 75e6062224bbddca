//! The platform's own failure: it ends an agent's process while a provider holds the call that the agent makes.

use crate::aws::Aws;
use crate::sandbox::Sandbox;

/// Ends agents' processes in the middle of their calls.
pub(crate) struct Interruption<'a> {
    aws: &'a Aws,
    sandbox: &'a Sandbox,
    user: &'a str,
    /// Whose calls are held, by the user's fault rules in their order.
    agents: &'a [&'static str],
    /// How many calls each rule has held so far.
    held: Vec<u64>,
}

impl<'a> Interruption<'a> {
    pub(crate) fn new(aws: &'a Aws, sandbox: &'a Sandbox, user: &'a str, agents: &'a [&'static str]) -> Self {
        Self { aws, sandbox, user, agents, held: vec![0; agents.len()] }
    }

    /// Ends the process of the agent whose call has come to be held since this was last called; that agent.
    pub(crate) async fn strike(&mut self) -> anyhow::Result<Option<&'static str>> {
        if self.agents.is_empty() {
            return Ok(None);
        }
        let hits = self.sandbox.hits(self.user).await?;
        for ((agent, held), hits) in self.agents.iter().zip(&mut self.held).zip(hits) {
            if hits > *held {
                *held = hits;
                self.aws.end_processes(agent).await?;
                return Ok(Some(agent));
            }
        }
        Ok(None)
    }
}
