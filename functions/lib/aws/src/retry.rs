//! Trying again what the SDK does not: transactions in each other's way and reads answered in part.

use std::time::Duration;

/// How often a call is made at most.
pub(crate) const ATTEMPTS: u32 = 5;

/// The longest pause before the second call; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// Waits before attempt `attempt` (from 1), half of it by chance so that rivals part.
pub(crate) async fn pause(attempt: u32) {
    let longest = FIRST_PAUSE * 2_u32.saturating_pow(attempt.saturating_sub(1));
    tokio::time::sleep(longest.mul_f64(fastrand::f64().midpoint(1.0))).await;
}
