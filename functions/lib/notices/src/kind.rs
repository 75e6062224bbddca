//! The kinds of notice, and how much each matters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A step waits for the user.
    Question,
    /// It still does.
    Reminder,
    /// A run is paused until its user helps.
    Help,
    /// The user is asked to undo something by hand.
    ByHand,
    /// A run is completed.
    Completed,
    /// A run was stopped, and what it did is kept.
    Stopped,
    /// A run could not be started.
    Failed,
    /// A run was undone.
    RolledBack,
    /// A run ended with something that could not be undone.
    NeedsAttention,
    /// Money is saved.
    Savings,
    /// A risk is smaller.
    RiskReduced,
    /// A goal came nearer.
    GoalProgress,
    /// A part of a step was left out.
    Partial,
    /// A run waits for a service that is down.
    Held,
    /// The user achieved something.
    Achievement,
    /// What to do next.
    Suggestion,
    /// What a simulation recommends.
    Recommendation,
    /// Several notices in one.
    Digest,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Nice to know; an e-mail of it waits for the digest.
    Low,
    /// Worth a message of its own, in waking hours.
    Normal,
    /// At once, at any hour, whatever is switched off; the only kind that goes by SMS.
    Critical,
}

impl NoticeKind {
    /// Every kind a user can switch off.
    pub const ALL: [Self; 17] = [
        Self::Question,
        Self::Reminder,
        Self::Help,
        Self::ByHand,
        Self::Completed,
        Self::Stopped,
        Self::Failed,
        Self::RolledBack,
        Self::NeedsAttention,
        Self::Savings,
        Self::RiskReduced,
        Self::GoalProgress,
        Self::Partial,
        Self::Held,
        Self::Achievement,
        Self::Suggestion,
        Self::Recommendation,
    ];

    /// How much it matters.
    pub fn urgency(self) -> Urgency {
        match self {
            Self::NeedsAttention => Urgency::Critical,
            Self::Question
            | Self::Reminder
            | Self::Help
            | Self::ByHand
            | Self::Completed
            | Self::Stopped
            | Self::Failed
            | Self::RolledBack
            | Self::Digest => Urgency::Normal,
            Self::Savings
            | Self::RiskReduced
            | Self::GoalProgress
            | Self::Partial
            | Self::Held
            | Self::Achievement
            | Self::Suggestion
            | Self::Recommendation => Urgency::Low,
        }
    }

    /// Whether it goes by SMS, and nothing holds it back.
    pub fn is_critical(self) -> bool {
        self.urgency() == Urgency::Critical
    }
}
