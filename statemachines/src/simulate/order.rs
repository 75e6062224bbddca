//! What an execution asks of whoever drives it.

use crate::asl::Retry;
use serde_json::Value;

/// One call of an execution: every attempt of every Task has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u64);

/// What is to be done for an execution.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A call is to be made.
    Call(Call),
    /// A timer is to be set. One that is no longer needed does nothing when it fires.
    Timer(Timer),
}

/// A function is to be called.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The call.
    pub id: CallId,
    /// The state.
    pub state: String,
    /// The function, a `${…}` substitution of the template.
    pub function: String,
    /// What it is called with.
    pub payload: Value,
    /// Which attempt of this entry of the state, from 1.
    pub attempt: u32,
    /// A wait: the function's result is not the state's; what is sent back with this token is.
    pub token: Option<String>,
}

/// A timer of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timer {
    /// The attempt failed and the next one begins after a time from `least` to `most`, in milliseconds.
    Retry {
        /// The call that failed.
        call: CallId,
        /// The shortest wait.
        least: u64,
        /// The longest wait.
        most: u64,
    },
    /// The attempt has taken too long after so many seconds.
    Timeout {
        /// The call that takes too long.
        call: CallId,
        /// Its `TimeoutSeconds`.
        seconds: u32,
    },
}

/// The shortest and the longest wait before the next retry, in milliseconds, after so many.
pub(super) fn delay(retry: &Retry, used: u32) -> (u64, u64) {
    let most = retry.max_delay_seconds.map_or(u64::MAX, |most| u64::from(most) * 1_000);
    let mut delay = u64::from(retry.interval_seconds) * 1_000;
    for _ in 0..used {
        delay = times(delay, retry.backoff_rate).min(most);
    }
    let delay = delay.min(most);
    if retry.jitter_strategy == "FULL" { (0, delay) } else { (delay, delay) }
}

/// A wait times a rate. Waits are below the largest `MaxDelaySeconds`, rates are small and positive.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a wait in milliseconds is far below what a double holds exactly, and positive"
)]
fn times(delay: u64, rate: f64) -> u64 {
    (delay as f64 * rate) as u64
}
