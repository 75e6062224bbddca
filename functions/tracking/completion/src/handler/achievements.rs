//! Achievements that come true: each is written once, with the event that tells of it.

use engine::history::unlocked;
use engine::{Achieved, Out, RunImpact};
use events::{RunId, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ports::{Record, Write};
use std::collections::BTreeSet;

/// The writes of what comes true of a user's runs and was not before.
pub(super) fn awards(
    runs: &[RunImpact],
    before: &BTreeSet<String>,
    user: &UserId,
    run: Option<&RunId>,
    now: Timestamp,
) -> Vec<Write> {
    let unlocked = unlocked(runs, before, run, now.to_zoned(TimeZone::UTC).date()).unwrap_or_else(|error| {
        // A rule is no reason to keep a household's impact from it.
        tracing::error!(error = %error, "a rule for an achievement cannot be evaluated");
        Vec::new()
    });
    let award = |it: events::AchievementUnlocked| {
        let record = Achieved { user_id: user.clone(), unlocked: it.clone(), at: now };
        Write::create(Record::Achievement(record)).telling([Out::Unlocked(it)])
    };
    unlocked.into_iter().map(award).collect()
}
