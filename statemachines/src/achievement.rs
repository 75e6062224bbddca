//! Achievements: rules about what a user has confirmed and realised, as data. One file each in `achievements/`.
//!
//! A rule is CEL over `history`: `completed` (runs), `workflows` (the ids of those that brought something), `goal_tenths` (the most
//! that a year of one run adds to its goal, in tenths of a percent), and amounts a month: `confirmed`, `realised`, `set_aside`,
//! `income` and their `total`; `amount` is the total in minor units. What is only promised is no part of it.

use crate::expr::{ExprError, Program, Variables};
use events::json::from_slice;
use serde::{Deserialize, Serialize};

/// One file, as JSON.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/achievements.rs"));

/// A rule for an achievement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Achievement {
    /// Its name in addresses and records; the file's.
    pub id: String,
    /// Shown to the user.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// CEL, a boolean: whether it is achieved.
    pub when: String,
    /// CEL, a text: the figures that made it true.
    pub reason: String,
}

impl Achievement {
    /// Every rule, by id. One that cannot be read is left out; the tests rule that out.
    pub fn all() -> Vec<Self> {
        SOURCES.iter().filter_map(|(_, json)| from_slice(json.as_bytes()).ok()).collect()
    }

    /// Why it is achieved; nothing while it is not.
    ///
    /// # Errors
    /// [`ExprError`] of an expression without a value of the right kind.
    pub fn reason(&self, history: &Variables) -> Result<Option<String>, ExprError> {
        if !Program::compile(&self.when)?.boolean(history)? {
            return Ok(None);
        }
        Program::compile(&self.reason)?.text(history).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn history(confirmed: i64, realised: i64) -> Value {
        let usd = |cents: i64| json!({ "minor": cents, "currency": "USD" });
        json!({ "history": {
            "completed": 1, "workflows": ["a"], "goal_tenths": 23, "confirmed": usd(confirmed), "realised": usd(realised),
            "set_aside": usd(0), "income": usd(0), "total": usd(confirmed), "amount": confirmed,
        }})
    }

    fn unlocked(history: &Value) -> Vec<(String, String)> {
        let variables = Variables::of(history);
        let reason = |it: Achievement| Some((it.id.clone(), it.reason(&variables).unwrap()?));
        Achievement::all().into_iter().filter_map(reason).collect()
    }

    #[test]
    fn every_file_is_a_rule_named_after_it() {
        assert_eq!(Achievement::all().len(), SOURCES.len());
        for (rule, (file, _)) in Achievement::all().iter().zip(SOURCES) {
            assert_eq!(*file, format!("achievements/{}.yaml", rule.id));
        }
    }

    #[test]
    fn rules_come_true_of_what_is_confirmed_and_realised() {
        assert_eq!(unlocked(&history(0, 0)), []);
        let first = ("first-step".to_owned(), "a first workflow brought $99.99 a month".to_owned());
        assert_eq!(unlocked(&history(9_999, 0)), [first]);
        let names = |it: Vec<(String, String)>| it.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(names(unlocked(&history(10_000, 0))), ["first-step", "hundred-a-month"]);
        assert_eq!(
            names(unlocked(&history(50_000, 8_334))),
            [
                "first-step",
                "five-hundred-a-month",
                "hundred-a-month",
                "seen-on-the-statement",
                "thousand-a-year"
            ]
        );
    }

    #[test]
    fn every_rule_can_come_true() {
        let mut history = history(60_000, 60_000);
        history["history"]["workflows"] = json!(["a", "b", "c"]);
        history["history"]["goal_tenths"] = json!(300);
        history["history"]["set_aside"] = json!({ "minor": 100, "currency": "USD" });
        assert_eq!(unlocked(&history).len(), SOURCES.len());
    }
}
