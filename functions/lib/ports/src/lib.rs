//! What the functions need from outside, one trait per verb, so that a handler's bounds read like its permissions.
//! `aws` implements them; `memory` is the same in memory, for tests and the simulator.

mod adapters;
mod live;
#[cfg(feature = "memory")]
pub mod memory;
mod outreach;
mod record;
mod unread;
mod work;

pub use adapters::Adapters;
pub use live::tell_live;
pub use outreach::{HandOver, Heard, NewSecret, PushLive, Schedule, SendEmail, SendError, SendPush, SendSms};
pub use record::{Guard, Key, OUTCOME_OVERDUE, Record, Slot, Stored, Write};
pub use unread::{keep_event, keep_unread};
pub use work::{Done, Mode, StepFunction, StepWork};

use engine::{Apart, Out, StepRecord};
use events::{AgentId, AgentRequest, AgentResponse, ErrorClass, RunId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The platform did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It could not be reached or refused for now; nothing is known to have happened.
    #[error("{operation} did not go through: {reason}")]
    Unavailable {
        /// The verb.
        operation: &'static str,
        /// The platform's word, without payloads.
        reason: String,
    },
    /// What was stored cannot be read as what it should be.
    #[error("the record {key} cannot be read")]
    Unreadable {
        /// Which.
        key: String,
    },
    /// A record is larger than a table takes; nothing was written.
    #[error("the record {key} is too large to be written")]
    TooLarge {
        /// Which.
        key: String,
    },
}

impl PortError {
    /// What kind of failure it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Unavailable { .. } => ErrorClass::Interrupted,
            Self::Unreadable { .. } | Self::TooLarge { .. } => ErrorClass::Defect,
        }
    }
}

/// A conditional write was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CommitError {
    /// A record was not as assumed; nothing was written.
    #[error("record {index} of the write is not as it was read")]
    Conflict {
        /// The place in the list of writes.
        index: usize,
    },
    /// See [`PortError`].
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Reads records, strongly consistent. One call for all keys.
#[trait_variant::make(Send)]
pub trait Read {
    /// The records that exist, in no order.
    async fn read(&self, keys: &[Key]) -> Result<Vec<Stored>, PortError>;
}

/// Writes records: all or none. One call.
#[trait_variant::make(Send)]
pub trait Commit {
    /// Writes all or none.
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError>;
}

/// Keeps the long outputs of a step apart from its record.
#[trait_variant::make(Send)]
pub trait KeepApart {
    /// Keeps them, as JSON; keeping the same again changes nothing. `false`: they are not kept, because the record is short
    /// enough with them.
    async fn keep_apart(&self, record: &StepRecord, apart: &Apart, text: String) -> Result<bool, PortError>;
}

/// Fetches what is kept apart.
#[trait_variant::make(Send)]
pub trait FetchApart {
    /// What was kept, as JSON.
    async fn fetch_apart(&self, apart: &Apart) -> Result<String, PortError>;
}

/// Adds an event to a run that changes no state, if the run is still in this epoch.
#[trait_variant::make(Send)]
pub trait Report {
    /// `false`: the run is gone, or in another epoch.
    async fn report(&self, run: &RunId, epoch: u32, out: Out) -> Result<bool, PortError>;
}

/// Lists records of one partition whose sort key begins with a prefix, in the listing's order.
#[trait_variant::make(Send)]
pub trait List {
    /// At most `limit` records that come after the sort key `after` in that order.
    async fn list(
        &self,
        list: Listing,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Stored>, PortError>;
}

/// What can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// A user's runs, the newest first.
    UserRuns(UserId),
    /// A user's recommendations, the latest day first.
    Recommendations(UserId),
    /// Everything of a run but its events.
    Run(RunId),
    /// A run's events, by number.
    Events(RunId),
    /// What a user was told, the newest first.
    Notices(UserId),
    /// How a user's notices fare by e-mail, the oldest first.
    Mailed(UserId),
    /// What a user's completed runs brought, the earliest first.
    Impacts(UserId),
    /// A user's achievements.
    Achievements(UserId),
    /// The runs that ended on a day, the latest first.
    Ended(Date),
    /// What came in and could not be read.
    Unread,
}

impl Listing {
    /// The partition key and the prefix of the sort key.
    pub fn partition(&self) -> (String, &'static str) {
        match self {
            Self::UserRuns(user) => (format!("USER#{user}"), "RUN#"),
            Self::Recommendations(user) => (format!("USER#{user}"), "REC#"),
            Self::Run(run) => (format!("RUN#{run}"), ""),
            Self::Events(run) => (format!("EVENTS#{run}"), ""),
            Self::Notices(user) => (format!("USER#{user}"), "NOTICE#"),
            Self::Mailed(user) => (format!("USER#{user}"), "SENT#email#"),
            Self::Impacts(user) => (format!("USER#{user}"), "IMPACT#"),
            Self::Achievements(user) => (format!("USER#{user}"), "ACHIEVEMENT#"),
            Self::Ended(day) => (format!("ENDED#{day}"), ""),
            Self::Unread => ("UNREAD".to_owned(), ""),
        }
    }

    /// Whether it goes from the last sort key to the first.
    pub fn is_descending(&self) -> bool {
        matches!(self, Self::UserRuns(_) | Self::Recommendations(_) | Self::Notices(_) | Self::Ended(_))
    }
}

/// Finds records that the sweep must look at.
#[trait_variant::make(Send)]
pub trait FindDue {
    /// At most `limit` records that are due, soonest first.
    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Stored>, PortError>;
}

/// Asks an agent's Lambda and waits for the answer.
#[trait_variant::make(Send)]
pub trait AskAgent {
    /// The agent's answer, or how it failed.
    async fn ask_agent(&self, agent: &AgentId, request: &AgentRequest)
    -> Result<AgentResponse, AgentFailure>;
}

/// An agent failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{agent}: {message}")]
pub struct AgentFailure {
    /// The agent.
    pub agent: AgentId,
    /// What kind of failure.
    pub class: ErrorClass,
    /// One sentence for the user.
    pub message: String,
    /// The agent itself said so, or was never reached: it is not at work any more, and its class says whether it began anything.
    /// Otherwise nothing is known of what it does until its deadline.
    pub at_rest: bool,
}

/// Invokes a step Lambda without waiting, to go on after a decision.
#[trait_variant::make(Send)]
pub trait ContinueStep {
    /// Hands the work over; at least once.
    async fn continue_step(&self, function: StepFunction, work: &StepWork) -> Result<(), PortError>;
}

/// Completes a waiting Task state. `TaskTimedOut` and `TaskDoesNotExist` mean that it was completed already: no error.
#[trait_variant::make(Send)]
pub trait CompleteTask {
    /// The state succeeds.
    async fn succeed(&self, token: &str) -> Result<(), PortError>;
    /// The state fails with a class, for its own Retry and Catch.
    async fn fail(&self, token: &str, class: ErrorClass, message: &str) -> Result<(), PortError>;
}

/// Starts the execution of a run; starting the same again is no error.
#[trait_variant::make(Send)]
pub trait StartExecution {
    /// Starts the machine of the workflow's version under the name `<run>-<epoch>`.
    async fn start_execution(&self, run: &engine::Run) -> Result<(), PortError>;
}

/// Tells how the execution of a run is.
#[trait_variant::make(Send)]
pub trait DescribeExecution {
    /// Its state; `None` when there is none.
    async fn describe_execution(&self, run: &engine::Run) -> Result<Option<ExecutionState>, PortError>;
}

/// The state of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionState {
    /// It runs.
    Running,
    /// It ended, well or not.
    Ended,
}

/// Invokes a function of this system and waits for its answer.
#[trait_variant::make(Send)]
pub trait Invoke {
    /// The function's JSON answer, or its error's class and message.
    async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, InvokeError>;
}

/// An invoked function failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {message}")]
pub struct InvokeError {
    /// The function.
    pub function: String,
    /// What kind of failure.
    pub class: ErrorClass,
    /// One sentence.
    pub message: String,
}

/// Puts events on the bus.
#[trait_variant::make(Send)]
pub trait Publish {
    /// Puts all entries; the indices of those that were refused.
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<usize>, PortError>;
}

/// One event for the bus.
#[derive(Clone, Debug, PartialEq)]
pub struct BusEntry {
    /// The `detail-type`.
    pub detail_type: String,
    /// The `detail`: an envelope.
    pub detail: Value,
}

/// Reads the table's stream again.
#[trait_variant::make(Send)]
pub trait ReadStream {
    /// The records of a part of it, oldest first; they are kept for a day.
    async fn read_stream(&self, part: &StreamPart) -> Result<Vec<Value>, PortError>;
}

/// A part of the table's stream, as the platform names the one that it gave up on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamPart {
    /// The stream.
    pub stream_arn: String,
    /// The shard.
    pub shard_id: String,
    /// The sequence number of its first record.
    pub start_sequence_number: String,
    /// That of its last.
    pub end_sequence_number: String,
    /// How many records it has.
    pub batch_size: usize,
}

/// Looks through what no retry could handle.
#[trait_variant::make(Send)]
pub trait LookThroughFailures {
    /// Those that nobody else is looking at right now, the oldest first as far as the queue knows; no more than so many.
    async fn failures(&self, most: usize) -> Result<Vec<DeadLetter>, PortError>;
    /// One of the first so many that nobody else is looking at; nobody else finds it for a while.
    async fn hold_failure(&self, id: &str, most: usize) -> Result<Option<DeadLetter>, PortError>;
    /// Takes one that is held out of the queue, by its receipt.
    async fn remove_failure(&self, receipt: &str) -> Result<(), PortError>;
}

/// A message of the failure queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id.
    pub id: String,
    /// By which it is taken out, for as long as it is hidden from others.
    pub receipt: String,
    /// When it came there.
    pub at: Timestamp,
    /// What it says: the platform's record of a failed invocation, or an event that could not be delivered.
    pub body: String,
    /// What the bus says of an event that it could not deliver: to whom (`TARGET_ARN`), and why (`ERROR_CODE`).
    pub attributes: BTreeMap<String, String>,
}

/// Says which of providers that can stand in for each other is tried first.
#[trait_variant::make(Send)]
pub trait OrderProviders {
    /// The same providers, the best first.
    async fn order_providers(&self, providers: &[String]) -> Vec<String>;
}

/// The order that the catalog gives.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogOrder;

impl OrderProviders for CatalogOrder {
    async fn order_providers(&self, providers: &[String]) -> Vec<String> {
        providers.to_vec()
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
