//! What a user has achieved.

use crate::envelope::Event;
use crate::ids::RunId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `achievement.unlocked`: a rule came true of what was confirmed or realised for a user; once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AchievementUnlocked {
    /// The rule.
    pub achievement_id: String,
    /// Name shown to the user.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The figures that made it true, in words.
    pub reason: String,
    /// The run that it came true with, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

impl Event for AchievementUnlocked {
    fn detail_type(&self) -> &'static str {
        "achievement.unlocked"
    }
}
