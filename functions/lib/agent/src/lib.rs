//! What an agent is, and the Lambda shell that makes one of it.
//!
//! An agent implements [`Agent`]: what it looks at (`Sources`), what it changes things with (`Effects`), one typed effect,
//! and five operations. The shell parses requests, hands each operation no more than it may use, begins no effect after the
//! deadline, turns errors into outcomes ([`Outcome::Unknown`](events::Outcome::Unknown) whenever an effect may have happened),
//! and posts progress while the agent works.
//!
//! ```no_run
//! # async fn main_of(agent: impl agent::Agent) -> Result<(), shell::Error> {
//! agent::run(agent).await
//! # }
//! ```
#![expect(
    async_fn_in_trait,
    reason = "agents are used with known types on one thread, where no Send bound is wanted"
)]

mod access;
mod bank;
mod card;
mod contract;
mod dispatch;
mod error;
mod outcome;
mod progress;
mod task;

pub use access::{Access, Outside, OutsideError};
pub use bank::BankData;
pub use card::Card;
pub use contract::{Agent, NoEffect, Report};
pub use dispatch::{answer, run};
pub use error::AgentError;
pub use outcome::{done_of, impacts, monthly_total, monthly_total_or_nothing};
pub use progress::{Progress, Update};
pub use task::{Item, Task, Worked};
