//! Which transition, past which threshold, tells each kind of event of a run. Rendered into `docs/generated/events.md`.

use crate::workflow::{EventType, Severity};
use EventType as T;
use Severity::{Error, Info, Success, Warning};

/// What tells an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The event.
    pub event: EventType,
    /// The changes of a run that tell it (`engine::Change`), or who else does.
    pub by: &'static [&'static str],
    /// When a change tells it and when not.
    pub when: &'static str,
    /// How much it matters: the severities that it can have.
    pub severities: &'static [Severity],
    /// Whether it asks something of the user.
    pub asks: bool,
}

/// Every kind of event, in the order of [`EventType::ALL`].
pub const TOLD: [Told; 16] = [
    told(
        T::WorkflowStarted,
        &["begin"],
        "its execution runs: the first time, and each time it is taken up again",
        &[Info],
    ),
    told(
        T::WorkflowCompleted,
        &["settle"],
        "with this step every step on the run's path is settled",
        &[Success],
    ),
    told(
        T::WorkflowFailed,
        &["refuse", "end", "finish"],
        "a check failed, it was ended before it began anything, or all that was to be undone is",
        &[Warning, Error],
    ),
    told(T::StepStarted, &["start"], "the first attempt; not those after it", &[Info]),
    told(
        T::StepProgress,
        &["the agent", "proceed", "undo"],
        "an agent's report, at most one a second; a step that goes on after an answer; the first attempt to undo",
        &[Info, Warning],
    ),
    Told {
        asks: true,
        ..told(
            T::StepWaitingUser,
            &["ask", "ask-undo", "the watchdog"],
            "it asks and waits, with `details.again` where it waits on with nothing new; and at each reminder",
            &[Info, Warning],
        )
    },
    told(
        T::StepCompleted,
        &["settle", "undone", "reversed"],
        "it is settled, left out, or undone as a whole: `details.outcome` says which, `details.fees` what providers charged once",
        &[Success, Info, Warning],
    ),
    told(
        T::StepFailed,
        &["fail", "undone", "reversed"],
        "no other attempt follows by itself, or something of it could not be undone",
        &[Error],
    ),
    told(
        T::StepRetrying,
        &["fail", "helped"],
        "another attempt follows by itself, or after help",
        &[Warning, Info],
    ),
    told(
        T::SavingsAchieved,
        &["settle", "a later simulation"],
        "once for every saving, amount put aside or income of an item that is done; once more when it is seen in later charges",
        &[Success],
    ),
    told(
        T::RiskReduced,
        &["settle", "the completion"],
        "once for every item that made a risk smaller; once for a completed run that lengthens the runway",
        &[Success],
    ),
    told(
        T::GoalProgressed,
        &["the completion"],
        "a completed run with a confirmed amount, and a goal of a kind that the workflow serves",
        &[Success],
    ),
    told(
        T::DependencyIssue,
        &["hold"],
        "a dependency is down before the run begins; it waits for it",
        &[Warning],
    ),
    told(T::PartialSuccess, &["settle"], "at least one item of the step is not done", &[Warning]),
    Told {
        asks: true,
        ..told(
            T::ManualReview,
            &["alert", "finish"],
            "a step needs help; or something could not be undone at the end",
            &[Warning, Error],
        )
    },
    told(T::RunStateChanged, &["every change"], "the run enters another state; never without one", &[Info]),
];

const fn told(
    event: EventType,
    by: &'static [&'static str],
    when: &'static str,
    severities: &'static [Severity],
) -> Told {
    Told { event, by, when, severities, asks: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_in_the_table_in_order() {
        assert_eq!(TOLD.map(|told| told.event), EventType::ALL);
        assert!(TOLD.iter().all(|told| !told.by.is_empty() && !told.severities.is_empty()));
    }
}
