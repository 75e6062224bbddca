//! The step coordinator: load, decide, let the agent act, settle. The step Lambdas are thin shells
//! around it, one per kind of step.
//!
//! A step's work is `engine::next` in a loop: each turn asks its agent for one thing, records what came of it, and decides again.
//! An effect's intent is written before the agent begins it and its end after, so that whatever dies in between is probed, never guessed.

mod agent;
mod alternate;
mod apart;
mod apply;
mod ask;
mod commit;
mod end;
mod failed;
mod help;
mod inputs;
mod settle;
mod step;
mod undo;
mod view;

pub use end::{change_run, change_run_beside, definition, function_of};
pub use failed::Failed;
pub use undo::UndoResult;
pub use view::View;

use jiff::SignedDuration;
use ports::{
    AskAgent, Clock, Commit, CompleteTask, FetchApart, KeepApart, Mode, OrderProviders, Read, StepWork,
};
use shell::Classified;
use statemachines::{Catalog, Workflow};

/// What a step's work needs from outside.
pub trait StepPorts:
    Read + Commit + KeepApart + FetchApart + AskAgent + OrderProviders + CompleteTask + Clock + Sync
{
}
impl<P: Read + Commit + KeepApart + FetchApart + AskAgent + OrderProviders + CompleteTask + Clock + Sync>
    StepPorts for P
{
}

/// The coordinator of one step Lambda.
pub struct Coordinator<P> {
    /// What it needs from outside.
    pub ports: P,
    /// The workflows it knows.
    pub catalog: Catalog,
    /// How it works.
    pub settings: Settings,
}

/// How the coordinator works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long an agent may take for one answer.
    pub agent_timeout: SignedDuration,
    /// How long one piece of work may take; less than the step Lambda's own timeout. No agent is asked that may not answer within
    /// it.
    pub work_timeout: SignedDuration,
    /// Where agents report while they work.
    pub progress: Option<ProgressSettings>,
}

/// Where and with what key agents report while they work.
#[derive(Clone)]
pub struct ProgressSettings {
    /// The API's address, without a slash at its end.
    pub api_url: String,
    /// The key of the short-lived tokens.
    pub key: String,
}

impl std::fmt::Debug for ProgressSettings {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProgressSettings").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

impl Settings {
    /// As the environment tells: `API_URL` and `PROGRESS_KEY`, without which agents report nothing while they work.
    #[must_use]
    pub fn from_env() -> Self {
        let api_url = shell::env::optional("API_URL").map(|url| url.trim_end_matches('/').to_owned());
        let progress = api_url.zip(shell::env::optional("PROGRESS_KEY"));
        Self { progress: progress.map(|(api_url, key)| ProgressSettings { api_url, key }), ..Self::default() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            agent_timeout: SignedDuration::from_secs(55),
            work_timeout: SignedDuration::from_secs(115),
            progress: None,
        }
    }
}

impl<P: StepPorts> Coordinator<P> {
    /// Executes a step, goes on after an answer, or waits until nothing is at work any more.
    ///
    /// # Errors
    /// [`Failed`] when the attempt failed and there is no token to say so.
    pub async fn work(&self, work: &StepWork) -> Result<(), Failed> {
        let result = match work.mode {
            Mode::Step => Box::pin(self.step(work)).await,
            Mode::Continue => Box::pin(self.proceed(work)).await,
            Mode::Drain => Box::pin(self.drain(work)).await,
            other => Err(Failed::misplaced("step", other)),
        };
        self.told(work, result).await
    }

    /// Shows a recovery alert, or goes on after its answer.
    ///
    /// # Errors
    /// As [`Coordinator::work`].
    pub async fn help(&self, work: &StepWork) -> Result<(), Failed> {
        let result = match work.mode {
            Mode::Help => Box::pin(self.alert(work)).await,
            Mode::ContinueHelp => Box::pin(self.helped(work)).await,
            other => Err(Failed::misplaced("alert", other)),
        };
        self.told(work, result).await
    }

    /// Asks the user to undo by hand, or goes on after the answer.
    ///
    /// # Errors
    /// As [`Coordinator::work`].
    pub async fn undo_by_hand(&self, work: &StepWork) -> Result<(), Failed> {
        let result = match work.mode {
            Mode::UndoAsk => Box::pin(self.ask_undo(work)).await,
            Mode::ContinueUndo => Box::pin(self.reversed(work)).await,
            other => Err(Failed::misplaced("undo by hand", other)),
        };
        self.told(work, result).await
    }

    /// In a token wait every failure leaves through the token, so that the state's own Retry and Catch apply to it.
    async fn told(&self, work: &StepWork, result: Result<(), Failed>) -> Result<(), Failed> {
        match (result, &work.token) {
            (Err(failed), Some(token)) => {
                let class = failed.class();
                tracing::warn!(run.id = %work.run_id, error.class = class.as_str(), "attempt of run {} failed", work.run_id);
                Ok(self.ports.fail(token, class, &failed.message()).await?)
            }
            (result, _) => result,
        }
    }

    /// The definition that a piece of work is pinned to.
    pub(crate) fn workflow(&self, work: &StepWork) -> Result<&Workflow, Failed> {
        let (id, version) = (&work.workflow, work.version);
        self.catalog
            .get(id, version)
            .ok_or_else(|| Failed::missing(format!("version {version} of workflow {id}")))
    }

    /// Completes a token, where there is one: an automated step that never waits has none and simply returns.
    pub(crate) async fn release(&self, token: Option<&str>) -> Result<(), Failed> {
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(self.ports.succeed(token).await?),
            None => Ok(()),
        }
    }
}
